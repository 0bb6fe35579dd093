import { describe, expect, it } from 'vitest';
import { BROADCAST_MAC, ETHERNET_HEADER, EtherType, writeEthernet } from './ethernet.ts';
import { Switch, type SwitchPort } from './switch.ts';
import { createRandom, FakeClock } from './testing.ts';

const FIVE_MINUTES = 300_000;

const station = (number: number): Uint8Array => Uint8Array.of(0x52, 0x54, 0, 0, number >>> 8, number);

function frame(source: Uint8Array, destination: Uint8Array, payload = Uint8Array.of(1, 2, 3)): Uint8Array {
  const bytes = new Uint8Array(ETHERNET_HEADER + payload.length);
  writeEthernet(bytes, { source, destination, type: EtherType.ipv4 });
  bytes.set(payload, ETHERNET_HEADER);
  return bytes;
}

/** A switch with machines; each port's `inbox` has the frames that came since it was last taken. */
function createSwitch(ports: number) {
  const clock = new FakeClock();
  const lan = new Switch(clock);
  const room = Array.from({ length: ports }, () => Infinity);
  const inboxes: Uint8Array[][] = Array.from({ length: ports }, () => []);
  const plugs: SwitchPort[] = inboxes.map((inbox, i) =>
    lan.plug((bytes) => {
      if (inbox.length >= (room[i] as number)) return false;
      inbox.push(bytes);
      return true;
    }),
  );
  return {
    clock,
    lan,
    room,
    port: (number: number) => plugs[number] as SwitchPort,
    /** By port, how many frames came. */
    take: () => inboxes.map((inbox) => inbox.splice(0).length),
  };
}

describe('a switch', () => {
  it('floods what is for a station that it does not know, and then sends it to its port only', () => {
    const { port, take } = createSwitch(3);
    port(0).receive(frame(station(1), station(2)));
    expect(take()).toEqual([0, 1, 1]);
    port(1).receive(frame(station(2), station(1)));
    expect(take()).toEqual([1, 0, 0]);
    port(0).receive(frame(station(1), station(2)));
    expect(take()).toEqual([0, 1, 0]);
  });

  it('sends broadcast and multicast to all other ports', () => {
    const { port, take } = createSwitch(3);
    port(1).receive(frame(station(1), BROADCAST_MAC));
    port(1).receive(frame(station(1), Uint8Array.of(1, 0, 0x5e, 0, 0, 1)));
    expect(take()).toEqual([2, 0, 2]);
  });

  it('drops what is for a station behind the same port', () => {
    const { port, take } = createSwitch(2);
    port(0).receive(frame(station(1), BROADCAST_MAC));
    port(0).receive(frame(station(2), BROADCAST_MAC));
    take();
    port(0).receive(frame(station(1), station(2)));
    expect(take()).toEqual([0, 0]);
    expect(port(0).counters.drops['own-port']).toBe(1);
  });

  it('follows a station that moves', () => {
    const { port, take } = createSwitch(3);
    port(0).receive(frame(station(1), BROADCAST_MAC));
    port(1).receive(frame(station(1), BROADCAST_MAC));
    take();
    port(2).receive(frame(station(2), station(1)));
    expect(take()).toEqual([0, 1, 0]);
  });

  it('forgets a station that was silent for five minutes, and what was behind a port that is unplugged', async () => {
    const { clock, port, take } = createSwitch(3);
    port(0).receive(frame(station(1), BROADCAST_MAC));
    await clock.pass(FIVE_MINUTES + 1);
    take();
    port(1).receive(frame(station(2), station(1)));
    expect(take()).toEqual([1, 0, 1]);
    port(1).unplug();
    port(0).receive(frame(station(1), station(2)));
    expect(take()).toEqual([0, 0, 1]);
    port(1).receive(frame(station(2), BROADCAST_MAC));
    expect(take()).toEqual([0, 0, 0]);
  });

  it('drops what is no frame, what is too long and what its receiver has no room for', () => {
    const { port, room, take } = createSwitch(2);
    port(0).receive(new Uint8Array(13));
    port(0).receive(frame(BROADCAST_MAC, station(1)));
    port(0).receive(frame(station(1), BROADCAST_MAC, new Uint8Array(1505)));
    expect(take()).toEqual([0, 0]);
    port(0).receive(frame(station(1), BROADCAST_MAC, new Uint8Array(1504)));
    expect(take()).toEqual([0, 1]);
    room[1] = 0;
    port(0).receive(frame(station(1), BROADCAST_MAC));
    expect(port(0).counters.drops).toEqual({ malformed: 2, oversize: 1, 'own-port': 0, 'queue-full': 0 });
    expect(port(1).counters.drops['queue-full']).toBe(1);
  });

  it('works on when a port sends from more stations than it remembers', () => {
    const { port, take } = createSwitch(3);
    for (let number = 0; number < 5000; number++) port(0).receive(frame(station(number), BROADCAST_MAC));
    port(1).receive(frame(Uint8Array.of(2, 0, 0, 0, 0, 9), BROADCAST_MAC));
    take();
    port(2).receive(frame(Uint8Array.of(2, 0, 0, 0, 0, 8), station(4)));
    expect(take()).toEqual([1, 0, 0]);
    port(2).receive(frame(Uint8Array.of(2, 0, 0, 0, 0, 8), Uint8Array.of(2, 0, 0, 0, 0, 9)));
    expect(take()).toEqual([1, 1, 0]);
  });

  it('counts what passes', () => {
    const { port } = createSwitch(2);
    port(0).receive(frame(station(1), station(2)));
    port(1).receive(frame(station(2), station(1)));
    expect(port(0).counters).toMatchObject({
      framesIn: 1,
      bytesIn: 17,
      framesOut: 1,
      bytesOut: 17,
      flooded: 1,
    });
    expect(port(1).counters).toMatchObject({
      framesIn: 1,
      bytesIn: 17,
      framesOut: 1,
      bytesOut: 17,
      flooded: 0,
    });
  });
});

describe('whatever the traffic', () => {
  it.each([1, 2, 3, 4, 5])(
    'every frame for a known station arrives once, unchanged, at its port only (seed %i)',
    (seed) => {
      const random = createRandom(seed);
      const pick = (below: number): number => Math.floor(random() * below);
      const lan = new Switch(new FakeClock());
      const arrived: { port: number; frame: Uint8Array }[] = [];
      const plug = (port: number): SwitchPort =>
        lan.plug((bytes) => {
          arrived.push({ port, frame: bytes });
          return true;
        });
      const ports = [0, 1, 2, 3, 4].map(plug);
      const homes = new Map<number, number>();
      for (let round = 0; round < 5000; round++) {
        if (random() < 0.002) {
          const moved = pick(5);
          ports[moved]?.unplug();
          ports[moved] = plug(moved);
          for (const [number, home] of homes) if (home === moved) homes.delete(number);
        }
        const from = pick(5);
        const source = pick(40);
        const target = pick(40);
        const sent = frame(
          station(source),
          station(target),
          Uint8Array.from({ length: pick(60) }, () => pick(256)),
        );
        const copy = sent.slice();
        homes.set(source, from);
        const home = homes.get(target);
        const others = [0, 1, 2, 3, 4].filter((port) => port !== from);
        const expected = home === undefined ? others : others.filter((port) => port === home);
        ports[from]?.receive(sent);
        const got = arrived.splice(0);
        expect(got.map(({ port }) => port).sort()).toEqual(expected);
        for (const { frame: bytes } of got) expect(bytes).toEqual(copy);
      }
    },
  );
});
