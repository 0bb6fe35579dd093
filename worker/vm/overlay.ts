/**
 * What the guest has written to its disk, as blocks of 4 KiB over the read-only chunks. Blocks of the
 * file system's own size keep it small and make its serialised form simple: `u32 n`, then n × `u32` block
 * number, then the n blocks, little-endian, compressed by the caller.
 */

import { BLOCK_BYTES, blockAt, copyBlocks, type Blocks } from './blocks.ts';

export { BLOCK_BYTES };

export class Overlay {
  readonly #blocks = new Map<number, Uint8Array>();
  /** Numbers of the blocks that were written since `takeChanged`. */
  #changed = new Set<number>();

  get bytes(): number {
    return this.#blocks.size * BLOCK_BYTES;
  }

  /** Block `number` as last written, or undefined if it never was. The caller may change it in place. */
  get(number: number): Uint8Array | undefined {
    return this.#blocks.get(number);
  }

  /** Notes that block `number` is now `block`; also to be called when it was changed in place. */
  set(number: number, block: Uint8Array): void {
    this.#blocks.set(number, block);
    this.#changed.add(number);
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** A copy of what was written since the last call. */
  takeChanged(): Blocks {
    const numbers = [...this.#changed].sort((a, b) => a - b);
    this.#changed = new Set();
    return copyBlocks(numbers, (number) => this.#blocks.get(number));
  }

  /** Has `takeChanged` give blocks again that could not be kept. */
  putBack(numbers: Iterable<number>): void {
    for (const number of numbers) this.#changed.add(number);
  }

  /** Lays blocks over the present ones, as they were kept. */
  lay({ numbers, bytes }: Blocks): void {
    numbers.forEach((number, i) => this.#blocks.set(number, blockAt(bytes, i).slice()));
  }

  /** Block numbers that were written, unordered. */
  numbers(): IterableIterator<number> {
    return this.#blocks.keys();
  }

  encode(): Uint8Array<ArrayBuffer> {
    const numbers = [...this.#blocks.keys()].sort((a, b) => a - b);
    const encoded = new Uint8Array(4 + numbers.length * (4 + BLOCK_BYTES));
    const view = new DataView(encoded.buffer);
    view.setUint32(0, numbers.length, true);
    numbers.forEach((number, i) => {
      view.setUint32(4 + 4 * i, number, true);
      const block = this.#blocks.get(number);
      if (block) encoded.set(block, 4 + 4 * numbers.length + BLOCK_BYTES * i);
    });
    return encoded;
  }

  /** Replaces the whole overlay by an encoded one. */
  decode(encoded: Uint8Array): void {
    const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    const count = view.getUint32(0, true);
    this.#blocks.clear();
    this.#changed.clear();
    for (let i = 0; i < count; i++) {
      const start = 4 + 4 * count + BLOCK_BYTES * i;
      this.#blocks.set(view.getUint32(4 + 4 * i, true), encoded.slice(start, start + BLOCK_BYTES));
    }
  }
}
