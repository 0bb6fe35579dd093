/**
 * Files of a release that this browser keeps, to be read without a network. They are in Cache Storage rather than in the
 * HTTP cache, which forgets as it likes and cannot tell what it has.
 */
import { DrydockError } from './error.ts';
import type { OnProgress } from './tasks.ts';
import { verify, type FileSource, type ReadOptions } from './vm/source.ts';

/** Cache Storage knows files by address; these are under one that leads nowhere, wherever the site lies. */
const BASE = 'https://kept.invalid/';

/** When a file is kept: as soon as it has been read, or only on demand. */
export type Keeping = 'what-is-read' | 'what-is-asked-for';

/** A file that something needs. */
export interface NeededFile {
  path: string;
  /** Of a chunk of the disk the average: nobody lists their sizes. */
  bytes: number;
  expected: ReadOptions['expected'];
}

/** How much of something is in the browser's keeping. */
export interface KeptShare {
  /** Of all files, as they are downloaded. */
  bytes: number;
  /** Of those that are kept and can be used without a network. */
  keptBytes: number;
}

export class KeptFiles implements FileSource {
  constructor(
    private readonly source: FileSource,
    private readonly cache: Pick<Cache, 'match' | 'put' | 'keys' | 'delete'>,
    private readonly keeping: Keeping,
  ) {}

  /**
   * Opens the files that this origin keeps under `name`.
   * @returns undefined where the browser keeps none: that takes HTTPS or localhost, and storage
   */
  static async open(name: string, source: FileSource, keeping: Keeping): Promise<KeptFiles | undefined> {
    if (!('caches' in globalThis)) return undefined;
    try {
      return new KeptFiles(source, await caches.open(name), keeping);
    } catch {
      return undefined;
    }
  }

  /**
   * Reads a file that is kept, else one of the source. With the option `cache` the source comes first, and what is kept
   * stands in for it only where there is no connection.
   */
  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const kept = options.cache === undefined && (await this.readKept(path, options));
    if (kept) return kept;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.source.read(path, options);
    } catch (error) {
      const old = options.cache === 'no-cache' && (await this.readKept(path, options));
      if (old) return old;
      throw error;
    }
    // A browser without room for it has lost nothing: the file is read from the source again.
    if (this.keeping === 'what-is-read') await this.#put(path, bytes).catch(() => undefined);
    return bytes;
  }

  /** Reads a file from what is kept only; undefined if it is not, or not intact. */
  async readKept(
    path: string,
    { expected, onProgress, onChunk }: ReadOptions = {},
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const response = await this.cache.match(BASE + path);
    if (!response) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    try {
      await verify(path, bytes, expected);
    } catch {
      await this.drop([path]);
      return undefined;
    }
    onProgress?.(bytes.length);
    onChunk?.(bytes);
    return bytes;
  }

  /** Paths of all files that are kept. */
  async paths(): Promise<Set<string>> {
    const requests = await this.cache.keys();
    return new Set(requests.map(({ url }) => decodeURI(url.slice(BASE.length))));
  }

  /**
   * Reads files for keeping, `atOnce` at a time; those that came stay when it fails or is aborted.
   * @throws DrydockError `storage-full` when the browser has no room; `download-failed`, `damaged-file`
   */
  async keep(
    files: Iterable<NeededFile>,
    atOnce: number,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<void> {
    const paths = await this.paths();
    const missing = [...files].filter(({ path }) => !paths.has(path));
    const totalBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
    let loadedBytes = 0;
    const next = missing.values();
    const download = async (): Promise<void> => {
      for (const { path, bytes, expected } of next) {
        signal.throwIfAborted();
        let arrived = 0;
        const note = (now: number): void => {
          loadedBytes += now - arrived;
          arrived = now;
          onProgress({ loadedBytes, totalBytes });
        };
        await this.#put(path, await this.source.read(path, { signal, expected, onProgress: note }));
        note(bytes);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, download));
  }

  /** Keeps `bytes` as the file at `path`, in the place of what was there. @throws DrydockError `storage-full` */
  replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#put(path, bytes);
  }

  /** Forgets files. */
  async drop(paths: Iterable<string>): Promise<void> {
    await Promise.all([...paths].map((path) => this.cache.delete(BASE + path)));
  }

  async #put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.cache.put(BASE + path, new Response(bytes));
    } catch (cause) {
      const message = `The browser has no room for ${path} (${bytes.length} bytes).`;
      throw new DrydockError('storage-full', message, { path }, { cause });
    }
  }
}

/** @param kept paths of the files that are kept */
export function keptShare(files: Iterable<NeededFile>, kept: ReadonlySet<string>): KeptShare {
  let [bytes, keptBytes] = [0, 0];
  for (const file of files) {
    bytes += file.bytes;
    if (kept.has(file.path)) keptBytes += file.bytes;
  }
  return { bytes, keptBytes };
}
