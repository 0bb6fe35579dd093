/**
 * Output of one console that no terminal shows yet. It keeps the newest bytes up to a limit and hands them
 * to the first listener; from then on output goes straight there.
 */

/** Some 2000 full lines: more than a screen, and three of them do not weigh on the page. */
const LIMIT = 256 * 1024;

/** `late` output is older than the listener: questions in it to the terminal have been given up by who asked. */
export type OutputListener = (bytes: Uint8Array, late: boolean) => void;

export class OutputBuffer {
  readonly #limit: number;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #listener: OutputListener | undefined;

  constructor(limit = LIMIT) {
    this.#limit = limit;
  }

  /** Takes what the console printed. */
  push(bytes: Uint8Array): void {
    if (this.#listener) {
      this.#listener(bytes, false);
      return;
    }
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    while (this.#keptBytes > this.#limit) {
      const [oldest] = this.#kept;
      if (!oldest) return;
      const excess = this.#keptBytes - this.#limit;
      if (oldest.length <= excess) this.#kept.shift();
      else this.#kept[0] = oldest.subarray(excess);
      this.#keptBytes -= Math.min(oldest.length, excess);
    }
  }

  /** What is kept, as text. */
  get text(): string {
    const decoder = new TextDecoder();
    return this.#kept.map((bytes) => decoder.decode(bytes, { stream: true })).join('') + decoder.decode();
  }

  /** Sends kept and coming output to `listener`, until the function that is returned is called. */
  attach(listener: OutputListener): () => void {
    this.#listener = listener;
    const kept = this.#kept;
    this.clear();
    for (const bytes of kept) listener(bytes, true);
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  /** Forgets what is kept: the console starts afresh. */
  clear(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }
}
