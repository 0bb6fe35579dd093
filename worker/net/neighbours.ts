/**
 * Which station has which address: learned from everything that a station sends, asked for with ARP
 * when it must be known and is not. Frames for an unknown station wait here (RFC 1122 section 2.3.2.2);
 * they are dropped when it has not answered in time.
 */
import { sameMac } from './address.ts';
import { Timer, type Clock } from './clock.ts';

/** Requests for one address, and the pause after each, in milliseconds. */
const REQUESTS = 3;
const REQUEST_PAUSE = 1000;

/** Frames that wait for one address. More than one is of use only to a burst of UDP or ICMP. */
const MAX_WAITING = 8;

/** Addresses kept. The LAN has 254; a guest that makes up senders must not fill our memory. */
const MAX_NEIGHBOURS = 512;

interface Search {
  frames: Uint8Array<ArrayBuffer>[];
  requests: number;
  timer: Timer;
}

/** What the table asks of its owner. */
export interface NeighboursHost {
  readonly clock: Clock;
  /** Broadcasts an ARP request. */
  ask(address: number): void;
  /** Sends a frame that waited. */
  deliver(frame: Uint8Array<ArrayBuffer>, mac: Uint8Array): void;
  /** Nobody answered for `address`; `frames` are dropped. */
  missing(address: number, frames: number): void;
}

export class Neighbours {
  readonly #host: NeighboursHost;
  readonly #known = new Map<number, Uint8Array>();
  readonly #searches = new Map<number, Search>();

  constructor(host: NeighboursHost) {
    this.#host = host;
  }

  /** Notes that the station with `mac` has `address`, and sends what waited for it. */
  learn(address: number, mac: Uint8Array): void {
    const known = this.#known.get(address);
    if (!known || !sameMac(known, mac)) {
      if (!known && this.#known.size >= MAX_NEIGHBOURS) this.#known.clear();
      this.#known.set(address, mac.slice());
    }
    const search = this.#searches.get(address);
    if (!search) return;
    this.#searches.delete(address);
    search.timer.stop();
    for (const frame of search.frames) this.#host.deliver(frame, mac);
  }

  /** Sends `frame` to the station with `address`, at once or when it is known. */
  send(frame: Uint8Array<ArrayBuffer>, address: number): void {
    const mac = this.#known.get(address);
    if (mac) {
      this.#host.deliver(frame, mac);
      return;
    }
    const search = this.#searches.get(address) ?? this.#search(address);
    if (search.frames.length < MAX_WAITING) search.frames.push(frame);
  }

  /** Forgets every station and drops what waits. */
  clear(): void {
    for (const { timer } of this.#searches.values()) timer.stop();
    this.#searches.clear();
    this.#known.clear();
  }

  #search(address: number): Search {
    const search: Search = {
      frames: [],
      requests: 0,
      timer: new Timer(this.#host.clock, () => {
        this.#ask(address, search);
      }),
    };
    this.#searches.set(address, search);
    this.#ask(address, search);
    return search;
  }

  #ask(address: number, search: Search): void {
    if (search.requests === REQUESTS) {
      this.#searches.delete(address);
      this.#host.missing(address, search.frames.length);
      return;
    }
    search.requests++;
    search.timer.start(REQUEST_PAUSE);
    this.#host.ask(address);
  }
}
