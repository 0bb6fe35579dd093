/**
 * Downloads in a thread of their own. The machine's thread runs the guest in turns of milliseconds, and each
 * piece of a download would wait for one; here they come as fast as they arrive, are verified where it is known
 * what they must be, and are handed over whole.
 */
import { expose, releaseProxy, transfer, type ProxyMethods } from 'comlink';
import { KeptRelease } from './kept-release.ts';
import type { ReadOptions } from './vm/source.ts';

/** How often progress is told at most, in milliseconds: oftener than a bar is drawn. */
const PROGRESS_MILLISECONDS = 50;

/** What can be sent of a read's options. */
export type RemoteReadOptions = Pick<ReadOptions, 'cache' | 'expected'>;

/** The downloads of one machine, of the release at `base`. */
function createDownloads(base: string) {
  const release = new KeptRelease(base);
  const running = new Map<number, AbortController>();
  return {
    /** `ReleaseSource.read`. `id` is the caller's number for it. */
    async read(
      id: number,
      path: string,
      options: RemoteReadOptions,
      onProgress?: (bytes: number) => void,
    ): Promise<Uint8Array<ArrayBuffer>> {
      const abort = new AbortController();
      running.set(id, abort);
      let told = 0;
      try {
        const bytes = await release.read(path, {
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
        (onProgress as (typeof onProgress & ProxyMethods) | undefined)?.[releaseProxy]();
      }
    },

    /** Ends a read; it rejects. */
    abort(id: number): void {
      running.get(id)?.abort();
    },
  };
}

export type Downloads = ReturnType<typeof createDownloads>;

/** What the page asks of the worker that downloads. */
export const downloadHost = {
  /** Downloads from the release at `base`, an absolute URL ending in `/`, for the machine at the other end of `port`. */
  serve(base: string, port: MessagePort): void {
    expose(createDownloads(base), port);
  },
};

export type DownloadHost = typeof downloadHost;
