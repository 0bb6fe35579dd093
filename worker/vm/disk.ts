/**
 * The machine's disk, as the object that v86 accepts for `hda`: reads come from the overlay or from
 * chunks, writes go to the overlay. v86's own asynchronous disk is not used: it keeps 256-byte blocks
 * and leaves the guest hanging for ever when one request fails.
 *
 * A read that fails even after the chunk store's tries does not fail in the guest, where ext4 would turn
 * read-only. It is held, `onStall` is told, and `retry` asks for it again: the guest only sees a slow disk.
 *
 * The method names are v86's (`src/buffer.js`, `src/ide.js`). `get_and_cache` and `get_from_cache` are asked
 * once, for the partition table, and a new machine waits for the answer. There is none on our disk: its file
 * system begins at the first byte. So that is said without reading it.
 */
import type { DrydockError } from '../error.ts';
import { BLOCK_BYTES } from './blocks.ts';
import type { Overlay } from './overlay.ts';

/** The read-only image under the overlay: whole chunks of `chunkBytes`. */
export interface DiskBase {
  readonly chunkBytes: number;
  peek(position: number): Uint8Array | undefined;
  read(position: number): Promise<Uint8Array>;
}

const NO_PARTITIONS = new Uint8Array(512);

export class Disk {
  readonly byteLength: number;
  readonly overlay: Overlay;
  /** Set by v86. */
  onload: ((event: object) => void) | undefined;
  /** Called when a read cannot be served; the guest waits until `retry` succeeds. */
  onStall: ((error: DrydockError) => void) | undefined;
  readonly #base: DiskBase;
  #epoch = 0;
  #stalled: (() => void)[] = [];
  #requests = 0;
  /** Chunks of the request being served: the base may evict them from its cache at any time. */
  #held = new Map<number, Uint8Array | undefined>();

  constructor(base: DiskBase, byteLength: number, overlay: Overlay) {
    this.#base = base;
    this.byteLength = byteLength;
    this.overlay = overlay;
  }

  /** Reads in flight. A state may be saved only when there are none. */
  get pendingReads(): number {
    return this.#requests;
  }

  /** Asks again for everything that stalled. */
  retry(): void {
    const waiting = this.#stalled;
    this.#stalled = [];
    for (const resume of waiting) resume();
  }

  /** Forgets requests in flight: the machine that made them is gone, another state takes its place. */
  abandon(): void {
    this.#epoch++;
    this.#requests = 0;
    this.#stalled = [];
  }

  load(): void {
    this.onload?.({});
  }

  get(start: number, length: number, done: (bytes: Uint8Array) => void): void {
    this.#whenPresent(this.#positions(start, length), () => {
      done(this.#assemble(start, length));
    });
  }

  set(start: number, data: Uint8Array, done: () => void): void {
    const whole = start % BLOCK_BYTES === 0 && data.length % BLOCK_BYTES === 0;
    const positions = whole ? [] : this.#positions(start, data.length);
    const copy = positions.length > 0 ? data.slice() : data;
    this.#whenPresent(positions, () => {
      this.#write(start, copy);
      done();
    });
  }

  get_and_cache(_start: number, _length: number, done: (bytes: Uint8Array) => void): void {
    done(NO_PARTITIONS);
  }

  get_from_cache(): Uint8Array {
    return NO_PARTITIONS;
  }

  get_buffer(done: (buffer?: ArrayBuffer) => void): void {
    done();
  }

  /** The overlay is saved by us, not in v86's state. */
  get_state(): unknown[] {
    return [];
  }

  set_state(): void {
    // Nothing of the disk is in a state: see `get_state`.
  }

  /** Runs `action` at once if the chunks at `positions` are at hand, else when they are, unless the disk was abandoned meanwhile. */
  #whenPresent(positions: number[], action: () => void): void {
    if (positions.every((position) => this.#base.peek(position))) {
      action();
      return;
    }
    const epoch = this.#epoch;
    this.#requests++;
    void Promise.all(positions.map((position) => this.#obtain(position, epoch))).then((chunks) => {
      if (epoch !== this.#epoch) return;
      this.#held = new Map(positions.map((position, i) => [position, chunks[i]]));
      action();
      this.#held.clear();
      this.#requests--;
    });
  }

  /** The chunk at `position`, however often that stalls; nothing for a request that was abandoned meanwhile. */
  async #obtain(position: number, epoch: number): Promise<Uint8Array | undefined> {
    for (;;) {
      try {
        return await this.#base.read(position);
      } catch (error) {
        if (epoch !== this.#epoch) return undefined;
        await new Promise<void>((resume) => {
          this.#stalled.push(resume);
          this.onStall?.(error as DrydockError);
        });
      }
    }
  }

  /** Positions of the chunks that a request needs: those of its blocks that are not overlaid. */
  #positions(start: number, length: number): number[] {
    const positions = new Set<number>();
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < start + length; block++) {
      if (this.overlay.get(block)) continue;
      const position = Math.floor((block * BLOCK_BYTES) / this.#base.chunkBytes);
      positions.add(position);
    }
    return [...positions];
  }

  #block(number: number): Uint8Array {
    const written = this.overlay.get(number);
    if (written) return written;
    const start = number * BLOCK_BYTES;
    const position = Math.floor(start / this.#base.chunkBytes);
    const chunk = this.#base.peek(position) ?? this.#held.get(position);
    if (!chunk) throw new Error(`disk chunk ${position} is not at hand`);
    const offset = start - position * this.#base.chunkBytes;
    return chunk.subarray(offset, offset + BLOCK_BYTES);
  }

  #assemble(start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (const { block, offset, at, count } of pieces(start, length)) {
      bytes.set(this.#block(block).subarray(offset, offset + count), at);
    }
    return bytes;
  }

  #write(start: number, data: Uint8Array): void {
    for (const { block, offset, at, count } of pieces(start, data.length)) {
      const target =
        this.overlay.get(block) ??
        (count === BLOCK_BYTES ? new Uint8Array(BLOCK_BYTES) : Uint8Array.from(this.#block(block)));
      target.set(data.subarray(at, at + count), offset);
      this.overlay.set(block, target);
    }
  }
}

/** Cuts a byte range at block borders: `count` bytes at `offset` in `block` are those at `at` in the range. */
function* pieces(start: number, length: number) {
  for (let at = 0; at < length;) {
    const block = Math.floor((start + at) / BLOCK_BYTES);
    const offset = start + at - block * BLOCK_BYTES;
    const count = Math.min(BLOCK_BYTES - offset, length - at);
    yield { block, offset, at, count };
    at += count;
  }
}
