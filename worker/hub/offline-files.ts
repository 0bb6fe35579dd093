/**
 * Which files of the site an image of the catalogue needs, and how many of them the browser keeps. Images share
 * layers, so that keeping or forgetting one changes what another still has to fetch.
 */
import type { ReleaseFile } from '../release-file.ts';
import { blobFile, type Catalogue } from './catalogue.ts';

/** Some of the catalogue's images. */
export type ImageSet =
  | { of: 'everything' }
  | { of: 'repository'; repository: string }
  /** One image, under however many tags. */
  | { of: 'image'; repository: string; digest: string };

/** Sizes of images. */
export interface Availability {
  /** Of all files, as they are downloaded. */
  bytes: number;
  /** Of those that are kept and can be used without a network. */
  keptBytes: number;
  /** What their layers hold; undefined where the catalogue does not say. */
  unpackedBytes: number | undefined;
}

type Tag = Catalogue['repositories'][number]['tags'][string];

/** A file, and what the layer in it holds. */
interface NeededFile extends ReleaseFile {
  unpackedBytes: number;
}

/** The files that `set` needs, by path. */
export function filesOf(catalogue: Catalogue, set: ImageSet): Map<string, NeededFile> {
  return filesOfTags(catalogue, tagsOf(catalogue, set));
}

/** @param kept paths of the files that are kept */
export function availability(catalogue: Catalogue, set: ImageSet, kept: ReadonlySet<string>): Availability {
  let [bytes, keptBytes, unpackedBytes] = [0, 0, 0];
  for (const file of filesOf(catalogue, set).values()) {
    bytes += file.bytes;
    if (kept.has(file.path)) keptBytes += file.bytes;
    unpackedBytes += file.unpackedBytes;
  }
  return { bytes, keptBytes, unpackedBytes: unpackedBytes || undefined };
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
  return repositories
    .filter(({ name }) => set.of === 'everything' || set.repository === name)
    .flatMap(({ tags }) => Object.values(tags))
    .filter(({ digest }) => set.of !== 'image' || set.digest === digest);
}

/** By path. */
function filesOfTags({ blobs }: Catalogue, tags: readonly Tag[]): Map<string, NeededFile> {
  const found = new Map<string, NeededFile>();
  for (const digest of tags.flatMap((tag) => [tag.digest, ...tag.blobs])) {
    const blob = blobs[digest];
    if (!blob) continue;
    const file = blobFile(digest, blob);
    found.set(file.path, { ...file, unpackedBytes: blob.unpackedBytes ?? 0 });
  }
  return found;
}
