/**
 * One TCP connection (RFC 9293): the state machine between a sender, a receiver and the two web streams
 * that the rest of Drydock sees.
 *
 * ## How the work is divided
 *
 * 1. `TcpReceiver` puts arriving bytes in order, `TcpSender` gets written bytes across. Each counts
 *    positions in its own stream and knows nothing of the other. `Incoming` and `Outgoing` make streams
 *    of them.
 * 2. This class takes segments apart for them, in the order of RFC 9293 section 3.10.7 (is it in the window?
 *    RST, SYN, ACK, data, FIN), keeps the state, and puts what the sender wants sent into segments.
 * 3. Whoever made the connection (`tcp.ts`) knows the addresses, and carries segments.
 *
 * ## Choices
 *
 * - A RST or SYN that is in the window but not exactly where the next byte belongs is answered and not
 *   obeyed (RFC 5961). Empty segments that make no sense are answered at most twice a second, or two
 *   sides that are out of step, as after one of them was restored from a snapshot, would answer each
 *   other for ever.
 * - Every second segment is acknowledged at once; a single one waits 20 ms for the answer that mostly
 *   follows and takes the acknowledgment with it.
 * - `close` lingers: what still arrives is accepted and thrown away until the other side ends too or
 *   `LINGER` is over. A RST at once, as RFC 9293 section 3.6.1 suggests, would take back the end of a
 *   response that the guest has not read yet.
 * - TIME_WAIT lasts a second and not four minutes: nothing is delayed for longer on a link within one
 *   process.
 * - Left out: urgent data (delivered in line), timestamps, selective acknowledgments.
 */
import { asDrydockError, DrydockError } from '../error.ts';
import { Timer, type Clock } from './clock.ts';
import { toPosition, toSequence } from './sequence.ts';
import { RECEIVE_CAPACITY, TcpReceiver } from './tcp-receiver.ts';
import { Flag, OutgoingSegment, type Segment } from './tcp-segment.ts';
import { TcpSender } from './tcp-sender.ts';
import { Incoming, Outgoing } from './tcp-streams.ts';

/** The states of RFC 9293 section 3.3.2; LISTEN has no connection yet. */
type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

const ACKNOWLEDGMENT_DELAY = 20;
const STRAY_PAUSE = 500;
const TIME_WAIT = 1000;
const LINGER = 30_000;

/** The least shift by which a whole receive window fits into 16 bits (RFC 7323 section 2.2). */
const WINDOW_SCALE = Math.ceil(Math.log2((RECEIVE_CAPACITY + 1) / 0x10000));

/** What the other side takes when it does not say (RFC 9293 section 3.7.1). */
const DEFAULT_SEGMENT_SIZE = 536;
/** No smaller segments even for one who asks for them: it would have us send a frame per byte. */
const MIN_SEGMENT_SIZE = 64;

/** A connection, as those see it who use it. */
export interface TcpConnection {
  /** The other side's address and port, `192.168.86.101:8080`. */
  readonly remote: string;
  /** What the other side sends; ends when it has sent all. Errors when the connection breaks. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the other side is sent. Closing it ends that direction only, and waits for it to be acknowledged. */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when both sides have ended; rejects with a `DrydockError` when the connection breaks. */
  readonly closed: Promise<void>;
  /** Ends the connection in good order: sends what was written, and reads no more. */
  close(): void;
  /** Breaks the connection off, for `reason`. */
  abort(reason?: unknown): void;
}

/** What a connection asks of the one who carries its segments. */
export interface ConnectionHost {
  readonly clock: Clock;
  /** The largest payload that fits into a frame. */
  readonly segmentSize: number;
  /** Segments that may be in flight at once. */
  readonly burst: number;
  readonly localPort: number;
  readonly remotePort: number;
  transmit(segment: OutgoingSegment): void;
  retransmitted(): void;
  /** The connection is over, and nothing that arrives belongs to it any more. */
  release(): void;
}

export class Connection implements TcpConnection {
  readonly remote: string;
  /** Resolves when the connection is established; rejects when it will not be. */
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly #host: ConnectionHost;
  readonly #sender: TcpSender;
  readonly #receiver = new TcpReceiver();
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #acknowledgmentTimer: Timer;
  /** Ends TIME_WAIT, or the patience after `close`. */
  readonly #endTimer: Timer;
  readonly #initialSequence: number;
  #state: TcpState = 'syn-sent';
  /** The other side's first sequence number, known from its SYN on. */
  #remoteSequence = 0;
  /** Shifts of the two windows: 0 unless both sides sent the option. */
  #remoteWindowScale = 0;
  #localWindowScale = 0;
  /** Segments with data that arrived since the last acknowledgment. */
  #unacknowledged = 0;
  #lastStray = -Infinity;
  #resolveOpened!: () => void;
  #resolveClosed!: () => void;
  #rejectOpened!: (error: Error) => void;
  #rejectClosed!: (error: Error) => void;

  constructor(host: ConnectionHost, remote: string, initialSequence: number) {
    this.#host = host;
    this.remote = remote;
    this.#initialSequence = initialSequence;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    // Not everyone cares how a connection ends: a rejection that nobody looks at is no fault.
    this.opened.catch(() => undefined);
    this.closed.catch(() => undefined);
    this.#sender = new TcpSender(
      {
        clock: host.clock,
        burst: host.burst,
        transmit: (position, length, flags) => {
          this.#transmit(position, length, flags);
        },
        retransmitted: () => {
          host.retransmitted();
        },
        giveUp: () => {
          this.#reset(this.#error('timeout', `${remote} has stopped answering.`));
        },
      },
      host.segmentSize,
    );
    this.#incoming = new Incoming(this.#receiver, {
      onRead: () => {
        if (this.#receiver.hasNews && this.#isReceiving) this.#acknowledge();
      },
      onCancel: () => {
        this.#receiver.discard();
        this.#lingerIfAbandoned();
      },
    });
    this.#outgoing = new Outgoing(this.#sender, {
      onClose: () => {
        this.#finish();
      },
      onAbort: (reason) => {
        this.abort(reason);
      },
    });
    this.#acknowledgmentTimer = new Timer(host.clock, () => {
      this.#acknowledge();
    });
    this.#endTimer = new Timer(host.clock, () => {
      if (this.#state === 'time-wait') this.#release();
      else this.#reset(this.#error('timeout', `${remote} did not end the connection after we did.`));
    });
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#incoming.stream;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#outgoing.stream;
  }

  /** Asks the other side for a connection. */
  connect(): void {
    this.#sender.start();
  }

  /** Answers the other side's `syn`, with which it asked for a connection. */
  accept(syn: Segment): void {
    this.#synchronise(syn);
    this.#state = 'syn-received';
    this.#sender.start();
  }

  close(): void {
    if (this.#state === 'syn-sent' || this.#state === 'syn-received') {
      this.abort();
      return;
    }
    this.#receiver.discard();
    this.#incoming.close();
    if (!this.#sender.finishing)
      this.#outgoing.fail(this.#error('network-failed', `The connection to ${this.remote} was closed here.`));
    this.#finish();
  }

  abort(reason?: unknown): void {
    if (this.#state === 'time-wait') this.#release();
    if (this.#state === 'closed') return;
    const error = this.#error('network-failed', `The connection to ${this.remote} was broken off here.`);
    this.#receiver.discard();
    this.#reset(reason === undefined ? error : asDrydockError(reason, error.code, error.message));
  }

  /** The network reports that it cannot reach the other side. That ends an attempt, but not a connection (RFC 5461). */
  unreachable(error: DrydockError): void {
    if (this.#state === 'syn-sent') this.#fail(error);
  }

  /** Takes in a segment that belongs to this connection. */
  receive(segment: Segment): void {
    if (this.#state === 'syn-sent') {
      this.#receiveFirst(segment);
      return;
    }
    const { flags, payload } = segment;
    const position = toPosition(this.#remoteSequence, segment.sequence, this.#receiver.next);
    const isInWindow = position + payload.length >= this.#receiver.next && position <= this.#receiver.edge;
    if (flags & Flag.rst) {
      if (position === this.#receiver.next) this.#resetByPeer();
      else if (isInWindow) this.#answerStray(segment);
    } else if (!isInWindow || flags & Flag.syn) {
      this.#answerStray(segment);
    } else if (flags & Flag.ack && this.#takeAcknowledgment(segment, position)) {
      this.#takeData(segment, position);
    }
  }

  get #isOver(): boolean {
    return this.#state === 'time-wait' || this.#state === 'closed';
  }

  /** Whether the other side may still send data. */
  get #isReceiving(): boolean {
    return ['established', 'fin-wait-1', 'fin-wait-2'].includes(this.#state);
  }

  /** A segment in SYN_SENT (RFC 9293 section 3.10.7.3). */
  #receiveFirst(segment: Segment): void {
    const { flags } = segment;
    const hasAck = (flags & Flag.ack) !== 0;
    if (hasAck && toPosition(this.#initialSequence, segment.acknowledgment, 0) !== 1) {
      if (!(flags & Flag.rst)) this.#refuse(segment);
    } else if (flags & Flag.rst) {
      if (hasAck) {
        this.#fail(
          this.#error('network-failed', `${this.remote} refused the connection: nothing listens there.`),
        );
      }
    } else if (flags & Flag.syn) {
      this.#synchronise(segment);
      if (hasAck) {
        this.#establish(segment);
        this.#acknowledge();
      } else {
        // Both sides asked at once (RFC 9293 section 3.5, figure 7).
        this.#state = 'syn-received';
        this.#sender.start();
      }
    }
  }

  /** Learns from the other side's SYN where its stream begins and what it can do. */
  #synchronise({ sequence, maximumSegmentSize, windowScale }: Segment): void {
    this.#remoteSequence = sequence;
    if (windowScale !== undefined) {
      this.#remoteWindowScale = windowScale;
      this.#localWindowScale = WINDOW_SCALE;
    }
    const wanted = Math.max(maximumSegmentSize ?? DEFAULT_SEGMENT_SIZE, MIN_SEGMENT_SIZE);
    this.#sender.setSegmentSize(Math.min(wanted, this.#host.segmentSize));
  }

  /** Takes in the acknowledgment of our SYN. */
  #establish(segment: Segment): void {
    this.#state = 'established';
    // The window of a SYN is never scaled (RFC 7323 section 2.2).
    const scale = segment.flags & Flag.syn ? 0 : this.#remoteWindowScale;
    const sequence = toPosition(this.#remoteSequence, segment.sequence, this.#receiver.next);
    this.#sender.acknowledge({ position: 1, window: segment.window << scale, sequence, bare: false });
    this.#resolveOpened();
  }

  /** Returns whether the rest of the segment is worth a look. */
  #takeAcknowledgment(segment: Segment, sequence: number): boolean {
    const position = toPosition(this.#initialSequence, segment.acknowledgment, this.#sender.acknowledged);
    if (this.#state === 'syn-received') {
      if (position !== 1) {
        this.#refuse(segment);
        return false;
      }
      this.#establish(segment);
      return true;
    }
    if (position > this.#sender.highest) {
      this.#answerStray(segment);
      return false;
    }
    const bare = segment.payload.length === 0 && !(segment.flags & Flag.fin);
    this.#sender.acknowledge({ position, window: segment.window << this.#remoteWindowScale, sequence, bare });
    this.#outgoing.update();
    if (this.#sender.finished) this.#afterOurEnd();
    return true;
  }

  /** The other side has acknowledged our FIN. */
  #afterOurEnd(): void {
    if (this.#state === 'fin-wait-1') this.#state = 'fin-wait-2';
    else if (this.#state === 'closing') this.#waitAfterEnd();
    else if (this.#state === 'last-ack') {
      this.#resolveClosed();
      this.#release();
    }
  }

  #takeData({ payload, flags }: Segment, position: number): void {
    const fin = (flags & Flag.fin) !== 0;
    if (!this.#isReceiving || (payload.length === 0 && !fin)) return;
    const { next, hasGap } = this.#receiver;
    this.#receiver.accept(position, payload, fin);
    this.#unacknowledged++;
    if (this.#receiver.finished) this.#afterTheirEnd();
    // What is out of order, or fills a gap, is acknowledged at once (RFC 5681 section 4.2).
    const isOrderly = this.#receiver.next > next && !hasGap && !this.#receiver.hasGap;
    if (!isOrderly || this.#receiver.finished || this.#unacknowledged >= 2) this.#acknowledge();
    else this.#acknowledgmentTimer.start(ACKNOWLEDGMENT_DELAY);
    this.#incoming.update();
  }

  /** The other side has sent all. */
  #afterTheirEnd(): void {
    if (this.#state === 'established') this.#state = 'close-wait';
    else if (this.#state === 'fin-wait-1') this.#state = 'closing';
    else if (this.#state === 'fin-wait-2') this.#waitAfterEnd();
  }

  /** Ends our stream after what was written. */
  #finish(): void {
    if (this.#state === 'established') this.#state = 'fin-wait-1';
    else if (this.#state === 'close-wait') this.#state = 'last-ack';
    if (!this.#isOver) this.#sender.finish();
    this.#lingerIfAbandoned();
  }

  /** When nobody here reads or writes any more, the other side must not keep the connection for ever. */
  #lingerIfAbandoned(): void {
    const isAbandoned = this.#receiver.discarding && this.#sender.finishing;
    if (isAbandoned && !this.#isOver && !this.#endTimer.running) this.#endTimer.start(LINGER);
  }

  #waitAfterEnd(): void {
    this.#state = 'time-wait';
    this.#endTimer.start(TIME_WAIT);
    this.#resolveClosed();
  }

  /** Sends `length` bytes from `position` on, with the acknowledgment of what has arrived. */
  #transmit(position: number, length: number, flags: number): void {
    const isSyn = (flags & Flag.syn) !== 0;
    const hasAck = this.#state !== 'syn-sent';
    const scale = isSyn ? 0 : this.#localWindowScale;
    const offersScale = isSyn && (!hasAck || this.#localWindowScale > 0);
    this.#acknowledgmentTimer.stop();
    this.#unacknowledged = 0;
    const header = {
      sourcePort: this.#host.localPort,
      destinationPort: this.#host.remotePort,
      sequence: toSequence(this.#initialSequence, position),
      acknowledgment: hasAck ? toSequence(this.#remoteSequence, this.#receiver.next) : 0,
      flags: flags | (hasAck ? Flag.ack : 0),
      window: Math.min(this.#receiver.announce() >>> scale, 0xffff),
      maximumSegmentSize: isSyn ? this.#host.segmentSize : undefined,
      windowScale: offersScale ? WINDOW_SCALE : undefined,
    };
    const segment = new OutgoingSegment(header, length, (target) => {
      this.#sender.copy(position, target);
    });
    this.#host.transmit(segment);
  }

  #acknowledge(): void {
    this.#transmit(this.#sender.highest, 0, 0);
  }

  /** Answers a segment that does not fit, so that an honest sender learns where we are. */
  #answerStray({ payload, flags }: Segment): void {
    const now = this.#host.clock.now();
    const isEmpty = payload.length === 0 && !(flags & Flag.fin);
    if (isEmpty && now - this.#lastStray < STRAY_PAUSE) return;
    if (isEmpty) this.#lastStray = now;
    this.#acknowledge();
  }

  /** Rejects a segment that acknowledges what was never sent. */
  #refuse({ acknowledgment }: Segment): void {
    const header = {
      sourcePort: this.#host.localPort,
      destinationPort: this.#host.remotePort,
      sequence: acknowledgment,
      acknowledgment: 0,
      flags: Flag.rst,
      window: 0,
    };
    this.#host.transmit(new OutgoingSegment(header));
  }

  #resetByPeer(): void {
    if (this.#state === 'time-wait') this.#release();
    else this.#fail(this.#error('network-failed', `${this.remote} broke the connection off.`));
  }

  /** Tells the other side that the connection is broken off, and fails. */
  #reset(error: DrydockError): void {
    if (this.#state !== 'syn-sent') this.#transmit(this.#sender.highest, 0, Flag.rst);
    this.#fail(error);
  }

  #fail(error: DrydockError): void {
    this.#release();
    this.#incoming.fail(error);
    this.#outgoing.fail(error);
    this.#rejectOpened(error);
    this.#rejectClosed(error);
  }

  #release(): void {
    this.#state = 'closed';
    this.#sender.stop();
    this.#acknowledgmentTimer.stop();
    this.#endTimer.stop();
    this.#host.release();
  }

  #error(code: 'network-failed' | 'timeout', message: string): DrydockError {
    return new DrydockError(code, message, { remote: this.remote });
  }
}
