/**
 * The receiving half of a connection: puts the bytes of segments in their place, in whatever order they
 * come, and says how many more may come. The window is the free part of a ring, so that what is out of
 * order needs no queue: it is written where it belongs, and only the gaps are remembered.
 */
import { ByteRing } from './byte-ring.ts';

/** The largest window. At some 10 ms from frame to acknowledgment, good for 25 MB/s. */
export const RECEIVE_CAPACITY = 256 * 1024;

/**
 * The window opens in steps of this size, which is more than RFC 9293 section 3.8.6.2.2 asks for against
 * the silly window syndrome, and spares most of the segments that only announce it.
 */
const WINDOW_STEP = RECEIVE_CAPACITY / 4;

/** Runs of bytes kept beyond the first gap. A burst with every other frame lost makes half as many as it has frames. */
const MAX_RUNS = 64;

interface Run {
  start: number;
  end: number;
}

export class TcpReceiver {
  readonly #ring = new ByteRing(RECEIVE_CAPACITY);
  /** Position of the first byte that was not read yet. */
  #read = 1;
  #next = 1;
  /** The end of the window as it was last announced. */
  #announced = 1;
  /** What arrived beyond the first gap: sorted, apart from each other. */
  #runs: Run[] = [];
  #finPosition = Infinity;
  #discarding = false;

  /** The position up to which everything has arrived, the FIN included. */
  get next(): number {
    return this.#next;
  }

  /** The end of the space for what arrives. */
  get edge(): number {
    return this.#read + RECEIVE_CAPACITY;
  }

  /** Bytes that can be read. */
  get available(): number {
    return Math.min(this.#next, this.#finPosition) - this.#read;
  }

  /** Whether everything has arrived that the other side will ever send. */
  get finished(): boolean {
    return this.#next > this.#finPosition;
  }

  /** Whether something is missing before what has arrived. */
  get hasGap(): boolean {
    return this.#runs.length > 0;
  }

  /** Whether nobody will read any more. */
  get discarding(): boolean {
    return this.#discarding;
  }

  /** Whether the window has opened so much since it was last announced that the other side should hear of it. */
  get hasNews(): boolean {
    return this.edge - this.#announced >= WINDOW_STEP;
  }

  /** The window to announce: never less than was announced before, less what has come since. */
  announce(): number {
    if (this.hasNews) this.#announced = this.edge;
    return Math.max(this.#announced - this.#next, 0);
  }

  /** Takes in what a segment has at `position`; what is known already or beyond the window is left out. */
  accept(position: number, payload: Uint8Array, fin: boolean): void {
    if (fin && position + payload.length <= this.edge) this.#finPosition = position + payload.length;
    const start = Math.max(position, this.#next);
    const end = Math.min(position + payload.length, this.edge, this.#finPosition);
    if (start < end) {
      this.#ring.write(start, payload.subarray(start - position, end - position));
      this.#join({ start, end });
    }
    if (this.#next === this.#finPosition) this.#next++;
    if (this.#discarding) this.#read += this.available;
  }

  /** Takes out all bytes that are available. */
  read(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.available);
    this.#ring.read(this.#read, bytes);
    this.#read += bytes.length;
    return bytes;
  }

  /** Throws away what is unread and what will come. */
  discard(): void {
    this.#discarding = true;
    this.#read += this.available;
  }

  /** Adds `run` to those that arrived, or forgets it if they are too many; moves `next` over all that it connects. */
  #join(run: Run): void {
    const apart: Run[] = [];
    for (const other of this.#runs) {
      if (other.end < run.start || other.start > run.end) apart.push(other);
      else run = { start: Math.min(run.start, other.start), end: Math.max(run.end, other.end) };
    }
    if (run.start <= this.#next) this.#next = run.end;
    else if (apart.length < MAX_RUNS) apart.push(run);
    this.#runs = apart.sort((a, b) => a.start - b.start);
  }
}
