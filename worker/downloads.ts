/**
 * Downloads in a thread of their own. The machine's thread runs the guest in turns of milliseconds, and each
 * piece of a download would wait for one; here they come as fast as they arrive, are verified, and are handed
 * over whole.
 */
import { expose, transfer } from 'comlink';
import { HttpSource, type ReadOptions } from './vm/source.ts';

/** How often progress is told at most, in milliseconds: oftener than a bar is drawn. */
const PROGRESS_MILLISECONDS = 50;

/** What can be sent of a read's options. */
export type RemoteReadOptions = Pick<ReadOptions, 'cache' | 'expected'>;

const running = new Map<number, AbortController>();

const downloads = {
  /** `ReleaseSource.read` of the release at `base`. `id` is the caller's number for it. */
  async read(
    id: number,
    base: string,
    path: string,
    options: RemoteReadOptions,
    onProgress?: (bytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const abort = new AbortController();
    running.set(id, abort);
    let told = 0;
    try {
      const bytes = await new HttpSource(base).read(path, {
        ...options,
        signal: abort.signal,
        onProgress:
          onProgress &&
          ((arrived) => {
            if (arrived !== options.expected?.bytes && performance.now() - told < PROGRESS_MILLISECONDS)
              return;
            told = performance.now();
            onProgress(arrived);
          }),
      });
      return transfer(bytes, [bytes.buffer]);
    } finally {
      running.delete(id);
    }
  },

  /** Ends a read; it rejects. */
  abort(id: number): void {
    running.get(id)?.abort();
  },
};

export type Downloads = typeof downloads;

/** What the page asks of the worker that downloads. */
export const downloadHost = {
  /** Downloads for the machine at the other end of `port`. */
  serve(port: MessagePort): void {
    expose(downloads, port);
  },
};

export type DownloadHost = typeof downloadHost;
