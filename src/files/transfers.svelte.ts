/** Uploads and downloads that are under way. */
import { messageOf } from '../../worker/error.ts';
import { toast } from 'svelte-sonner';
import type { TransferOptions, TransferProgress } from './file-system.ts';

/** One that the user has begun, and can cancel. */
export class FileTransfer {
  progress = $state.raw<TransferProgress>({ doneBytes: 0, totalBytes: undefined });
  readonly #end = new AbortController();

  /** @param title what is done: `Downloading site.tar` */
  constructor(readonly title: string) {}

  /** From 0 to 1; undefined while it is not known. */
  get share(): number | undefined {
    const { doneBytes, totalBytes } = this.progress;
    if (totalBytes === undefined) return undefined;
    return totalBytes === 0 ? 1 : doneBytes / totalBytes;
  }

  get options(): TransferOptions {
    return {
      signal: this.#end.signal,
      onProgress: (progress) => {
        this.progress = progress;
      },
    };
  }

  cancel(): void {
    this.#end.abort(new DOMException('It was cancelled.', 'AbortError'));
  }
}

class FileTransfers {
  #all = $state.raw<readonly FileTransfer[]>([]);

  get all(): readonly FileTransfer[] {
    return this.#all;
  }

  /**
   * Runs a transfer, shown until it ends. A failure is told, unless the user wanted it.
   * @returns what `action` does; undefined where it failed or was cancelled
   */
  async run<T>(title: string, action: (options: TransferOptions) => Promise<T>): Promise<T | undefined> {
    const transfer = new FileTransfer(title);
    const { signal } = transfer.options;
    this.#all = [...this.#all, transfer];
    const leave = (): void => {
      this.#all = this.#all.filter((each) => each !== transfer);
    };
    // What runs in the machine ends by itself a little later.
    signal.addEventListener('abort', leave);
    try {
      const result = await action(transfer.options);
      return signal.aborted ? undefined : result;
    } catch (error) {
      if (!signal.aborted)
        toast.error(`${title}: it failed`, {
          description: messageOf(error),
        });
      return undefined;
    } finally {
      leave();
    }
  }
}

export const fileTransfers = new FileTransfers();
