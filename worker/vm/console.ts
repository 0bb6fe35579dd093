/**
 * One virtio console as a byte stream. Output comes as the guest writes it. Input is paced: v86 drops
 * what arrives while the guest has no free buffer, so bytes, and the last size, wait here until there is one.
 */
import type { Emulator } from './emulator.ts';

/** Bytes per guest buffer that we use. Linux' driver posts buffers of one page. */
const BUFFER_BYTES = 2048;

/** How often to look whether the guest has freed a buffer. */
const POLL_MILLISECONDS = 10;

export class Console {
  readonly #emulator: Emulator;
  readonly #port: number;
  #queue: Uint8Array[] = [];
  #size: [columns: number, rows: number] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(emulator: Emulator, port: number) {
    this.#emulator = emulator;
    this.#port = port;
  }

  onOutput(listener: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#emulator.onConsole(this.#port, listener);
  }

  /** Queues `bytes` as input. Nothing is lost or reordered; delivery waits for the guest to run and read. */
  send(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += BUFFER_BYTES) {
      this.#queue.push(bytes.slice(start, start + BUFFER_BYTES));
    }
    if (this.#timer === undefined) this.#pump();
  }

  /** Tells programs the size of their terminal; of several that come while the guest is busy, the last. */
  resize(columns: number, rows: number): void {
    this.#size = [columns, rows];
    if (this.#timer === undefined) this.#pump();
  }

  /** Forgets what was not delivered: another state takes the machine's place. */
  clear(): void {
    this.#queue = [];
    this.#size = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    this.#timer = undefined;
    while (this.#queue.length > 0 && this.#emulator.consoleAccepts(this.#port)) {
      const next = this.#queue.shift();
      if (next) this.#emulator.sendConsole(this.#port, next);
    }
    if (this.#size && this.#emulator.acceptsSize()) {
      this.#emulator.resizeConsole(this.#port, ...this.#size);
      this.#size = undefined;
    }
    if (this.#queue.length > 0 || this.#size) {
      this.#timer = setTimeout(() => {
        this.#pump();
      }, POLL_MILLISECONDS);
    }
  }
}
