/**
 * The sending half of a connection: keeps what was written until it is acknowledged, cuts it into
 * segments as far as window, congestion and burst limit allow, and sends again what gets lost.
 *
 * All is done by position (see `sequence.ts`). Three of them matter:
 *
 *     acknowledged ≤ next ≤ highest        bytes before `acknowledged` are gone for good,
 *                                          `next` is what is sent next,
 *                                          `highest` is the end of all that was ever sent.
 *
 * When a timeout passes without an acknowledgment, `next` goes back to `acknowledged` and everything is
 * sent again from there, slowly at first. The other side keeps what it had, and its next cumulative
 * acknowledgment moves `next` over it. One lost segment among many is noticed sooner, by duplicate
 * acknowledgments, and sent again alone (`congestion.ts`).
 *
 * While the window is closed nothing is in flight, and the timer serves to probe it (RFC 9293 section
 * 3.8.6.1). The probe has a sequence number before the window and no data, as that of Linux: the other
 * side has to answer it, and nothing changes here.
 */
import { ByteRing } from './byte-ring.ts';
import { Timer, type Clock } from './clock.ts';
import { Congestion } from './congestion.ts';
import { RoundTrip } from './round-trip.ts';
import { Flag } from './tcp-segment.ts';

/** Bytes that `append` takes before something is acknowledged. */
export const SEND_CAPACITY = 256 * 1024;

/** Timeouts in a row with no sign of life before the connection is given up: some two and a half minutes, RFC 9293 section 3.8.3. */
const MAX_TIMEOUTS = 10;
/** The same for a SYN: about a minute. */
const MAX_SYN_TIMEOUTS = 5;

/** What the sender asks of its connection. */
export interface SenderHost {
  readonly clock: Clock;
  /** Segments that may be in flight at once. */
  readonly burst: number;
  /** Sends `length` bytes from `position` on, to be read with `copy`; an acknowledgment is added. */
  transmit(position: number, length: number, flags: number): void;
  retransmitted(): void;
  /** The other side shows no sign of life. */
  giveUp(): void;
}

/** A segment that was sent and is not acknowledged. */
interface InFlight {
  end: number;
  sentAt: number;
  /** Whether a part of it was sent before, so that its acknowledgment says nothing about time. */
  again: boolean;
}

/** What an arriving segment says about the other direction. */
export interface Acknowledgment {
  /** Everything before this position has arrived. */
  position: number;
  /** Bytes that may be sent beyond `position`. */
  window: number;
  /** Where the segment itself stands in its own stream; orders window announcements. */
  sequence: number;
  /** Whether it carries nothing else. */
  bare: boolean;
}

export class TcpSender {
  readonly #host: SenderHost;
  readonly #ring = new ByteRing(SEND_CAPACITY);
  readonly #roundTrip = new RoundTrip();
  readonly #timer: Timer;
  #congestion: Congestion;
  #segmentSize: number;
  #acknowledged = 0;
  #next = 0;
  #highest = 0;
  /** Position after the last byte written. */
  #end = 1;
  #finishing = false;
  #window = 0;
  /** Where the segment stood that announced the window, and what it acknowledged (SND.WL1 and SND.WL2). */
  #windowSequence = -1;
  #windowAcknowledged = 0;
  #inFlight: InFlight[] = [];
  #timeouts = 0;

  constructor(host: SenderHost, segmentSize: number) {
    this.#host = host;
    this.#segmentSize = segmentSize;
    this.#congestion = new Congestion(segmentSize, host.burst);
    this.#timer = new Timer(host.clock, () => {
      this.#timedOut();
    });
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Whether the stream has an end: `finish` was called. */
  get finishing(): boolean {
    return this.#finishing;
  }

  /** Whether all is acknowledged, the end of the stream included. */
  get finished(): boolean {
    return this.#finishing && this.#acknowledged > this.#end;
  }

  /** Sends the SYN; again if it was sent before (as a SYN without an acknowledgment). */
  start(): void {
    this.#next = 0;
    this.#inFlight = [];
    this.#send(0, 0, Flag.syn);
    this.#next = 1;
    this.#timer.start(this.#roundTrip.timeout);
  }

  /** Learns from the other side's SYN how large a segment it takes. */
  setSegmentSize(bytes: number): void {
    this.#segmentSize = bytes;
    this.#congestion = new Congestion(bytes, this.#host.burst);
  }

  /** Takes as much of `bytes` as there is room for, and returns how much that was. */
  append(bytes: Uint8Array): number {
    const room = SEND_CAPACITY - (this.#end - Math.max(this.#acknowledged, 1));
    const taken = bytes.subarray(0, room);
    this.#ring.write(this.#end, taken);
    this.#end += taken.length;
    this.#pump();
    return taken.length;
  }

  /** Ends the stream after what was appended. */
  finish(): void {
    this.#finishing = true;
    this.#pump();
  }

  /** Fills `target` with what was appended at `position`. */
  copy(position: number, target: Uint8Array): void {
    this.#ring.read(position, target);
  }

  /** Takes in what the other side says of what it has; `position` is not beyond `highest`. */
  acknowledge({ position, window, sequence, bare }: Acknowledgment): void {
    this.#timeouts = 0;
    const isDuplicate =
      bare && position === this.#acknowledged && window === this.#window && this.#inFlight.length > 0;
    this.#updateWindow(position, window, sequence);
    if (position > this.#acknowledged) {
      if (this.#advance(position)) this.#sendFirstAgain();
    } else if (isDuplicate) {
      const inFlight = this.#next - this.#acknowledged;
      if (this.#congestion.duplicate(position, this.#highest, inFlight)) this.#sendFirstAgain();
    }
    this.#pump();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#timer.stop();
  }

  /** RFC 9293 section 3.10.7.4: an old segment must not bring an old window back. */
  #updateWindow(position: number, window: number, sequence: number): void {
    if (position < this.#acknowledged || sequence < this.#windowSequence) return;
    if (sequence === this.#windowSequence && position < this.#windowAcknowledged) return;
    if (this.#window === 0 && window > 0 && this.#inFlight.length === 0) {
      this.#roundTrip.relax();
      this.#timer.stop();
    }
    this.#window = window;
    this.#windowSequence = sequence;
    this.#windowAcknowledged = position;
  }

  /** Forgets what is acknowledged now. Returns whether the segment at `position` has to be sent again. */
  #advance(position: number): boolean {
    const bytes = position - this.#acknowledged;
    this.#acknowledged = position;
    this.#next = Math.max(this.#next, position);
    let last: InFlight | undefined;
    while (this.#inFlight[0] && this.#inFlight[0].end <= position) last = this.#inFlight.shift();
    if (last && !last.again) this.#roundTrip.measured(this.#host.clock.now() - last.sentAt);
    this.#timer.stop();
    const isPartial = this.#congestion.acknowledged(position, bytes);
    return isPartial && this.#inFlight.length > 0;
  }

  /** Sends all that may be sent, and keeps the timer running while something is to be waited for. */
  #pump(): void {
    if (this.#acknowledged > 0) while (this.#sendNext());
    const isWaiting = this.#inFlight.length > 0 || this.#next < this.#end;
    if (!isWaiting) this.#timer.stop();
    else if (!this.#timer.running) this.#timer.start(this.#roundTrip.timeout);
  }

  #sendNext(): boolean {
    if (this.#inFlight.length >= this.#host.burst || this.#next > this.#end) return false;
    const unsent = this.#end - this.#next;
    const limit = this.#acknowledged + Math.min(this.#window, this.#congestion.window);
    const length = Math.max(Math.min(unsent, limit - this.#next, this.#segmentSize), 0);
    const fin = this.#finishing && length === unsent;
    if (length === 0 && !fin) return false;
    // RFC 9293 section 3.8.6.2.1: no small segment only because the window is nearly full.
    const isCut = length < Math.min(unsent, this.#segmentSize);
    if (isCut && this.#inFlight.length > 0) return false;

    const push = length > 0 && length === unsent ? Flag.psh : 0;
    this.#send(this.#next, length, push | (fin ? Flag.fin : 0));
    this.#next += length + (fin ? 1 : 0);
    return true;
  }

  /** Sends a segment and notes it; a SYN or FIN takes a position as a byte does. */
  #send(position: number, length: number, flags: number): void {
    const end = position + length + ((flags & (Flag.syn | Flag.fin)) !== 0 ? 1 : 0);
    const again = position < this.#highest;
    if (again) this.#host.retransmitted();
    this.#highest = Math.max(this.#highest, end);
    this.#inFlight.push({ end, sentAt: this.#host.clock.now(), again });
    this.#host.transmit(position, length, flags);
  }

  #sendFirstAgain(): void {
    const first = this.#inFlight[0];
    if (!first) return;
    first.again = true;
    const length = Math.min(first.end, this.#end) - this.#acknowledged;
    this.#host.retransmitted();
    this.#host.transmit(this.#acknowledged, length, first.end > this.#end ? Flag.fin : 0);
  }

  #timedOut(): void {
    const limit = this.#acknowledged === 0 ? MAX_SYN_TIMEOUTS : MAX_TIMEOUTS;
    if (this.#timeouts++ === limit) {
      this.#host.giveUp();
      return;
    }
    this.#roundTrip.backOff();
    if (this.#inFlight.length === 0) {
      this.#host.transmit(this.#acknowledged - 1, 0, 0);
      this.#timer.start(this.#roundTrip.timeout);
    } else if (this.#acknowledged === 0) {
      this.start();
    } else {
      this.#congestion.timedOut(this.#highest, this.#next - this.#acknowledged);
      this.#next = this.#acknowledged;
      this.#inFlight = [];
      this.#pump();
    }
  }
}
