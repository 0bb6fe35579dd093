/**
 * How long to wait for an acknowledgment before sending again (RFC 6298): the measured round-trip time,
 * smoothed, plus four times its variation.
 */

/** Before the first measurement (RFC 6298 section 2.1). */
const INITIAL_TIMEOUT = 1000;

/**
 * RFC 6298 asks for a second at least, which suits the internet. On a link within one process it would be a
 * long stall; 200 ms, as in Linux, still bears with an emulator that is busy.
 */
const MIN_TIMEOUT = 200;
const MAX_TIMEOUT = 60_000;

export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  #backOffs = 0;

  /** Milliseconds to wait for an acknowledgment of what is sent now. */
  get timeout(): number {
    const measured =
      this.#smoothed === undefined
        ? INITIAL_TIMEOUT
        : Math.max(this.#smoothed + 4 * this.#variation, MIN_TIMEOUT);
    return Math.min(measured * 2 ** this.#backOffs, MAX_TIMEOUT);
  }

  /** Takes in a measurement, which must be of a segment sent once (Karn's algorithm, RFC 6298 section 3). */
  measured(milliseconds: number): void {
    this.#backOffs = 0;
    if (this.#smoothed === undefined) {
      this.#smoothed = milliseconds;
      this.#variation = milliseconds / 2;
      return;
    }
    this.#variation += (Math.abs(this.#smoothed - milliseconds) - this.#variation) / 4;
    this.#smoothed += (milliseconds - this.#smoothed) / 8;
  }

  /** Doubles the timeout until the next measurement, or until `relax`. */
  backOff(): void {
    this.#backOffs++;
  }

  /** Takes doublings back: they were due to a closed window and not to a slow path. */
  relax(): void {
    this.#backOffs = 0;
  }
}
