/** So many at once: those beyond wait for their turn, and no more than so many wait. */
import { DrydockError } from '../error.ts';

export class Places {
  readonly #mostWaiting: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number, mostWaiting: number) {
    this.#free = places;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Takes a place when one is free. @returns what frees it again, once
   * @throws DrydockError `network-failed` when too many wait; the signal's reason when that aborts
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else if (this.#waiting.size >= this.#mostWaiting)
      throw new DrydockError('network-failed', 'The page asks for too much at once.');
    else await this.#wait(signal);
    let state: 'taken' | 'freed' = 'taken';
    return () => {
      if (state === 'freed') return;
      state = 'freed';
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', giveUp);
      };
      const go = (): void => {
        leave();
        resolve();
      };
      const giveUp = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', giveUp);
    });
  }
}
