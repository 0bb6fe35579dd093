/**
 * A machine's network cable, with the faults that it can have: it can be pulled, slow, lossy or narrow. Everything
 * that the machine sends and gets passes here, what goes to the gateway too; so it is also where traffic is captured.
 */
import type { PacketCapture } from './packet-capture.ts';
import { systemClock, Timer, type Clock } from './clock.ts';

/** How a cable is. A sound one is plugged, has no delay, loses nothing and has no limit. */
export interface CableQuality {
  end: 'plugged' | 'unplugged';
  /** One way, in milliseconds. */
  delay: number;
  /** Share of the frames that get lost each way, 0 to 1. */
  loss: number;
  /** Bits a second each way; 0 for no limit. */
  rate: number;
}

export const SOUND_CABLE: CableQuality = { end: 'plugged', delay: 0, loss: 0, rate: 0 };

/** Frames that wait for a slow cable each way; what comes then is dropped, as by a network card. */
const QUEUE_FRAMES = 1000;

export interface CableCounters {
  /** Frames that reached the machine and that left it. */
  in: number;
  out: number;
  /** Lost since the cable was unplugged, by its loss, or since it was too slow. */
  drops: Record<'unplugged' | 'lost' | 'queue-full', number>;
}

export interface CableOptions {
  /** Where what the machine sends comes out. */
  toNetwork: (frame: Uint8Array) => void;
  toMachine: (frame: Uint8Array) => void;
  clock?: Clock;
  /** Gives numbers from 0 to 1, which decide what gets lost. */
  random?: () => number;
}

export class Cable {
  readonly counters: CableCounters = {
    in: 0,
    out: 0,
    drops: { unplugged: 0, lost: 0, 'queue-full': 0 },
  };
  /** Gets all that passes at the machine's end. */
  capture: PacketCapture | undefined;
  #quality = SOUND_CABLE;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #random: () => number;

  constructor({ toNetwork, toMachine, clock = systemClock, random = Math.random }: CableOptions) {
    this.#random = random;
    this.#up = new Direction(clock, (frame) => {
      this.counters.out++;
      toNetwork(frame);
    });
    this.#down = new Direction(clock, (frame) => {
      this.counters.in++;
      this.capture?.add(frame);
      toMachine(frame);
    });
  }

  get quality(): CableQuality {
    return this.#quality;
  }

  /** Changes the cable. What is under way in one that is pulled is lost. */
  set quality(quality: CableQuality) {
    this.#quality = quality;
    if (quality.end === 'unplugged') this.counters.drops.unplugged += this.#up.clear() + this.#down.clear();
  }

  /** Takes what the machine sends; the frame must not be changed afterwards. */
  fromMachine(frame: Uint8Array): void {
    this.capture?.add(frame);
    this.#send(this.#up, frame);
  }

  /** Takes what the machine is to get; the frame must not be changed afterwards. */
  fromNetwork(frame: Uint8Array): void {
    this.#send(this.#down, frame);
  }

  /** Forgets what is under way, because another machine takes the place of the present one. */
  clear(): void {
    this.#up.clear();
    this.#down.clear();
  }

  #send(direction: Direction, frame: Uint8Array): void {
    const { drops } = this.counters;
    if (this.#quality.end === 'unplugged') drops.unplugged++;
    else if (this.#random() < this.#quality.loss) drops.lost++;
    else if (!direction.send(frame, this.#quality)) drops['queue-full']++;
  }
}

/** One way through a cable, in order. */
class Direction {
  readonly #clock: Clock;
  readonly #deliver: (frame: Uint8Array) => void;
  readonly #timer: Timer;
  readonly #queue: { frame: Uint8Array; arrival: number }[] = [];
  /** When the last bit of what was sent is on the cable. */
  #free = 0;

  constructor(clock: Clock, deliver: (frame: Uint8Array) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#timer = new Timer(clock, () => {
      this.#arrive();
    });
  }

  /** False when too much waits already. */
  send(frame: Uint8Array, { delay, rate }: CableQuality): boolean {
    if (delay === 0 && rate === 0 && this.#queue.length === 0) {
      this.#deliver(frame);
      return true;
    }
    if (this.#queue.length >= QUEUE_FRAMES) return false;
    const now = this.#clock.now();
    const onTheCable = rate > 0 ? (frame.length * 8 * 1000) / rate : 0;
    this.#free = Math.max(now, this.#free) + onTheCable;
    // A cable that has become faster still keeps the order.
    const arrival = Math.max(this.#free + delay, this.#queue.at(-1)?.arrival ?? 0);
    this.#queue.push({ frame, arrival });
    if (!this.#timer.running) this.#timer.start(arrival - now);
    return true;
  }

  /** @returns how many frames were under way */
  clear(): number {
    this.#timer.stop();
    this.#free = 0;
    return this.#queue.splice(0).length;
  }

  #arrive(): void {
    const now = this.#clock.now();
    let first = this.#queue[0];
    while (first && first.arrival <= now) {
      this.#queue.shift();
      this.#deliver(first.frame);
      first = this.#queue[0];
    }
    if (first) this.#timer.start(first.arrival - now);
  }
}
