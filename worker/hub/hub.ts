/**
 * The hub: what answers in the place of Docker Hub, ghcr.io, quay.io and the mirror of Docker Hub. It is a function
 * from request to response, plus what the app's page of images does with the same store; of machines and networks it
 * knows nothing.
 */
import type { FileSource } from '../vm/source.ts';
import { Access } from './access.ts';
import { Accounts } from './accounts.ts';
import { exportImage } from './archive-export.ts';
import { importArchive, type ImportedImage, type ImportOptions } from './archive-import.ts';
import type { ByteStream } from './blob-stream.ts';
import { CATALOGUE_FORMAT, type Catalogue } from './catalogue.ts';
import { CatalogueImages } from './catalogue-images.ts';
import { MIRROR_NAME } from './host-names.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { listImages, type ListedRepository } from './image-list.ts';
import { IndexService } from './index-service.ts';
import { isDigest } from './names.ts';
import { REGISTRIES } from './registries.ts';
import { Registry } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import { Repositories } from './repositories.ts';
import type { HubStore } from './store.ts';
import { suggest, type Suggestions } from './suggestions.ts';
import { TokenService } from './token-service.ts';
import { Tokens } from './tokens.ts';
import { Uploads } from './uploads.ts';

export interface HubOptions {
  store: HubStore;
  /** The images that the site brings, and where their files are read. */
  catalogue?: { index: Catalogue; source: FileSource } | undefined;
}

/** A pull of an image that the hub does not have. */
export interface UnknownImage {
  /** With the registry: `docker.io/library/mongo`. */
  repository: string;
  /** Tag or digest. */
  reference: string;
}

export interface Hub {
  /** Answers a request to one of the hub's hosts; others get 404. Never throws. */
  fetch(request: HttpRequest): Promise<Response>;
  /** All repositories, the catalogue's first. */
  list(): Promise<ListedRepository[]>;
  /**
   * Removes what was pushed: a tag (and its image, if it has no other), an image by its digest, or without a reference
   * the whole repository. Blobs that no image needs any more go too.
   * @returns whether there was any; never touches the catalogue
   */
  remove(repository: string, reference?: string): Promise<boolean>;
  /**
   * Streams an image out as an OCI archive (which `docker load` reads as well).
   * @throws DrydockError `wrong-state` if it is not there or not whole
   */
  export(repository: string, reference: string): Promise<ByteStream>;
  /**
   * Takes in an OCI archive or one of `docker save`, as tar or tar.gz, under the names that it carries or one that is
   * given. A tag of the catalogue cannot be replaced: the catalogue wins, so such an import is refused.
   * @throws DrydockError `damaged-file`, `wrong-state`, `storage-full`; nothing is kept then
   */
  import(archive: ReadableStream<Uint8Array>, options?: ImportOptions): Promise<ImportedImage[]>;
  /** What the hub has in the place of an image that it has not. */
  suggest(reference: string): Promise<Suggestions>;
  /**
   * Hears of pulls that failed because the image is not there (not of the mirror, behind which the Engine asks Docker
   * Hub). One pull may be heard of more than once: clients ask again.
   * @returns a function that ends it
   */
  onUnknown(listener: (image: UnknownImage) => void): () => void;
}

/** One of the servers that the hub stands for: those paths of a host that it answers. */
interface Service {
  host: string;
  answers: (path: string) => boolean;
  fetch: (request: HttpRequest) => Promise<Response>;
}

const EMPTY: NonNullable<HubOptions['catalogue']> = {
  index: { format: CATALOGUE_FORMAT, repositories: [], blobs: {} },
  source: { read: () => Promise.reject(new Error('An empty catalogue has no files.')) },
};

export function createHub({ store, catalogue = EMPTY }: HubOptions): Hub {
  const images = new CatalogueImages(catalogue.index, catalogue.source);
  const repositories = new Repositories(store, images);
  const uploads = new Uploads(store);
  const accounts = new Accounts(store, images);
  const tokens = new Tokens(store);
  const listeners = new Set<(image: UnknownImage) => void>();
  const unknown = (repository: string, reference: string): void => {
    for (const listener of listeners) listener({ repository, reference });
  };

  const services: Service[] = [];
  for (const host of REGISTRIES) {
    const access = new Access(host, repositories, accounts, tokens);
    const service = new TokenService(access, accounts, tokens, store.now);
    const registry = new Registry({ registry: host.name, repositories, uploads, access, unknown });
    const index = new IndexService(host, repositories, accounts);
    const realm = new URL(host.realm);
    services.push({
      host: realm.hostname,
      answers: (path) => path === realm.pathname,
      fetch: (request) => service.fetch(request),
    });
    for (const name of host.hosts) {
      services.push({ host: name, answers: isApi, fetch: (request) => registry.fetch(request) });
      services.push({
        host: name,
        answers: (path) => path.startsWith('/v1/'),
        fetch: (request) => index.fetch(request),
      });
    }
  }
  const mirror = new Registry({
    registry: 'docker.io',
    repositories,
    uploads,
    access: { authorize: readOnly },
  });
  services.push({ host: MIRROR_NAME, answers: isApi, fetch: (request) => mirror.fetch(request) });
  const hosts = new Set(services.map(({ host }) => host));

  return {
    fetch: async (request) => {
      try {
        const { hostname, pathname } = new URL(request.url);
        const service = services.find(({ host, answers }) => host === hostname && answers(pathname));
        if (service) return await service.fetch(request);
        return failed(`There is no ${hosts.has(hostname) ? pathname : hostname} in the hub.`, 404);
      } catch (error) {
        return failed(`The hub failed: ${error instanceof Error ? error.message : String(error)}`, 500);
      }
    },
    list: () => listImages(repositories),
    remove: (repository, reference) => {
      if (reference === undefined) return store.deleteRepository(repository);
      return isDigest(reference)
        ? store.deleteManifest(repository, reference)
        : store.deleteTag(repository, reference, 'drop-manifest');
    },
    export: (repository, reference) => exportImage(repositories, repository, reference),
    import: (archive, options) => importArchive(repositories, uploads, archive, options),
    suggest: (reference) => suggest(repositories, reference),
    onUnknown: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const isApi = (path: string): boolean => /^\/v2(?:\/|$)/.test(path);

function failed(message: string, status: number): Response {
  return new RegistryError('UNKNOWN', message, { status }).response();
}

/** The mirror's access: everybody reads. */
const readOnly: Access['authorize'] = (request) => {
  if (request.method === 'GET' || request.method === 'HEAD') return Promise.resolve(new Set(['pull']));
  return Promise.reject(
    new RegistryError('UNSUPPORTED', 'The mirror is read-only; push to docker.io itself.'),
  );
};
