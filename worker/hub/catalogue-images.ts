/** The catalogue, indexed for the questions that a registry asks. */
import type { FileSource } from '../vm/source.ts';
import { catalogueStream, type ByteRange, type ByteStream } from './blob-stream.ts';
import { blobFile, type Catalogue, type CatalogueBlob, type CatalogueRepository } from './catalogue.ts';

export interface PublishedBlob extends CatalogueBlob {
  digest: string;
}

export class CatalogueImages {
  readonly repositories: ReadonlyMap<string, CatalogueRepository>;
  private readonly digests = new Map<string, ReadonlySet<string>>();
  private readonly blobs: ReadonlyMap<string, PublishedBlob>;

  constructor(
    { repositories, blobs }: Catalogue,
    private readonly source: FileSource,
  ) {
    this.repositories = new Map(repositories.map((repository) => [repository.name, repository]));
    this.blobs = new Map(Object.entries(blobs).map(([digest, blob]) => [digest, { ...blob, digest }]));
    for (const { name, tags } of repositories)
      this.digests.set(name, new Set(Object.values(tags).flatMap((tag) => [tag.digest, ...tag.blobs])));
  }

  /** Whether a repository of the catalogue is in this namespace, as in `docker.io/library`. */
  hasNamespace(namespace: string): boolean {
    return [...this.repositories.keys()].some((name) => name.startsWith(`${namespace}/`));
  }

  tag(repository: string, tag: string): string | undefined {
    const tags = this.repositories.get(repository)?.tags ?? {};
    return Object.hasOwn(tags, tag) ? tags[tag]?.digest : undefined;
  }

  /** A manifest or index of a repository. */
  manifest(repository: string, digest: string): (PublishedBlob & { mediaType: string }) | undefined {
    const blob = this.digests.get(repository)?.has(digest) ? this.blobs.get(digest) : undefined;
    return blob?.mediaType === undefined ? undefined : { ...blob, mediaType: blob.mediaType };
  }

  /** A configuration or layer of a repository. */
  blob(repository: string, digest: string): PublishedBlob | undefined {
    return this.digests.get(repository)?.has(digest) ? this.anyBlob(digest) : undefined;
  }

  /** A configuration or layer of any repository. */
  anyBlob(digest: string): PublishedBlob | undefined {
    const blob = this.blobs.get(digest);
    return blob?.mediaType === undefined ? blob : undefined;
  }

  /** Bytes of a tag's manifest and everything that it needs. */
  size(digests: Iterable<string>): number {
    let bytes = 0;
    for (const digest of new Set(digests)) bytes += this.blobs.get(digest)?.bytes ?? 0;
    return bytes;
  }

  /** @throws like `catalogueStream` */
  open(blob: PublishedBlob, range: ByteRange = { start: 0, end: blob.bytes }): Promise<ByteStream> {
    return catalogueStream(this.source, blobFile(blob.digest, blob), range);
  }
}
