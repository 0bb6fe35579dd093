/** Whatever a guest sends, the gateway neither throws nor wedges. */
import { describe, expect, it } from 'vitest';
import { encode } from '@leichtgewicht/dns-packet';
import { EtherType } from './ethernet.ts';
import { Protocol } from './ipv4.ts';
import type { TcpConnection } from './tcp-connection.ts';
import { Flag } from './tcp-segment.ts';
import {
  createGateway,
  createLine,
  createRandom,
  FakeClock,
  frameOf,
  packetFrame,
  tcpFrame,
  udpFrame,
} from './testing.ts';

const query = encode({ id: 7, questions: [{ type: 'A', name: 'node1' }] });
const SAMPLES = [
  udpFrame(53, query),
  udpFrame(99, new Uint8Array(20)),
  tcpFrame({ flags: Flag.syn, maximumSegmentSize: 1460, windowScale: 7 }),
  tcpFrame({ flags: Flag.ack, acknowledgment: 1 }, new Uint8Array(30)),
  packetFrame(Protocol.icmp, Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0)),
  packetFrame(Protocol.icmp, new Uint8Array(60).fill(3)),
  frameOf(EtherType.arp, Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1, ...new Uint8Array(20).fill(9))),
];

/** `frame` with some bytes changed, and perhaps cut or longer. */
function mutate(frame: Uint8Array, random: () => number): Uint8Array {
  const length = random() < 0.2 ? Math.floor(random() * 2 * frame.length) : frame.length;
  const mutant = new Uint8Array(length);
  mutant.set(frame.subarray(0, length));
  for (let changes = Math.floor(random() * 4); changes > 0; changes--) {
    mutant[Math.floor(random() * length)] = random() * 256;
  }
  return mutant;
}

describe('a gateway under fire', () => {
  it('survives random and mutated frames, and works after them', async () => {
    const random = createRandom(11);
    const { gateway, clock, take } = createGateway({ names: { node1: '192.168.86.101' } });
    gateway.listen(80, () => undefined);
    for (let round = 0; round < 20_000; round++) {
      const sample = SAMPLES[Math.floor(random() * SAMPLES.length)] as Uint8Array;
      const noise = Uint8Array.from({ length: Math.floor(random() * 80) }, () => random() * 256);
      gateway.receive(random() < 0.1 ? noise : mutate(sample, random));
      take();
    }
    gateway.receive(udpFrame(53, query));
    expect(take()).toHaveLength(1);
    // Whatever was begun comes to its end.
    await clock.pass(3_600_000);
    gateway.reset();
    expect(clock.pending).toBe(0);
  });

  it('survives segments with any numbers in the right connection', async () => {
    const random = createRandom(12);
    const { gateway, clock, take } = createGateway({ initialSequence: () => 1000 });
    const word = () => Math.floor(random() * 2 ** 32);
    const near = (value: number) => (value + Math.floor((random() - 0.5) * 300)) >>> 0;
    let accepted = 0;
    gateway.listen(80, (connection) => {
      accepted++;
      connection.readable.pipeTo(connection.writable).catch(() => undefined);
    });
    for (let round = 0; round < 20_000; round++) {
      const frame = tcpFrame(
        {
          // Most segments meet a connection that is under way; every now and then it is another one.
          sourcePort: 4000 + Math.floor(round / 500),
          flags: random() < 0.02 ? Flag.syn : random() < 0.9 ? Flag.ack : word() & 0x3f,
          sequence: random() < 0.9 ? near(150) : word(),
          acknowledgment: random() < 0.9 ? near(1100) : word(),
          window: random() < 0.2 ? 0 : word() & 0xffff,
          ...(random() < 0.1 && { maximumSegmentSize: word() & 0xffff, windowScale: word() & 0xff }),
        },
        new Uint8Array(Math.floor(random() * 50)),
      );
      gateway.receive(frame);
      if (round % 100 === 0) await clock.pass(random() * 1000);
      take();
    }
    expect(accepted).toBeGreaterThan(10);
    await clock.pass(3_600_000);
    gateway.reset();
    expect(clock.pending).toBe(0);
  });

  it('delivers intact although a third party mutates frames on the line', async () => {
    const random = createRandom(13);
    const clock = new FakeClock();
    const { gateway, guest, line } = createLine(clock);
    line.tap = (frame) => {
      if (random() < 0.02) gateway.receive(mutate(frame, random));
      if (random() < 0.02) guest.receive(mutate(frame, random));
    };
    const accepted = new Promise<TcpConnection>((resolve) => guest.listen(80, resolve));
    const client = await clock.until(gateway.connect({ address: '192.168.86.101', port: 80 }));
    const server = await clock.until(accepted);
    const sent = Uint8Array.from({ length: 300_000 }, () => random() * 256);
    const writer = client.writable.getWriter();
    void writer.write(sent).then(() => writer.close());
    const received: Uint8Array[] = [];
    const sink = new WritableStream<Uint8Array>({
      write: (chunk) => {
        received.push(chunk);
      },
    });
    await clock.until(server.readable.pipeTo(sink));
    expect(Buffer.compare(Buffer.concat(received), sent)).toBe(0);
  });
});
