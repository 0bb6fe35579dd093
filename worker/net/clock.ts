/** Time as the network sees it, so that tests can let hours pass without waiting. */

/** What the network needs of a clock. `now` and all periods are milliseconds. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
  clearTimeout: (timer) => {
    globalThis.clearTimeout(timer as ReturnType<typeof globalThis.setTimeout>);
  },
};

/** One timer that can be started again and stopped at any time. */
export class Timer {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #pending: { timer: unknown } | undefined;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  get running(): boolean {
    return this.#pending !== undefined;
  }

  /** Calls back in `milliseconds`, and not at the time of an earlier `start`. */
  start(milliseconds: number): void {
    this.stop();
    const timer = this.#clock.setTimeout(() => {
      this.#pending = undefined;
      this.#callback();
    }, milliseconds);
    this.#pending = { timer };
  }

  stop(): void {
    if (this.#pending) this.#clock.clearTimeout(this.#pending.timer);
    this.#pending = undefined;
  }
}
