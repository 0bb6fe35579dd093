/**
 * How much may be in flight: slow start, congestion avoidance, fast retransmit and fast recovery
 * (RFC 5681, and RFC 6582 "NewReno"). The link here loses a frame only when its ring is full, which is
 * just the congestion that these algorithms find and avoid.
 */

/** RFC 6928, in segments. */
const INITIAL_WINDOW = 10;

/** Duplicate acknowledgments that make a loss likely (RFC 5681 section 3.2). */
const DUPLICATE_THRESHOLD = 3;

export class Congestion {
  /** Bytes that may be in flight. */
  window: number;
  readonly #segment: number;
  readonly #maximum: number;
  #threshold = Infinity;
  #duplicates = 0;
  #recovering = false;
  /** The highest position sent when the last loss was noticed: what is below it belongs to that loss. */
  #recover = 0;

  /** For segments of `segment` bytes, of which at most `burst` are ever in flight. */
  constructor(segment: number, burst: number) {
    this.#segment = segment;
    this.#maximum = segment * burst;
    this.window = Math.min(INITIAL_WINDOW * segment, this.#maximum);
  }

  /** Notes that everything up to `position`, `bytes` of it new, has arrived. Returns whether the segment there has to be sent again. */
  acknowledged(position: number, bytes: number): boolean {
    this.#duplicates = 0;
    if (this.#recovering && position < this.#recover) {
      // A partial acknowledgment: of the same flight more was lost.
      this.#set(this.window - bytes + this.#segment);
      return true;
    }
    if (this.#recovering) {
      this.#recovering = false;
      this.#set(this.#threshold);
    } else if (this.window < this.#threshold) {
      this.#set(this.window + Math.min(bytes, this.#segment));
    } else {
      this.#set(this.window + (this.#segment * bytes) / this.window);
    }
    return false;
  }

  /** Notes that something arrived, but not what comes after `position`. Returns whether the segment there has to be sent again. */
  duplicate(position: number, highest: number, inFlight: number): boolean {
    this.#duplicates++;
    if (this.#recovering) {
      this.#set(this.window + this.#segment);
      return false;
    }
    if (this.#duplicates !== DUPLICATE_THRESHOLD || position <= this.#recover) return false;
    this.#recovering = true;
    this.#recover = highest;
    this.#threshold = Math.max(inFlight / 2, 2 * this.#segment);
    this.#set(this.#threshold + DUPLICATE_THRESHOLD * this.#segment);
    return true;
  }

  /** Notes that nothing arrived for the whole of a timeout. */
  timedOut(highest: number, inFlight: number): void {
    this.#recovering = false;
    this.#duplicates = 0;
    this.#recover = highest;
    this.#threshold = Math.max(inFlight / 2, 2 * this.#segment);
    this.#set(this.#segment);
  }

  #set(bytes: number): void {
    this.window = Math.min(Math.max(bytes, this.#segment), this.#maximum);
  }
}
