/**
 * A window of fixed size onto an endless stream of bytes, addressed by position in the stream. It does
 * not know which positions are filled: its users do.
 */
export class ByteRing {
  readonly capacity: number;
  /** Made when first written to: many connections only ever use one direction. */
  #bytes: Uint8Array | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Puts `bytes`, at most `capacity` of them, at `position`; they take the place of what was `capacity` before. */
  write(position: number, bytes: Uint8Array): void {
    const ring = (this.#bytes ??= new Uint8Array(this.capacity));
    const start = position % this.capacity;
    const head = bytes.subarray(0, this.capacity - start);
    ring.set(head, start);
    ring.set(bytes.subarray(head.length), 0);
  }

  /** Fills `target`, at most `capacity` long, from `position` on. */
  read(position: number, target: Uint8Array): void {
    if (!this.#bytes) return;
    const start = position % this.capacity;
    const head = this.#bytes.subarray(start, start + target.length);
    target.set(head, 0);
    target.set(this.#bytes.subarray(0, target.length - head.length), head.length);
  }
}
