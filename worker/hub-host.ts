/**
 * The hub for the page that shows its images, without a machine. A machine's worker has a hub of its own on the same
 * stores of the browser: what is pushed there is listed here, what is kept or imported here is pulled there.
 */
import { proxy, type ProxyMarked } from 'comlink';
import { DrydockError } from './error.ts';
import type { ImportedImage, ImportOptions } from './hub/archive-import.ts';
import type { ListedImage, ListedRepository } from './hub/image-list.ts';
import { readSettings, type ImageSettings } from './hub/image-settings.ts';
import { availability, droppable, filesOf, type Availability, type ImageSet } from './hub/offline-files.ts';
import { openLocalHub, type LocalHubParts } from './hub/open-hub.ts';
import type { KeptShare } from './kept-files.ts';
import { KeptMachine, MANIFEST } from './kept-machine.ts';
import { KeptRelease } from './kept-release.ts';
import type { ProfileName } from './protocol.ts';
import { Tasks, type OnProgress } from './tasks.ts';
import { parseManifest } from './vm/release.ts';

/** Downloads at a time: a layer is held in memory whole while it comes. */
const LAYERS_AT_ONCE = 3;

/** Bytes of an archive that are gathered before the browser takes them, which may be to its disk. */
const GATHERED_BYTES = 4 * 1024 * 1024;

export interface ShownImage extends ListedImage {
  /** Of the catalogue's images: the files that it needs. */
  offline: Availability | undefined;
}

export interface ShownRepository extends Omit<ListedRepository, 'images'> {
  images: ShownImage[];
  /** The same, for all its images together. */
  offline: Availability | undefined;
}

export interface HubListing {
  repositories: ShownRepository[];
  /** Of the whole catalogue. */
  offline: Availability;
  /** Of the machine; undefined where the browser keeps nothing. */
  machine: KeptShare | undefined;
  /** Whether the browser can keep files of this page (that needs HTTPS or localhost). */
  keeping: 'possible' | 'impossible';
}

/** What can be had for use without a network. */
export type OfflineSet =
  | ImageSet
  | { of: 'machine' }
  /** The machine, and the images that lessons name. */
  | { of: 'lessons'; images: readonly string[] };

export class LocalHub {
  readonly #parts: LocalHubParts;
  readonly #machine: KeptMachine | undefined;
  readonly #tasks = new Tasks();

  constructor(parts: LocalHubParts, machine?: KeptMachine) {
    this.#parts = parts;
    this.#machine = machine;
  }

  /**
   * Opens the hub of the release at `base`, an absolute URL that ends in `/`, and forgets files that an earlier
   * release's catalogue needed (unless that release is the one that is kept for use without a network). `profile` is the
   * machine to keep.
   * @throws DrydockError `download-failed`, `damaged-file`, `wrong-release`
   */
  static async open(base: string, profile: ProfileName): Promise<LocalHub> {
    const source = new KeptRelease(base);
    const bytes = await source.read(MANIFEST, { cache: 'no-cache' });
    const text = new TextDecoder().decode(bytes);
    const manifest = parseManifest(text);
    const parts = await openLocalHub(source, manifest.catalogue);
    const files = await source.kept;
    const machine = files && (await KeptMachine.open(files, source, bytes, manifest, profile));
    const { catalogue, kept } = parts;
    const keptManifest = await files?.readKept(MANIFEST);
    const isKept = keptManifest === undefined || new TextDecoder().decode(keptManifest) === text;
    if (kept && isKept) {
      const current = new Set([manifest.catalogue.path, ...filesOf(catalogue, { of: 'everything' }).keys()]);
      await kept.drop([...(await kept.paths())].filter((path) => !current.has(path)));
    }
    return new LocalHub(parts, machine);
  }

  async list(): Promise<HubListing> {
    const { hub, catalogue, kept } = this.#parts;
    const [repositories, paths] = [await hub.list(), await kept?.paths()];
    const offline = (set: ImageSet): Availability => availability(catalogue, set, paths ?? new Set());
    return {
      repositories: repositories.map((repository): ShownRepository => {
        const name = repository.repository;
        const published = repository.origin === 'catalogue';
        return {
          ...repository,
          offline: published ? offline({ of: 'repository', repository: name }) : undefined,
          images: repository.images.map((image) => ({
            ...image,
            offline: published ? offline({ of: 'image', repository: name, digest: image.digest }) : undefined,
          })),
        };
      }),
      offline: offline({ of: 'everything' }),
      machine: await this.#machine?.share(),
      keeping: kept ? 'possible' : 'impossible',
    };
  }

  /** The sizes of several sets, in their order; undefined where the browser keeps nothing. */
  async shares(sets: readonly OfflineSet[]): Promise<KeptShare[] | undefined> {
    const { catalogue, kept } = this.#parts;
    const machine = await this.#machine?.share();
    const paths = await kept?.paths();
    if (!machine || !paths) return undefined;
    return sets.map((set): KeptShare => {
      if (set.of === 'machine') return machine;
      if (set.of !== 'lessons') return availability(catalogue, set, paths);
      const images = availability(catalogue, imagesOf(set), paths);
      return { bytes: machine.bytes + images.bytes, keptBytes: machine.keptBytes + images.keptBytes };
    });
  }

  /** What an image of the catalogue says of how it runs. Its files are not kept by that. @throws like `readSettings` */
  async settings(digest: string): Promise<ImageSettings> {
    const { catalogue, source, kept } = this.#parts;
    const paths = await kept?.paths();
    return readSettings(
      catalogue,
      { read: (path, options) => (kept && paths?.has(path) ? kept : source).read(path, options) },
      digest,
    );
  }

  /** See `Hub.remove`. */
  remove(repository: string, reference?: string): Promise<boolean> {
    return this.#parts.hub.remove(repository, reference);
  }

  /**
   * An image as an OCI archive, which `docker load` reads. An image of the catalogue is kept by that.
   * @param bytes of the image, for the progress
   * @throws DrydockError like `Hub.export`
   */
  export(
    task: number,
    repository: string,
    reference: string,
    bytes: number,
    onProgress: OnProgress,
  ): Promise<Blob> {
    return this.#tasks.run(task, onProgress, async (signal, tell) => {
      const archive = await this.#parts.hub.export(repository, reference);
      const pieces: Blob[] = [];
      let gathered: Uint8Array<ArrayBuffer>[] = [];
      let [loadedBytes, gatheredBytes] = [0, 0];
      const hand = (): void => {
        pieces.push(new Blob(gathered));
        [gathered, gatheredBytes] = [[], 0];
      };
      const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
        write(chunk) {
          gathered.push(chunk);
          gatheredBytes += chunk.length;
          loadedBytes += chunk.length;
          if (gatheredBytes >= GATHERED_BYTES) hand();
          tell({ loadedBytes: Math.min(loadedBytes, bytes), totalBytes: bytes });
        },
      });
      await archive.pipeTo(sink, { signal });
      hand();
      return new Blob(pieces, { type: 'application/x-tar' });
    });
  }

  /** @throws DrydockError like `Hub.import` */
  import(
    task: number,
    archive: Blob,
    options: ImportOptions,
    onProgress: OnProgress,
  ): Promise<ImportedImage[]> {
    return this.#tasks.run(task, onProgress, (signal, tell) => {
      let loadedBytes = 0;
      const counter = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          tell({ loadedBytes: (loadedBytes += chunk.length), totalBytes: archive.size });
          controller.enqueue(chunk);
        },
      });
      return this.#parts.hub.import(archive.stream().pipeThrough(counter, { signal }), options);
    });
  }

  /**
   * Keeps the files of a set for use without a network; those that came stay when it fails or is cancelled.
   * @throws DrydockError `storage-full`, `download-failed`, `damaged-file`; `unsupported-browser` where nothing can be kept
   */
  keep(task: number, set: OfflineSet, onProgress: OnProgress): Promise<void> {
    return this.#tasks.run(task, onProgress, async (signal, tell) => {
      if (set.of === 'machine') return this.#required(this.#machine).keep(signal, tell);
      if (set.of !== 'lessons') return this.#keepImages(set, signal, tell);
      const missing = async (part: OfflineSet): Promise<number> => {
        const [share] = (await this.shares([part])) ?? [];
        return share ? share.bytes - share.keptBytes : 0;
      };
      const [machine, images] = [await missing({ of: 'machine' }), await missing(imagesOf(set))];
      const totalBytes = machine + images;
      await this.#required(this.#machine).keep(signal, ({ loadedBytes }) => {
        tell({ loadedBytes, totalBytes });
      });
      await this.#keepImages(imagesOf(set), signal, ({ loadedBytes }) => {
        tell({ loadedBytes: machine + loadedBytes, totalBytes });
      });
    });
  }

  /**
   * Forgets the files of a set, except those that other images need which are kept whole. Of lessons it forgets the
   * images: all others need the machine too.
   * @returns `needed` if that is all of them, so that nothing has changed
   */
  async drop(set: OfflineSet): Promise<'dropped' | 'needed'> {
    if (set.of === 'machine') return (await this.#required(this.#machine).drop()) ? 'dropped' : 'needed';
    const kept = this.#required(this.#parts.kept);
    const images = set.of === 'lessons' ? imagesOf(set) : set;
    const paths = droppable(this.#parts.catalogue, images, await kept.paths());
    await kept.drop(paths);
    return paths.length > 0 ? 'dropped' : 'needed';
  }

  /** Ends a task of `export`, `import` or `keep`; it rejects. */
  cancel(task: number): void {
    this.#tasks.cancel(task);
  }

  #keepImages(set: ImageSet, signal: AbortSignal, tell: OnProgress): Promise<void> {
    const files = filesOf(this.#parts.catalogue, set).values();
    return this.#required(this.#parts.kept).keep(files, LAYERS_AT_ONCE, signal, tell);
  }

  #required<T>(keeper: T | undefined): T {
    if (keeper) return keeper;
    throw new DrydockError('unsupported-browser', 'The browser keeps no files of a page without HTTPS.');
  }
}

function imagesOf({ images }: Extract<OfflineSet, { of: 'lessons' }>): ImageSet {
  return { of: 'named', names: images };
}

export const hubHost = {
  /** @throws like `LocalHub.open` */
  async open(base: string, profile: ProfileName): Promise<LocalHub & ProxyMarked> {
    return proxy(await LocalHub.open(base, profile));
  },
};

export type HubHost = typeof hubHost;
