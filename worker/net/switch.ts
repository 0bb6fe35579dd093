/**
 * The switch of the LAN: it learns behind which port each station is, and floods only what is for all or for a station
 * that it does not know. It works like any Ethernet bridge (IEEE 802.1D, 7.8 and 7.9), without a spanning tree: there
 * is one switch, and every port leads to one machine.
 */
import { systemClock, type Clock } from './clock.ts';
import { ETHERNET_HEADER, isGroup } from './ethernet.ts';
import { LAN_MTU } from './lan.ts';

/** The longest frame: the largest packet with a header and one VLAN tag. */
const MAXIMUM_FRAME = ETHERNET_HEADER + 4 + LAN_MTU;

/** How long a station that says nothing is remembered, in milliseconds (IEEE 802.1D, table 7-5). */
const AGEING_MILLISECONDS = 300_000;

/** Stations remembered at once. What does not fit is flooded. */
const MAXIMUM_STATIONS = 1024;

/** Why a frame went nowhere: it was no frame, too long, for a station behind its own port, or its receiver had no room. */
export type SwitchDrop = 'malformed' | 'oversize' | 'own-port' | 'queue-full';

/** What passed a port; `in` is what its machine sent. */
export interface PortCounters {
  framesIn: number;
  bytesIn: number;
  framesOut: number;
  bytesOut: number;
  /** Frames that came in and went to all other ports. */
  flooded: number;
  drops: Record<SwitchDrop, number>;
}

/** Takes a frame, which it must not change; false when it has no room for it. */
export type Deliver = (frame: Uint8Array) => boolean;

/** The machine's end of a port. */
export interface SwitchPort {
  /** Takes in a frame, which nobody may change from then on. */
  receive: (frame: Uint8Array) => void;
  readonly counters: PortCounters;
  /** Pulls the cable: the port and all that was learned of it are gone. */
  unplug: () => void;
}

/** Where a machine's cable leads. */
export interface Lan {
  plug: (deliver: Deliver) => Pick<SwitchPort, 'receive' | 'unplug'>;
}

interface Port {
  deliver: Deliver;
  counters: PortCounters;
}

interface Station {
  port: Port;
  seen: number;
}

export class Switch implements Lan {
  readonly #clock: Clock;
  readonly #ports = new Set<Port>();
  /** By hardware address, which as a number of 48 bits is exact. */
  readonly #stations = new Map<number, Station>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Adds a port; frames for its machine go to `deliver`. */
  plug(deliver: Deliver): SwitchPort {
    const port: Port = { deliver, counters: createPortCounters() };
    this.#ports.add(port);
    return {
      receive: (frame) => {
        if (this.#ports.has(port)) this.#receive(port, frame);
      },
      counters: port.counters,
      unplug: () => {
        this.#ports.delete(port);
        for (const [address, station] of this.#stations)
          if (station.port === port) this.#stations.delete(address);
      },
    };
  }

  #receive(from: Port, frame: Uint8Array): void {
    const { counters } = from;
    counters.framesIn++;
    counters.bytesIn += frame.length;
    if (frame.length < ETHERNET_HEADER || isGroup(frame.subarray(6, 12))) {
      counters.drops.malformed++;
      return;
    }
    if (frame.length > MAXIMUM_FRAME) {
      counters.drops.oversize++;
      return;
    }
    this.#learn(macNumber(frame, 6), from);
    const known = isGroup(frame) ? undefined : this.#find(macNumber(frame, 0));
    if (known === from) counters.drops['own-port']++;
    else if (known) send(known, frame);
    else {
      counters.flooded++;
      for (const port of this.#ports) if (port !== from) send(port, frame);
    }
  }

  #learn(address: number, port: Port): void {
    const station = this.#stations.get(address);
    const now = this.#clock.now();
    if (station) {
      station.port = port;
      station.seen = now;
    } else {
      if (this.#stations.size >= MAXIMUM_STATIONS) this.#forgetOld(now);
      if (this.#stations.size < MAXIMUM_STATIONS) this.#stations.set(address, { port, seen: now });
    }
  }

  #find(address: number): Port | undefined {
    const station = this.#stations.get(address);
    return station && this.#clock.now() - station.seen <= AGEING_MILLISECONDS ? station.port : undefined;
  }

  #forgetOld(now: number): void {
    for (const [address, { seen }] of this.#stations)
      if (now - seen > AGEING_MILLISECONDS) this.#stations.delete(address);
  }
}

function send({ deliver, counters }: Port, frame: Uint8Array): void {
  if (!deliver(frame)) {
    counters.drops['queue-full']++;
    return;
  }
  counters.framesOut++;
  counters.bytesOut += frame.length;
}

/** The hardware address at `offset` of a frame. */
function macNumber(frame: Uint8Array, offset: number): number {
  let number = 0;
  for (let i = offset; i < offset + 6; i++) number = number * 256 + (frame[i] as number);
  return number;
}

function createPortCounters(): PortCounters {
  return {
    framesIn: 0,
    bytesIn: 0,
    framesOut: 0,
    bytesOut: 0,
    flooded: 0,
    drops: { malformed: 0, oversize: 0, 'own-port': 0, 'queue-full': 0 },
  };
}
