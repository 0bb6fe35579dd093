/**
 * Writes the catalogue as the site serves it: `catalogue.json`, and in `blobs/` one file per blob, named by the file's hash.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  CATALOGUE_FORMAT,
  parseCatalogue,
  type Catalogue,
  type CatalogueBlob,
  type CatalogueRepository,
} from '../../worker/hub/catalogue.ts';
import { configuration, manifest, MANIFEST_TYPE } from './config.ts';
import { IMAGE_FILES } from './image.ts';
import type { ImportedImage } from './import.ts';
import type { Layer } from './layer.ts';
import type { ImageRecipe, Recipes } from './recipe.ts';

/** An image whose layers are made. */
export interface BuiltImage {
  image: ImageRecipe;
  /** The lowest first. */
  layers: { layer: Layer; file: string; name: string }[];
}

/** What the steps in `outputs` (folders by image name) have made; without the images that were skipped. */
export function builtImages(
  images: Map<string, ImageRecipe>,
  outputs: (name: string) => string,
): { built: Map<string, BuiltImage>; skipped: string[] } {
  const built = new Map<string, BuiltImage>();
  const skipped: string[] = [];
  for (const image of images.values()) {
    const { name, base } = image;
    const folder = outputs(name);
    const below =
      typeof base === 'string' && image.layer === 'difference' ? (built.get(base)?.layers ?? []) : [];
    if (existsSync(join(folder, IMAGE_FILES.skipped))) {
      skipped.push(name);
      continue;
    }
    const layer = JSON.parse(readFileSync(join(folder, IMAGE_FILES.layer), 'utf8')) as Layer | null;
    const own = layer ? [{ layer, file: join(folder, IMAGE_FILES.content), name }] : [];
    built.set(name, { image, layers: [...below, ...own] });
  }
  return { built, skipped };
}

export interface CatalogueContent {
  repositories: Recipes['repositories'];
  built: BuiltImage[];
  /** Each takes the place of the stand-in with its name and tag. */
  imported: ImportedImage[];
}

/** Writes the catalogue into `output`: `catalogue.json`, and the blobs in `blobs/`. */
export function writeCatalogue(
  { repositories, built, imported }: CatalogueContent,
  output: string,
): Catalogue {
  const blobs = new Blobs(join(output, 'blobs'));
  const found = new Map<string, CatalogueRepository>();
  for (const repository of repositories) found.set(repository.name, { ...repository, tags: {} });
  for (const { image, layers } of built) {
    if (Object.keys(image.tags).length === 0) continue;
    const config = configuration(labelled(image, repositories), layers);
    const top = manifest(
      config,
      layers.map(({ layer }) => layer),
    );
    blobs.addText(config.content);
    blobs.addText(top.content, MANIFEST_TYPE);
    for (const { layer, file } of layers) {
      const { digest, unpackedBytes } = layer;
      blobs.addFile(file, digest, { unpackedBytes });
    }
    const tag = { digest: top.digest, blobs: [config.digest, ...layers.map(({ layer }) => layer.digest)] };
    for (const [name, tags] of Object.entries(image.tags)) {
      for (const alias of tags) (found.get(name) ?? fail(name)).tags[alias] = tag;
    }
  }
  for (const image of imported) addImported(image, found, blobs);
  const content: Catalogue = {
    format: CATALOGUE_FORMAT,
    repositories: [...found.values()].filter(({ tags }) => Object.keys(tags).length > 0),
    blobs: blobs.entries,
  };
  const text = JSON.stringify(content);
  writeFileSync(join(output, 'catalogue.json'), text);
  return parseCatalogue(text);
}

function fail(name: string): never {
  throw new Error(`No recipe has repository ${name}.`);
}

function addImported(image: ImportedImage, found: Map<string, CatalogueRepository>, blobs: Blobs): void {
  const { repository: name, tag, manifest: top, labels } = image;
  const about = `\n\nThe tag \`${tag}\` is the real image, copied for linux/386: \`${top.digest}\`.`;
  const known = found.get(name) ?? {
    name,
    description:
      labels['org.opencontainers.image.description'] ?? `The image ${name}, copied from its registry`,
    about: 'Copied from its registry as it is.',
    origin: 'imported',
    keywords: [],
    stars: 0,
    licences: [labels['org.opencontainers.image.licenses'] ?? 'NOASSERTION'],
    tags: {},
  };
  blobs.addFile(top.file, top.digest, { mediaType: top.mediaType });
  for (const { digest, file } of image.blobs) blobs.addFile(file, digest);
  const tags = {
    ...known.tags,
    [tag]: { digest: top.digest, blobs: image.blobs.map(({ digest }) => digest) },
  };
  found.set(name, { ...known, about: known.about.trimEnd() + about, tags });
}

/** The blobs of a catalogue and their files. */
class Blobs {
  readonly entries: Catalogue['blobs'] = {};

  constructor(readonly folder: string) {
    mkdirSync(folder);
  }

  addText(content: Buffer, mediaType?: string): void {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    writeFileSync(this.#path(digest), content);
    this.#add(digest, content.length, { ...(mediaType !== undefined && { mediaType }) });
  }

  /** A file whose SHA-256 is `digest`. */
  addFile(path: string, digest: string, more: Pick<CatalogueBlob, 'mediaType' | 'unpackedBytes'> = {}): void {
    if (!existsSync(this.#path(digest))) place(path, this.#path(digest));
    this.#add(digest, statSync(path).size, more);
  }

  #path(digest: string): string {
    return join(this.folder, digest.replace('sha256:', ''));
  }

  #add(digest: string, bytes: number, more: Pick<CatalogueBlob, 'mediaType' | 'unpackedBytes'>): void {
    this.entries[digest] = { bytes, ...more };
  }
}

/** With labels that say what the image is: those of the first repository that it is in. */
function labelled(image: ImageRecipe, repositories: Recipes['repositories']): ImageRecipe {
  const repository = repositories.find(({ name }) => name in image.tags);
  if (!repository) return image;
  const { name, description, origin, licences } = repository;
  const what =
    origin === 'stand-in'
      ? `Stand-in for ${name}, made by Drydock from Debian packages: ${description}`
      : description;
  const labels = {
    'org.opencontainers.image.title': image.name,
    'org.opencontainers.image.description': what,
    'org.opencontainers.image.vendor': 'Drydock',
    'org.opencontainers.image.licenses': licences.join(' AND '),
    ...image.config.labels,
  };
  return { ...image, config: { ...image.config, labels } };
}

/** Gives a file another name, or copies it where that is on another file system. */
export function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
