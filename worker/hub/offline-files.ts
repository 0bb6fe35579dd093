/**
 * Which files of the site an image of the catalogue needs, and how many of them the browser keeps. Images share
 * layers, so that keeping or forgetting one changes what another still has to fetch.
 */
import { keptShare, type KeptShare, type NeededFile } from '../kept-files.ts';
import { blobFile, type Catalogue } from './catalogue.ts';
import { parseReference } from './names.ts';

/** Some of the catalogue's images. */
export type ImageSet =
  | { of: 'everything' }
  | { of: 'repository'; repository: string }
  /** One image, under however many tags. */
  | { of: 'image'; repository: string; digest: string }
  /** Images as `docker pull` names them; those that the catalogue has. */
  | { of: 'named'; names: readonly string[] };

/** Sizes of images. */
export interface Availability extends KeptShare {
  /** What their layers hold; undefined where the catalogue does not say. */
  unpackedBytes: number | undefined;
}

type Tag = Catalogue['repositories'][number]['tags'][string];

/** A file, and what the layer in it holds. */
interface ImageFile extends NeededFile {
  unpackedBytes: number;
}

/** The files that `set` needs, by path. */
export function filesOf(catalogue: Catalogue, set: ImageSet): Map<string, ImageFile> {
  return filesOfTags(catalogue, tagsOf(catalogue, set));
}

/** @param kept paths of the files that are kept */
export function availability(catalogue: Catalogue, set: ImageSet, kept: ReadonlySet<string>): Availability {
  const files = [...filesOf(catalogue, set).values()];
  const unpackedBytes = files.reduce((sum, file) => sum + file.unpackedBytes, 0);
  return { ...keptShare(files, kept), unpackedBytes: unpackedBytes || undefined };
}

/**
 * Paths of the files of `set` that no image outside of it, which is kept whole, needs. The same image under another
 * name is not outside.
 */
export function droppable(catalogue: Catalogue, set: ImageSet, kept: ReadonlySet<string>): string[] {
  const dropped = new Set(tagsOf(catalogue, set).map(({ digest }) => digest));
  const others = tagsOf(catalogue, { of: 'everything' }).filter(
    (tag) =>
      !dropped.has(tag.digest) && [...filesOfTags(catalogue, [tag]).keys()].every((path) => kept.has(path)),
  );
  const needed = filesOfTags(catalogue, others);
  return [...filesOf(catalogue, set).keys()].filter((path) => kept.has(path) && !needed.has(path));
}

function tagsOf({ repositories }: Catalogue, set: ImageSet): Tag[] {
  if (set.of === 'named') {
    const references = set.names.map((name) => parseReference(name));
    return repositories.flatMap(({ name, tags }) =>
      Object.entries(tags)
        .filter(([tag]) => references.some((each) => each?.repository === name && each.reference === tag))
        .map(([, image]) => image),
    );
  }
  return repositories
    .filter(({ name }) => set.of === 'everything' || set.repository === name)
    .flatMap(({ tags }) => Object.values(tags))
    .filter(({ digest }) => set.of !== 'image' || set.digest === digest);
}

/** By path. */
function filesOfTags({ blobs }: Catalogue, tags: readonly Tag[]): Map<string, ImageFile> {
  const found = new Map<string, ImageFile>();
  for (const digest of tags.flatMap((tag) => [tag.digest, ...tag.blobs])) {
    const blob = blobs[digest];
    if (!blob) continue;
    const file = blobFile(digest, blob);
    const { path, bytes } = file;
    found.set(path, { path, bytes, expected: file, unpackedBytes: blob.unpackedBytes ?? 0 });
  }
  return found;
}
