/** Two stacks against each other, over good and bad lines. */
import { describe, expect, it } from 'vitest';
import { DrydockError } from '../error.ts';
import { ETHERNET_HEADER, parseEthernet } from './ethernet.ts';
import { parseIpv4, Protocol } from './ipv4.ts';
import { RECEIVE_CAPACITY } from './tcp-receiver.ts';
import { Flag, parseSegment, type Segment } from './tcp-segment.ts';
import { SEND_CAPACITY } from './tcp-sender.ts';
import type { TcpConnection } from './tcp-connection.ts';
import { createLine, createRandom, FakeClock, settled, type LineOptions } from './testing.ts';

const TARGET = { address: '192.168.86.101', port: 8080 };
const HELLO = new TextEncoder().encode('hello');

/** A line with an established connection: `client` is the gateway's end, `server` the guest's. */
async function establish(options: LineOptions = {}) {
  const clock = new FakeClock();
  const ends = createLine(clock, options);
  const accepted = new Promise<TcpConnection>((resolve) => ends.guest.listen(TARGET.port, resolve));
  const client = await clock.until(ends.gateway.connect({ ...TARGET, timeout: 60 }));
  const server = await clock.until(accepted);
  return { ...ends, clock, client, server };
}

/** Bytes that no shift or swap leaves the same. */
function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

/** Writes `bytes` in chunks of random sizes, and ends the stream. */
async function send(connection: TcpConnection, bytes: Uint8Array, maximum = 100_000): Promise<void> {
  const random = createRandom(bytes.length);
  const writer = connection.writable.getWriter();
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + Math.floor(random() * maximum);
    await writer.write(bytes.subarray(start, end));
    start = end;
  }
  await writer.close();
}

/** Everything that the other side sends. */
async function readAll(connection: TcpConnection): Promise<Uint8Array> {
  const reader = connection.readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return Buffer.concat(chunks);
}

/** Compares large arrays without printing them. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

/** The TCP segment in `frame`, if there is one. */
function segmentIn(frame: Uint8Array): Segment | undefined {
  const packet = parseIpv4(parseEthernet(frame)?.payload ?? new Uint8Array());
  if (typeof packet === 'string' || packet.protocol !== Protocol.tcp) return undefined;
  const segment = parseSegment(packet);
  return typeof segment === 'string' ? undefined : segment;
}

describe('bytes arrive, both ways and in order', () => {
  const lines: [string, number, LineOptions][] = [
    ['a good line', 5_000_000, {}],
    ['a line with a short queue', 5_000_000, { capacity: 24 }],
    ['a line that loses 2 %', 2_000_000, { loss: 0.02 }],
    ['a line that loses 20 %', 100_000, { loss: 0.2 }],
    ['a line that doubles', 500_000, { duplication: 0.3 }],
    ['a line that reorders', 500_000, { reordering: 0.3 }],
    ['a line that does all of it', 500_000, { loss: 0.03, duplication: 0.05, reordering: 0.1 }],
    ['jumbo frames', 5_000_000, { gateway: { mtu: 65535 }, guest: { mtu: 65535 } }],
    ['ends of different MTU', 500_000, { gateway: { mtu: 9000 }, guest: { mtu: 576 } }],
    ['sequence numbers that wrap', 500_000, { loss: 0.02, gateway: nearWrap(1), guest: nearWrap(200_000) }],
  ];

  /** Options that let sequence numbers pass 2³² after `bytes`. */
  function nearWrap(bytes: number) {
    return { initialSequence: () => 2 ** 32 - bytes };
  }

  it.each(lines)('on %s', async (_, length, options) => {
    const { clock, client, server, gateway, guest } = await establish(options);
    const up = noise(length, 1);
    const down = noise(length, 2);
    const [atServer, atClient] = await clock.until(
      Promise.all([readAll(server), readAll(client), send(client, up), send(server, down)]),
    );
    expectSame(atServer, up);
    expectSame(atClient, down);
    await clock.until(Promise.all([client.closed, server.closed]));
    await clock.pass(2000);
    expect(clock.pending).toBe(0);
    if (Object.keys(options).length === 0) {
      expect(gateway.counters.retransmissions + guest.counters.retransmissions).toBe(0);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('on a very bad line, seed %i', async (seed) => {
    const options = { loss: 0.15, duplication: 0.1, reordering: 0.3, seed };
    const { clock, client, server } = await establish(options);
    const bytes = noise(40_000, seed);
    const [atServer, atClient] = await clock.until(
      Promise.all([readAll(server), readAll(client), send(client, bytes, 3000), send(server, bytes, 3000)]),
    );
    expectSame(atServer, bytes);
    expectSame(atClient, bytes);
  });

  it('never has more than the burst in flight, however small the writes', async () => {
    const { clock, client, server, line } = await establish({ gateway: { burst: 16 } });
    const bytes = noise(20_000);
    const [atServer] = await clock.until(Promise.all([readAll(server), send(client, bytes, 20)]));
    expectSame(atServer, bytes);
    expect(line.peak.toGuest).toBeLessThanOrEqual(17);
    expect(line.peak.toGuest).toBeGreaterThan(8);
  });

  it('fills the line: a round trip carries a whole burst', async () => {
    const { clock, client, server } = await establish();
    const start = clock.now();
    await clock.until(Promise.all([readAll(server), send(client, noise(5_000_000))]));
    const roundTrips = (clock.now() - start) / 2;
    expect(5_000_000 / 1460 / roundTrips).toBeGreaterThan(50);
  });
});

describe('back-pressure', () => {
  it('stops a writer when nobody reads, probes, and goes on', async () => {
    const { clock, client, server, line } = await establish();
    let written = 0;
    const bytes = noise(4096);
    const writer = client.writable.getWriter();
    const writing = (async () => {
      for (; written < 500 * bytes.length; written += bytes.length) await writer.write(bytes);
      await writer.close();
    })();
    await clock.pass(120_000);
    expect(written).toBeGreaterThan(RECEIVE_CAPACITY);
    expect(written).toBeLessThanOrEqual(RECEIVE_CAPACITY + SEND_CAPACITY);

    // The announcement of the open window gets lost: only a probe can find it out.
    line.isCut = true;
    const reader = server.readable.getReader();
    const first = await reader.read();
    await settled();
    line.isCut = false;
    reader.releaseLock();
    const [, all] = await clock.until(Promise.all([writing, readAll(server)]));
    expect(all.length).toBe(500 * bytes.length - (first.value?.length ?? 0));
  });

  it('keeps a connection whose window stays closed for an hour', async () => {
    const { clock, client, server } = await establish();
    const bytes = noise(2 * RECEIVE_CAPACITY);
    const sent = send(client, bytes);
    await clock.pass(3_600_000);
    const [all] = await clock.until(Promise.all([readAll(server), sent]));
    expectSame(all, bytes);
  });
});

describe('the end of a connection', () => {
  it('ends one direction and uses the other', async () => {
    const { clock, client, server } = await establish();
    const request = send(client, HELLO);
    expectSame(await clock.until(readAll(server)), HELLO);
    await clock.until(request);
    await clock.pass(600_000);
    const response = noise(100_000);
    const [all] = await clock.until(Promise.all([readAll(client), send(server, response)]));
    expectSame(all, response);
    await clock.until(Promise.all([client.closed, server.closed]));
  });

  it('closes from both sides at once', async () => {
    const { clock, client, server } = await establish();
    client.close();
    server.close();
    await clock.until(Promise.all([client.closed, server.closed]));
    await clock.pass(2000);
    expect(clock.pending).toBe(0);
  });

  it('delivers what was written before close, and reads no more', async () => {
    const { clock, client, server } = await establish();
    const bytes = noise(200_000);
    await client.writable.getWriter().write(bytes);
    client.close();
    expectSame(await clock.until(readAll(server)), bytes);
    expect(await clock.until(client.readable.getReader().read())).toEqual({ done: true, value: undefined });
    await clock.until(send(server, noise(300_000)));
    await clock.until(Promise.all([client.closed, server.closed]));
  });

  it('lets nothing be written after close', async () => {
    const { client } = await establish();
    client.close();
    await expect(client.writable.getWriter().write(HELLO)).rejects.toMatchObject({
      code: 'network-failed',
      message: 'The connection to 192.168.86.101:8080 was closed here.',
    });
  });

  it('loses patience with one who does not end after close', async () => {
    const { clock, client, server } = await establish();
    client.close();
    await expect(clock.until(client.closed)).rejects.toMatchObject({ code: 'timeout' });
    await expect(clock.until(server.closed)).rejects.toMatchObject({
      message: expect.stringContaining('broke the connection off') as string,
    });
    expect(clock.pending).toBe(0);
  });

  it('counts a reader that cancels and a writer that ends as closed', async () => {
    const { clock, client, server } = await establish();
    await client.readable.cancel();
    await clock.until(client.writable.getWriter().close());
    await clock.until(send(server, noise(1_000_000)));
    await clock.until(Promise.all([client.closed, server.closed]));
  });

  it('breaks off at abort, on both sides, and fails what waits', async () => {
    const { clock, client, server } = await establish();
    const reading = client.readable.getReader().read();
    const writing = client.writable.getWriter().write(noise(2 * SEND_CAPACITY));
    const cause = new Error('The user left.');
    client.abort(cause);
    const expected = { code: 'network-failed', cause };
    await expect(reading).rejects.toMatchObject(expected);
    await expect(writing).rejects.toMatchObject(expected);
    await expect(client.closed).rejects.toMatchObject(expected);
    await expect(clock.until(readAll(server))).rejects.toMatchObject({
      code: 'network-failed',
      message: expect.stringContaining('broke the connection off') as string,
    });
    await expect(server.closed).rejects.toBeInstanceOf(DrydockError);
    await clock.pass(10);
    expect(clock.pending).toBe(0);
  });

  it('breaks off when the writable stream is aborted in the middle of a write', async () => {
    const { clock, client, server } = await establish();
    const writer = client.writable.getWriter();
    const writing = writer.write(noise(2 * SEND_CAPACITY));
    await settled();
    const aborting = writer.abort(new Error('enough'));
    await expect(writing).rejects.toThrow();
    await aborting.catch(() => undefined);
    await expect(clock.until(server.closed)).rejects.toMatchObject({ code: 'network-failed' });
  });

  it('lets arrived bytes be read before the error of a reset', async () => {
    const { clock, client, server } = await establish();
    await server.writable.getWriter().write(HELLO);
    await clock.pass(10);
    server.abort();
    await clock.pass(10);
    const reader = client.readable.getReader();
    expect((await reader.read()).value).toEqual(HELLO);
    await expect(reader.read()).rejects.toMatchObject({ code: 'network-failed' });
  });

  it('gives a silent peer up, but not before two minutes', async () => {
    const { clock, client, line } = await establish();
    line.isCut = true;
    await client.writable.getWriter().write(HELLO);
    const start = clock.now();
    await expect(clock.until(client.closed)).rejects.toMatchObject({
      code: 'timeout',
      message: '192.168.86.101:8080 has stopped answering.',
    });
    expect(clock.now() - start).toBeGreaterThan(120_000);
    expect(clock.pending).toBe(0);
  });

  it('breaks everything off at reset, and works after that', async () => {
    const { clock, client, server, gateway } = await establish();
    gateway.reset();
    await expect(client.closed).rejects.toMatchObject({ code: 'network-failed' });
    await expect(clock.until(server.closed)).rejects.toBeInstanceOf(DrydockError);
    await clock.until(gateway.connect(TARGET));
    gateway.destroy();
    await clock.pass(10);
    expect(clock.pending).toBe(0);
  });
});

describe('an attempt to connect', () => {
  it('is refused by a closed port', async () => {
    const clock = new FakeClock();
    const { gateway } = createLine(clock);
    await expect(clock.until(gateway.connect({ ...TARGET, port: 9 }))).rejects.toMatchObject({
      code: 'network-failed',
      message: '192.168.86.101:9 refused the connection: nothing listens there.',
      details: { remote: '192.168.86.101:9' },
    });
    expect(clock.pending).toBe(0);
  });

  it('gives up at its deadline, after several SYNs', async () => {
    const clock = new FakeClock();
    const { gateway, guest, line } = createLine(clock);
    guest.listen(1, () => undefined);
    await clock.until(gateway.connect({ ...TARGET, port: 1 }));
    line.isCut = true;
    let syns = 0;
    line.tap = (frame, to) => {
      if (to === 'toGuest' && segmentIn(frame)?.flags === Flag.syn) syns++;
    };
    const start = clock.now();
    await expect(clock.until(gateway.connect({ ...TARGET, timeout: 5 }))).rejects.toMatchObject({
      code: 'timeout',
      message: '192.168.86.101:8080 did not answer within 5 s.',
    });
    expect(clock.now() - start).toBe(5000);
    expect(syns).toBe(3);
  });

  it('survives the loss of the first SYN', async () => {
    const clock = new FakeClock();
    const { gateway, guest, line } = createLine(clock);
    guest.listen(TARGET.port, () => undefined);
    await clock.until(gateway.connect(TARGET));
    line.isCut = true;
    clock.setTimeout(() => {
      line.isCut = false;
    }, 500);
    await clock.until(gateway.connect(TARGET));
  });

  it('can be aborted, before and while it is made', async () => {
    const clock = new FakeClock();
    const { gateway, line } = createLine(clock);
    line.isCut = true;
    const controller = new AbortController();
    const attempt = gateway.connect({ ...TARGET, signal: controller.signal });
    controller.abort(new Error('The tab was closed.'));
    const expected = { code: 'network-failed', cause: { message: 'The tab was closed.' } };
    await expect(attempt).rejects.toMatchObject(expected);
    await expect(gateway.connect({ ...TARGET, signal: controller.signal })).rejects.toMatchObject(expected);
  });

  it('needs an address and a port', async () => {
    const { gateway } = createLine(new FakeClock());
    await expect(gateway.connect({ address: 'node1', port: 80 })).rejects.toThrow('node1:80 is not');
    await expect(gateway.connect({ ...TARGET, port: 0 })).rejects.toMatchObject({ code: 'network-failed' });
  });

  it('negotiates segment size and window scale', async () => {
    const segments: Segment[] = [];
    const clock = new FakeClock();
    const { gateway, guest, line } = createLine(clock, { guest: { mtu: 1400 } });
    line.tap = (frame) => {
      const segment = segmentIn(frame.slice());
      if (segment) segments.push(segment);
    };
    guest.listen(TARGET.port, () => undefined);
    await clock.until(gateway.connect(TARGET));
    expect(segments[0]).toMatchObject({ flags: Flag.syn, maximumSegmentSize: 1460, windowScale: 3 });
    expect(segments[1]).toMatchObject({
      flags: Flag.syn | Flag.ack,
      maximumSegmentSize: 1360,
      windowScale: 3,
    });
    expect((segments[2]?.window ?? 0) << 3).toBe(RECEIVE_CAPACITY);
    expect(segments[2]?.maximumSegmentSize).toBeUndefined();
  });

  it('works with a peer that knows no options', async () => {
    const stripOptions = (frame: Uint8Array) => {
      const segment = segmentIn(frame);
      // "No operation" all over; the checksum is mended by what was taken out (RFC 1624 would do it at once).
      if (segment && segment.flags & Flag.syn) mend(frame);
    };
    const { clock, client, server, line } = await establishWith(stripOptions);
    let largest = 0;
    line.tap = (frame) => {
      largest = Math.max(largest, segmentIn(frame)?.payload.length ?? 0);
    };
    const bytes = noise(300_000);
    const [all] = await clock.until(Promise.all([readAll(server), send(client, bytes), send(server, HELLO)]));
    expectSame(all, bytes);
    expect(largest).toBe(536);
  });
});

/** Replaces the options in a SYN by "no operation", and corrects the checksum. */
function mend(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset + ETHERNET_HEADER + 20);
  let sum = ~view.getUint16(16) & 0xffff;
  for (let at = 20; at < view.byteLength; at += 2) {
    sum += 0x0101 + (~view.getUint16(at) & 0xffff);
    view.setUint16(at, 0x0101);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(16, ~sum & 0xffff);
}

/** As `establish`, with something done to every frame on the way. */
async function establishWith(tap: (frame: Uint8Array) => void) {
  const clock = new FakeClock();
  const ends = createLine(clock);
  ends.line.tap = tap;
  const accepted = new Promise<TcpConnection>((resolve) => ends.guest.listen(TARGET.port, resolve));
  const client = await clock.until(ends.gateway.connect(TARGET));
  return { ...ends, clock, client, server: await clock.until(accepted) };
}
