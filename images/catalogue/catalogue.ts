/**
 * The catalogue as the site serves it: `catalogue.json` and one file per blob, named by the file's hash. Images that this
 * host could not make are left out, and a warning names them.
 */
import { createHash } from 'node:crypto';
import { existsSync, linkSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beside, step, type Step } from '../pipeline/step.ts';
import { CATALOGUE_FORMAT, parseCatalogue, type Catalogue } from '../../worker/hub/catalogue.ts';
import { configuration, manifest, MANIFEST_TYPE, type JsonBlob } from './config.ts';
import { IMAGE_FILES, imageSteps } from './image.ts';
import type { Layer } from './layer.ts';
import { readRecipes, type ImageRecipe, type Recipes } from './recipe.ts';

/** Folder of the blobs in the release. */
export const BLOBS = 'catalogue/blobs';

type BlobEntry = Catalogue['blobs'][string];

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

/** Writes the catalogue of `built` into `output`: `catalogue.json`, and the blobs in `blobs/`. */
export function writeCatalogue(
  repositories: Recipes['repositories'],
  built: Iterable<BuiltImage>,
  output: string,
): Catalogue {
  mkdirSync(join(output, 'blobs'));
  const blobs: Record<string, BlobEntry> = {};
  const tags = new Map<string, Catalogue['repositories'][number]['tags']>();
  const addJson = ({ digest, content }: JsonBlob, mediaType?: string): void => {
    const sha256 = digest.replace('sha256:', '');
    writeFileSync(join(output, 'blobs', sha256), content);
    const file = { path: `${BLOBS}/${sha256}`, bytes: content.length, sha256 };
    blobs[digest] = { bytes: content.length, file, encoding: 'identity', ...(mediaType && { mediaType }) };
  };
  for (const { image, layers } of built) {
    if (Object.keys(image.tags).length === 0) continue;
    const config = configuration(labelled(image, repositories), layers);
    const top = manifest(
      config,
      layers.map(({ layer }) => layer),
    );
    addJson(config);
    addJson(top, MANIFEST_TYPE);
    for (const { layer, file } of layers) {
      const { digest, bytes } = layer;
      const sha256 = digest.replace('sha256:', '');
      const target = join(output, 'blobs', sha256);
      if (!existsSync(target)) place(file, target);
      blobs[digest] = { bytes, file: { path: `${BLOBS}/${sha256}`, bytes, sha256 }, encoding: 'identity' };
    }
    const needed = [config.digest, ...layers.map(({ layer }) => layer.digest)];
    for (const [repository, names] of Object.entries(image.tags)) {
      const entries = tags.get(repository) ?? {};
      for (const name of names) entries[name] = { digest: top.digest, blobs: needed };
      tags.set(repository, entries);
    }
  }
  const content = {
    format: CATALOGUE_FORMAT,
    repositories: repositories
      .filter(({ name }) => tags.has(name))
      .map((repository) => ({ ...repository, tags: tags.get(repository.name) ?? {} })),
    blobs,
  };
  const text = JSON.stringify(content);
  const catalogue = parseCatalogue(text);
  writeFileSync(join(output, 'catalogue.json'), text);
  return catalogue;
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

/** The same file under another name, copied only where that is another file system. */
export function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** A hash over the texts that recipes add to their images. */
function textHash({ repositories, images }: Recipes): string {
  const texts = [...images.values()].map(({ name, config, tags }) => ({ name, config, tags }));
  return createHash('sha256').update(JSON.stringify({ repositories, texts })).digest('hex');
}

export const recipes = readRecipes();

/** The steps that make the images, by name. */
export const images: Map<string, Step> = imageSteps(recipes.images);

export const catalogue = step({
  name: 'catalogue',
  title: 'Putting the catalogue of images together',
  seconds: 5,
  source: import.meta.url,
  files: [
    ...['config.ts', 'layer.ts'].map((file) => beside(import.meta.url, file)),
    beside(import.meta.url, '../../worker/hub/catalogue.ts'),
  ],
  settings: [textHash(recipes)],
  needs: Object.fromEntries(images),
  run({ output, needs, report }) {
    const { built, skipped } = builtImages(recipes.images, (name) => needs[name] ?? '');
    writeCatalogue(recipes.repositories, built.values(), output);
    if (skipped.length > 0)
      report(`This host cannot run i386 programs, so the hub is without these images: ${skipped.join(', ')}`);
    return Promise.resolve();
  },
});
