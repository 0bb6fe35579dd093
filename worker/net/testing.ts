/** What the tests of the network share: a clock that they turn, a bad line, and frames by hand. */
import { parseAddress } from './address.ts';
import type { Clock } from './clock.ts';
import { ETHERNET_HEADER, EtherType, parseEthernet, writeEthernet } from './ethernet.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import { IPV4_HEADER, parseIpv4, Protocol, writeIpv4, type Ipv4Packet } from './ipv4.ts';
import { OutgoingSegment, parseSegment, type Segment, type SegmentHeader } from './tcp-segment.ts';
import { encodeUdp } from './udp.ts';

export const GATEWAY_MAC = Uint8Array.of(0x52, 0x54, 0, 0x86, 0, 1);
export const GUEST_MAC = Uint8Array.of(0x52, 0x54, 0, 0x86, 0, 0x65);
export const GATEWAY = ip('192.168.86.1');
export const GUEST = ip('192.168.86.101');

/** A clock whose time passes only when a test lets it. */
export class FakeClock implements Clock {
  #now = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, milliseconds: number): unknown {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as { at: number; callback: () => void });
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass until `promise` settles. Fails when nothing is left to happen before that. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const progress = { isSettled: false };
    const settle = () => {
      progress.isSettled = true;
    };
    promise.then(settle, settle);
    await settled();
    while (!progress.isSettled) {
      if (!this.#step(Infinity)) throw new Error(`Deadlock at ${this.#now} ms: nothing is left to happen.`);
      await settled();
    }
    return promise;
  }

  /** Lets `milliseconds` pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settled();
    while (this.#step(end)) await settled();
    this.#now = end;
  }

  /** Runs the timer that is due next, if that is before `end`. */
  #step(end: number): boolean {
    let next: { at: number; callback: () => void } | undefined;
    for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer;
    if (!next || next.at > end) return false;
    this.#timers.delete(next);
    this.#now = next.at;
    next.callback();
    return true;
  }
}

/** Resolves when every promise that can settle without time passing has. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A generator of numbers from 0 to 1, the same ones for the same `seed` (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

export interface LineOptions {
  /** Shares of frames that are lost, doubled, and held back (so that others overtake them). */
  loss?: number;
  duplication?: number;
  reordering?: number;
  /** Frames on the way at once in one direction; more are dropped. */
  capacity?: number;
  seed?: number;
  /** Options of the two ends. */
  gateway?: Partial<GatewayOptions>;
  guest?: Partial<GatewayOptions>;
}

/** Two endpoints on a line that takes a millisecond: a gateway, and another one that plays the guest. */
export function createLine(clock: FakeClock, options: LineOptions = {}) {
  const { loss = 0, duplication = 0, reordering = 0, capacity = Infinity, seed = 1 } = options;
  const random = createRandom(seed);
  const line = {
    /** A cut line carries nothing. */
    isCut: false,
    /** The most frames that were on the way at once, by direction. */
    peak: { toGuest: 0, toGateway: 0 },
    /** Sees every frame before anything happens to it. */
    tap: undefined as ((frame: Uint8Array, to: 'toGuest' | 'toGateway') => void) | undefined,
  };
  const carry = (to: 'toGuest' | 'toGateway', target: () => Gateway) => {
    let onTheWay = 0;
    return (frame: Uint8Array) => {
      line.tap?.(frame, to);
      if (line.isCut || random() < loss || onTheWay >= capacity) return;
      for (let copies = random() < duplication ? 2 : 1; copies > 0; copies--) {
        onTheWay++;
        line.peak[to] = Math.max(line.peak[to], onTheWay);
        const delay = random() < reordering ? 1 + random() * 3 : 1;
        clock.setTimeout(() => {
          onTheWay--;
          target().receive(frame);
        }, delay);
      }
    };
  };
  const gateway: Gateway = new Gateway({ clock, send: carry('toGuest', () => guest), ...options.gateway });
  const guest: Gateway = new Gateway({
    clock,
    send: carry('toGateway', () => gateway),
    addresses: ['192.168.86.101'],
    mac: '52:54:00:86:00:65',
    ...options.guest,
  });
  return { gateway, guest, line };
}

/** A gateway, and the frames that it has sent since they were last taken. */
export function createGateway(options: Partial<GatewayOptions> = {}) {
  const frames: Uint8Array[] = [];
  const clock = new FakeClock();
  const gateway = new Gateway({ clock, send: (frame) => frames.push(frame), ...options });
  return { gateway, clock, take: () => frames.splice(0) };
}

export function ip(text: string): number {
  return parseAddress(text) as number;
}

/** An Ethernet frame from the guest to the gateway, or to `destination`. */
export function frameOf(type: number, payload: Uint8Array, destination = GATEWAY_MAC): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER + payload.length);
  writeEthernet(frame, { destination, source: GUEST_MAC, type });
  frame.set(payload, ETHERNET_HEADER);
  return frame;
}

/** A frame with an IPv4 packet from the guest. */
export function packetFrame(protocol: number, payload: Uint8Array, destination = GATEWAY): Uint8Array {
  const packet = new Uint8Array(IPV4_HEADER + payload.length);
  packet.set(payload, IPV4_HEADER);
  writeIpv4(packet, { source: GUEST, destination, protocol, identification: 7 });
  return frameOf(EtherType.ipv4, packet);
}

/** A frame with a UDP datagram from the guest's port 4000. */
export function udpFrame(destinationPort: number, payload: Uint8Array, destination = GATEWAY): Uint8Array {
  const datagram = { sourcePort: 4000, destinationPort, payload };
  return packetFrame(Protocol.udp, encodeUdp(datagram, GUEST, destination), destination);
}

/** A frame with a TCP segment from the guest. */
export function tcpFrame(
  header: Partial<SegmentHeader>,
  payload = new Uint8Array(),
  destination = GATEWAY,
): Uint8Array {
  const segment = new OutgoingSegment(
    {
      sourcePort: 4000,
      destinationPort: 80,
      sequence: 0,
      acknowledgment: 0,
      flags: 0,
      window: 65535,
      ...header,
    },
    payload.length,
    (target) => {
      target.set(payload);
    },
  );
  const bytes = new Uint8Array(segment.length);
  segment.write(bytes, GUEST, destination);
  return packetFrame(Protocol.tcp, bytes, destination);
}

/** The IPv4 packet in a frame of the gateway's, which must have a correct one. */
export function packetIn(frame: Uint8Array | undefined): Ipv4Packet {
  const packet = parseIpv4(parseEthernet(frame ?? new Uint8Array())?.payload ?? new Uint8Array());
  if (typeof packet === 'string') throw new Error(`No packet: ${packet}`);
  return packet;
}

/** The TCP segment in a frame of the gateway's, which must have a correct one. */
export function segmentIn(frame: Uint8Array | undefined): Segment {
  const segment = parseSegment(packetIn(frame));
  if (typeof segment === 'string') throw new Error(`No segment: ${segment}`);
  return segment;
}
