/** The hub's images as the app's page lists them. */
import type { CatalogueRepository } from './catalogue.ts';
import { familiarName } from './names.ts';
import { parseManifest } from './manifest.ts';
import type { ManifestRecord } from './records.ts';
import type { Repositories } from './repositories.ts';

/**
 * `complete` can be pulled. `hidden`: the catalogue has the same tag, and that one is pulled. `incomplete`: it was
 * pushed upon layers of the catalogue that the present catalogue has no more.
 */
export type ImageState = 'complete' | 'hidden' | 'incomplete';

export interface ListedImage {
  /** Undefined for one that is reached by its digest only, as when its tag has moved on. */
  tag: string | undefined;
  digest: string;
  /** Of the manifest and all that it needs; layers that images share count in each. */
  bytes: number;
  /** When it was pushed or imported, ms since 1970; undefined in the catalogue. */
  pushed: number | undefined;
  state: ImageState;
}

export interface ListedRepository {
  /** With the registry: `docker.io/library/nginx`. */
  repository: string;
  /** As people write it: `nginx`. */
  name: string;
  /** A repository that is in both is listed twice. */
  origin: 'catalogue' | 'pushed';
  /** What the catalogue says of it; for the pushed, undefined. */
  about: Omit<CatalogueRepository, 'name' | 'tags'> | undefined;
  images: ListedImage[];
}

/** All repositories, the catalogue's first, by name. */
export async function listImages(repositories: Repositories): Promise<ListedRepository[]> {
  const listed: ListedRepository[] = [];
  for (const { name, tags, ...about } of repositories.catalogue.repositories.values()) {
    const images = Object.entries(tags).map(([tag, { digest, blobs }]): ListedImage => {
      const bytes = repositories.catalogue.size([digest, ...blobs]);
      return { tag, digest, bytes, pushed: undefined, state: 'complete' };
    });
    listed.push({ repository: name, name: familiarName(name), origin: 'catalogue', about, images });
  }
  listed.sort((one, other) => (one.repository < other.repository ? -1 : 1));
  for (const repository of await repositories.store.repositories('')) {
    const images = await pushedImages(repositories, repository);
    listed.push({ repository, name: familiarName(repository), origin: 'pushed', about: undefined, images });
  }
  return listed;
}

async function pushedImages({ store, catalogue }: Repositories, repository: string): Promise<ListedImage[]> {
  const [tags, manifests] = [await store.tags(repository), await store.manifests(repository)];
  const linked = new Set<string>();
  for (const digest of new Set([...manifests.values()].flatMap((manifest) => manifest.blobs))) {
    const blob = await store.blob(repository, digest);
    if (blob?.state === 'kept' || catalogue.anyBlob(digest)) linked.add(digest);
  }
  const describe = (digest: string): Pick<ListedImage, 'digest' | 'bytes' | 'state'> => {
    const { sizes, whole } = contents(digest, manifests, linked);
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    return { digest, bytes, state: whole ? 'complete' : 'incomplete' };
  };
  const tagged = tags.map(({ tag, digest, since }): ListedImage => {
    const image = describe(digest);
    const state = catalogue.tag(repository, tag) === undefined ? image.state : 'hidden';
    return { ...image, tag, pushed: since, state };
  });
  const reached = new Set([
    ...tags.map((tag) => tag.digest),
    ...[...manifests.values()].flatMap((one) => one.children),
  ]);
  const untagged = [...manifests]
    .filter(
      ([digest, { subject }]) => !reached.has(digest) && !(subject !== undefined && manifests.has(subject)),
    )
    .map(([digest, { since }]): ListedImage => ({ ...describe(digest), tag: undefined, pushed: since }));
  return [...tagged, ...untagged];
}

/** Sizes of everything that an image needs, by digest, and whether all of it is there. */
function contents(
  digest: string,
  manifests: ReadonlyMap<string, ManifestRecord>,
  linked: ReadonlySet<string>,
): { sizes: Map<string, number>; whole: boolean } {
  const record = manifests.get(digest);
  if (!record) return { sizes: new Map(), whole: false };
  const sizes = new Map([[digest, record.body.length]]);
  const parsed = parseManifest(record.body, record.mediaType);
  let whole = record.blobs.every((blob) => linked.has(blob));
  if (typeof parsed !== 'string' && parsed.kind === 'image')
    for (const blob of [parsed.image.config, ...parsed.image.layers]) sizes.set(blob.digest, blob.size);
  for (const child of record.children) {
    const inner = contents(child, manifests, linked);
    whole &&= inner.whole;
    for (const [blob, size] of inner.sizes) sizes.set(blob, size);
  }
  return { sizes, whole };
}
