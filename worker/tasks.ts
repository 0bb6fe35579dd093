/**
 * Long operations that a page asks a worker for. No AbortSignal crosses the boundary, so the caller numbers what it
 * begins and cancels by that number; progress comes back through a function, not oftener than a bar is drawn.
 */
import { releaseProxy, type ProxyMethods } from 'comlink';

/** How often progress is told at most, in milliseconds. */
const PROGRESS_MILLISECONDS = 50;

/** How far an operation is, in bytes. */
export interface TaskProgress {
  loadedBytes: number;
  totalBytes: number;
}

export type OnProgress = (progress: TaskProgress) => void;

export class Tasks {
  readonly #running = new Map<number, AbortController>();

  /**
   * Runs `work` as task `id`. When it fails, whatever else of it is under way is aborted.
   * @throws what `work` throws, or an `AbortError` when it was cancelled
   */
  async run<T>(
    id: number,
    onProgress: OnProgress,
    work: (signal: AbortSignal, tell: OnProgress) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    let told = 0;
    const tell: OnProgress = (progress) => {
      const now = performance.now();
      if (progress.loadedBytes < progress.totalBytes && now - told < PROGRESS_MILLISECONDS) return;
      told = now;
      onProgress(progress);
    };
    try {
      return await work(controller.signal, tell);
    } catch (error) {
      controller.signal.throwIfAborted();
      controller.abort();
      throw error;
    } finally {
      this.#running.delete(id);
      (onProgress as OnProgress & Partial<ProxyMethods>)[releaseProxy]?.();
    }
  }

  /** Ends a task; it rejects. */
  cancel(id: number): void {
    this.#running.get(id)?.abort();
  }
}
