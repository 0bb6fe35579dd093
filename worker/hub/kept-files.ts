/**
 * Files of the catalogue that this browser keeps: whatever was read once can be read again without a network. They are
 * in Cache Storage rather than in the HTTP cache, which forgets as it likes and cannot tell what it has.
 */
import { DrydockError } from '../error.ts';
import { verify, type FileSource, type ReadOptions } from '../vm/source.ts';

/** The name of the cache in this origin. */
export const KEPT_FILES = 'drydock-catalogue';

/** Cache Storage knows files by address; these are under one that leads nowhere, wherever the site lies. */
const BASE = 'https://catalogue.invalid/';

export class KeptFiles implements FileSource {
  constructor(
    private readonly source: FileSource,
    private readonly cache: Pick<Cache, 'match' | 'put' | 'keys' | 'delete'>,
  ) {}

  /** Reads a file that is kept, else one of the source, which is kept from then on. */
  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const kept = await this.#readKept(path, options);
    if (kept) return kept;
    const bytes = await this.source.read(path, options);
    // A browser without room for it has lost nothing: the file is read from the source again.
    await this.cache.put(BASE + path, new Response(bytes)).catch(() => undefined);
    return bytes;
  }

  /** Paths of all files that are kept. */
  async paths(): Promise<Set<string>> {
    const requests = await this.cache.keys();
    return new Set(requests.map(({ url }) => decodeURI(url.slice(BASE.length))));
  }

  /**
   * Reads `path` for keeping only.
   * @throws DrydockError `storage-full` when the browser has no room for it; `download-failed`, `damaged-file`
   */
  async keep(path: string, options: ReadOptions = {}): Promise<void> {
    if (await this.cache.match(BASE + path)) return;
    const bytes = await this.source.read(path, options);
    try {
      await this.cache.put(BASE + path, new Response(bytes));
    } catch (cause) {
      const message = `The browser has no room for ${path} (${bytes.length} bytes).`;
      throw new DrydockError('storage-full', message, { path }, { cause });
    }
  }

  /** Forgets files. */
  async drop(paths: Iterable<string>): Promise<void> {
    await Promise.all([...paths].map((path) => this.cache.delete(BASE + path)));
  }

  async #readKept(
    path: string,
    { expected, onProgress, onChunk }: ReadOptions,
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
}
