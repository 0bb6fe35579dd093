/** A release that another worker downloads; see `downloads.ts`. */
import { proxy, wrap, type Remote } from 'comlink';
import type { Downloads } from './downloads.ts';
import type { ReleaseFile } from './release-file.ts';
import { KeptRelease } from './kept-release.ts';
import type { ReadOptions, ReleaseSource } from './vm/source.ts';

export class RemoteSource implements ReleaseSource {
  readonly #downloads: Remote<Downloads>;
  /** For what is done in this thread. */
  readonly #here: KeptRelease;
  #reads = 0;

  /** `base` is the release's absolute URL, ending in `/`; at the other end of `port` are `downloads`. */
  constructor(base: string, port: MessagePort) {
    this.#here = new KeptRelease(base);
    this.#downloads = wrap<Downloads>(port);
  }

  async read(path: string, all: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    // Whoever wants the bytes as they arrive wants them in this thread.
    if (all.onChunk) return this.#here.read(path, all);
    const { signal, onProgress, ...options } = all;
    signal?.throwIfAborted();
    const id = this.#reads++;
    const abort = (): void => void this.#downloads.abort(id);
    signal?.addEventListener('abort', abort);
    try {
      return await this.#downloads.read(id, path, options, onProgress && proxy(onProgress));
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Done here: the browser downloads and compiles it in threads of its own. */
  compile(file: ReleaseFile, options?: Pick<ReadOptions, 'signal'>): Promise<WebAssembly.Module> {
    return this.#here.compile(file, options);
  }
}
