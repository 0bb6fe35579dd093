/**
 * Imports an archive of images into the store. The owner of the browser may import under every name, also those that
 * users may not push to, as `docker.io/library/mongo`; but not over a tag of the catalogue: the catalogue's image is
 * what a pull gets, and an import that nobody could pull is refused with words instead.
 */
import { DrydockError } from '../error.ts';
import { ArchiveFiles, damaged } from './archive-files.ts';
import { planImages, type PlannedImage, type PlannedManifest } from './archive-plan.ts';
import { familiarName, isDigest, parseReference } from './names.ts';
import type { Repositories } from './repositories.ts';
import type { Uploads } from './uploads.ts';

export interface ImportOptions {
  /** The name to give to the archive's one image, as `docker tag` takes it; by default its own. */
  as?: string | undefined;
  /** For an image without a name: `NAME` makes it `docker.io/local/NAME`; `image` by default. */
  name?: string | undefined;
}

export interface ImportedImage {
  /** With the registry. */
  repository: string;
  tag: string;
  digest: string;
  /** As in `linux/386`; what has none of it does not run in Drydock. */
  platforms: string[];
}

interface Target {
  repository: string;
  tag: string;
}

/**
 * Reads an OCI archive or one of `docker save`, as tar or tar.gz, and proves every digest and size in it.
 * @throws DrydockError `damaged-file`; `wrong-state` for a name that the catalogue has; `storage-full`.
 * Nothing of the archive is kept then.
 */
export async function importArchive(
  repositories: Repositories,
  uploads: Uploads,
  archive: ReadableStream<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportedImage[]> {
  const files = new ArchiveFiles(repositories.store, uploads);
  try {
    await files.read(archive);
    const images = await planImages(files);
    const named = images.map((image) => ({ image, targets: targetsOf(image, images.length, options) }));
    for (const { targets } of named) for (const target of targets) refuseCatalogue(repositories, target);
    const imported: ImportedImage[] = [];
    for (const { image, targets } of named) {
      for (const target of targets) {
        await keep(repositories, image.top, target);
        imported.push({ ...target, digest: image.top.manifest.digest, platforms: image.top.platforms });
      }
    }
    return imported;
  } finally {
    await files.discard();
  }
}

function targetsOf({ names }: PlannedImage, images: number, { as, name = 'image' }: ImportOptions): Target[] {
  if (as !== undefined) {
    if (images > 1)
      throw new DrydockError(
        'wrong-state',
        `The archive holds ${images} images; one name does not do for all.`,
      );
    return [target(as)];
  }
  const local = `docker.io/local/${localName(name)}`;
  if (names.length === 0) return [{ repository: local, tag: 'latest' }];
  return names.map(({ reference, tag }) =>
    reference === undefined ? { repository: local, tag: tag ?? 'latest' } : target(reference),
  );
}

function target(text: string): Target {
  const parsed = parseReference(text);
  if (!parsed || isDigest(parsed.reference)) throw damaged(`${JSON.stringify(text)} is no name with a tag.`);
  return { repository: parsed.repository, tag: parsed.reference };
}

/** What of a file's name a repository may be called. */
function localName(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['image'];
  return words.join('-').slice(0, 100).replace(/-$/, '');
}

function refuseCatalogue({ catalogue }: Repositories, { repository, tag }: Target): void {
  if (catalogue.tag(repository, tag) === undefined) return;
  const name = `${familiarName(repository)}:${tag}`;
  throw new DrydockError(
    'wrong-state',
    `${name} is an image of the catalogue, which an import does not replace. Import it under another name.`,
    { reason: 'in-catalogue', repository, tag },
  );
}

/** Blobs, then the manifests that others need, then the manifest itself with its tag. */
async function keep(
  repositories: Repositories,
  { manifest, files, children }: PlannedManifest,
  { repository, tag }: { repository: string; tag?: string },
): Promise<void> {
  const { store } = repositories;
  const done: string[] = [];
  try {
    for (const child of children) await keep(repositories, child, { repository });
    for (const { upload, digest } of files) {
      // An image under a second name, or a layer of two images, is a blob already.
      if (!(await store.finishUpload(upload, digest, repository))) await store.link(repository, digest);
      done.push(digest);
    }
    const result = await store.putManifest(repository, manifest, tag, () => undefined);
    if (result.state === 'incomplete') throw damaged('it was changed while it was being imported.');
  } catch (error) {
    await store.dropUnneededBlobs(repository, done);
    throw error;
  }
}
