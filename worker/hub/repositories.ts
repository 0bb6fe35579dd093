/**
 * All images of the hub under one roof: what the catalogue has and what users pushed. A repository may be in both,
 * when an archive was imported into one of the catalogue: then a tag or digest that both have is the catalogue's.
 */
import { storedStream, type ByteRange, type ByteStream } from './blob-stream.ts';
import type { CatalogueImages } from './catalogue-images.ts';
import { isDigest } from './names.ts';
import { compareTags, type HubStore } from './store.ts';

/** A manifest that was found. */
export interface FoundManifest {
  digest: string;
  mediaType: string;
  bytes: number;
  /** @throws DrydockError if its file cannot be read */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A blob that was found. */
export interface FoundBlob {
  bytes: number;
  /** @throws DrydockError if its file cannot be read */
  open(range?: ByteRange): Promise<ByteStream>;
}

/** A page of a sorted list. */
export interface Page {
  /** Only what comes after this; it need not be in the list. */
  after?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
}

export class Repositories {
  constructor(
    readonly store: HubStore,
    readonly catalogue: CatalogueImages,
  ) {}

  async exists(repository: string): Promise<boolean> {
    return this.catalogue.repositories.has(repository) || (await this.store.hasRepository(repository));
  }

  /** The manifest under a tag or digest. */
  async manifest(repository: string, reference: string): Promise<FoundManifest | undefined> {
    const digest = isDigest(reference)
      ? reference
      : (this.catalogue.tag(repository, reference) ?? (await this.store.tag(repository, reference))?.digest);
    if (digest === undefined) return undefined;
    const published = this.catalogue.manifest(repository, digest);
    if (published) {
      const { mediaType, bytes } = published;
      return { digest, mediaType, bytes, read: async () => collect(await this.catalogue.open(published)) };
    }
    const pushed = await this.store.manifest(repository, digest);
    if (!pushed) return undefined;
    const { mediaType, body } = pushed;
    return { digest, mediaType, bytes: body.length, read: () => Promise.resolve(body) };
  }

  async blob(repository: string, digest: string): Promise<FoundBlob | undefined> {
    let published = this.catalogue.blob(repository, digest);
    if (!published) {
      const linked = await this.store.blob(repository, digest);
      if (linked?.state === 'kept') {
        const { bytes, content } = linked;
        return {
          bytes,
          open: (range = { start: 0, end: bytes }) =>
            Promise.resolve(storedStream(this.store, content, range)),
        };
      }
      if (linked) published = this.catalogue.anyBlob(digest);
    }
    return published && { bytes: published.bytes, open: (range) => this.catalogue.open(published, range) };
  }

  async tags(repository: string, { after, limit = Infinity }: Page = {}): Promise<string[]> {
    const published = Object.keys(this.catalogue.repositories.get(repository)?.tags ?? {}).filter(
      (tag) => after === undefined || compareTags(tag, after) > 0,
    );
    const pushed = await this.store.tags(repository, after, finite(limit));
    return merged(
      published,
      pushed.map((tag) => tag.tag),
      compareTags,
    ).slice(0, limit);
  }

  /** Names of a registry's repositories, with the registry. */
  async names(registry: string, { after, limit = Infinity }: Page = {}): Promise<string[]> {
    const prefix = `${registry}/`;
    const published = [...this.catalogue.repositories.keys()].filter(
      (name) => name.startsWith(prefix) && (after === undefined || name > after),
    );
    const pushed = await this.store.repositories(prefix, after, finite(limit));
    return merged(published, pushed, compareNames).slice(0, limit);
  }

  /** All repositories of all registries. */
  async allNames(): Promise<string[]> {
    const pushed = await this.store.repositories('');
    return merged([...this.catalogue.repositories.keys()], pushed, compareNames);
  }
}

const compareNames = (one: string, other: string): number => (one < other ? -1 : 1);

const finite = (limit: number): number | undefined => (Number.isFinite(limit) ? limit : undefined);

function merged(one: string[], other: string[], order: (a: string, b: string) => number): string[] {
  return [...new Set([...one, ...other])].sort(order);
}

/** A small stream's bytes. */
export async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
