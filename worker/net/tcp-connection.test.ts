/** One connection, seen segment by segment. The other side is played by hand. */
import { describe, expect, it } from 'vitest';
import type { TcpConnection } from './tcp-connection.ts';
import { Flag, type Segment, type SegmentHeader } from './tcp-segment.ts';
import { createGateway, segmentIn, settled, tcpFrame } from './testing.ts';

const { ack, fin, psh, rst, syn } = Flag;
/** First sequence numbers of the gateway's side and of the guest's. */
const OURS = 1000;
const THEIRS = 5000;
const SEGMENT_SIZE = 100;

/** A connection from port 4000 of the guest to port 80 of the gateway, just established. */
async function establish(options: Partial<SegmentHeader> = {}) {
  const { gateway, clock, take } = createGateway({ initialSequence: () => OURS });
  const segments = (): Segment[] => take().map(segmentIn);
  const receive = (header: Partial<SegmentHeader>, payload?: string) => {
    const full = { flags: ack, sequence: THEIRS + 1, acknowledgment: OURS + 1, ...header };
    gateway.receive(tcpFrame(full, new TextEncoder().encode(payload)));
  };
  const accepted = new Promise<TcpConnection>((resolve) => gateway.listen(80, resolve));
  receive({ flags: syn, sequence: THEIRS, maximumSegmentSize: SEGMENT_SIZE, ...options });
  expect(segments()).toMatchObject([{ flags: syn | ack, sequence: OURS, acknowledgment: THEIRS + 1 }]);
  receive({});
  const connection = await accepted;
  expect(segments()).toEqual([]);
  return { gateway, clock, connection, receive, segments, writer: connection.writable.getWriter() };
}

/** Starts of the payloads of `segments`, as offsets in the gateway's stream. */
function offsets(segments: Segment[]): number[] {
  return segments.map(({ sequence }) => sequence - OURS - 1);
}

describe('acknowledgments', () => {
  it('go out for every second segment at once, for a single one after 20 ms', async () => {
    const { clock, receive, segments } = await establish();
    receive({}, 'a');
    receive({ sequence: THEIRS + 2 }, 'b');
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 3 }]);
    receive({ sequence: THEIRS + 3 }, 'c');
    await clock.pass(19);
    expect(segments()).toEqual([]);
    await clock.pass(1);
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 4 }]);
  });

  it('go with data if there is some', async () => {
    const { clock, receive, segments, writer } = await establish();
    receive({}, 'request');
    await writer.write(new TextEncoder().encode('response'));
    await clock.pass(100);
    expect(segments()).toMatchObject([{ flags: ack | psh, acknowledgment: THEIRS + 8 }]);
  });

  it('go out at once for what is out of order, fills a gap, or is known', async () => {
    const { receive, segments } = await establish();
    receive({ sequence: THEIRS + 2 }, 'b');
    expect(segments()).toMatchObject([{ acknowledgment: THEIRS + 1 }]);
    receive({}, 'a');
    expect(segments()).toMatchObject([{ acknowledgment: THEIRS + 3 }]);
    receive({}, 'ab');
    expect(segments()).toMatchObject([{ acknowledgment: THEIRS + 3 }]);
    receive({}, 'a');
    expect(segments()).toMatchObject([{ acknowledgment: THEIRS + 3 }]);
  });
});

describe('segments that do not fit', () => {
  it('are answered twice a second at most when they are empty', async () => {
    const { clock, receive, segments } = await establish();
    for (let i = 0; i < 100; i++) receive({ sequence: THEIRS - 5000 });
    for (let i = 0; i < 100; i++) receive({ acknowledgment: OURS + 5000 });
    expect(segments()).toHaveLength(1);
    await clock.pass(500);
    receive({ sequence: THEIRS - 5000 });
    expect(segments()).toMatchObject([{ flags: ack, sequence: OURS + 1, acknowledgment: THEIRS + 1 }]);
  });

  it('are challenged when they are a RST or SYN that anybody could have guessed (RFC 5961)', async () => {
    const { clock, connection, receive, segments } = await establish();
    receive({ flags: rst, sequence: THEIRS + 100 });
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 1 }]);
    await clock.pass(500);
    receive({ flags: syn, sequence: THEIRS + 100 });
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 1 }]);
    receive({ flags: rst, sequence: THEIRS - 100 });
    expect(segments()).toEqual([]);
    receive({ flags: rst, sequence: THEIRS + 1 });
    await expect(connection.closed).rejects.toMatchObject({ code: 'network-failed' });
  });

  it('answer a zero-window probe of the other side', async () => {
    const { receive, segments } = await establish();
    receive({ sequence: THEIRS });
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 1 }]);
  });

  it('end a half-open connection that acknowledges another SYN', () => {
    const { gateway, take } = createGateway({ initialSequence: () => OURS });
    gateway.listen(80, () => undefined);
    gateway.receive(tcpFrame({ flags: syn, sequence: THEIRS }));
    gateway.receive(tcpFrame({ flags: ack, sequence: THEIRS + 1, acknowledgment: OURS + 77 }));
    expect(segmentIn(take()[1])).toMatchObject({ flags: rst, sequence: OURS + 77 });
  });
});

describe('sending', () => {
  it('begins with ten segments, and sends two for each that is acknowledged', async () => {
    const { receive, segments, writer } = await establish();
    void writer.write(new Uint8Array(5000));
    await settled();
    expect(offsets(segments())).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    receive({ acknowledgment: OURS + 101 });
    expect(offsets(segments())).toEqual([1000, 1100]);
  });

  it('sends a lost segment again at the third duplicate acknowledgment, and the next at a partial one', async () => {
    const { gateway, receive, segments, writer } = await establish();
    void writer.write(new Uint8Array(1000));
    await settled();
    expect(segments()).toHaveLength(10);
    receive({});
    receive({});
    expect(segments()).toEqual([]);
    receive({});
    expect(offsets(segments())).toEqual([0]);
    receive({ acknowledgment: OURS + 301 });
    expect(offsets(segments())).toEqual([300]);
    receive({ acknowledgment: OURS + 1001 });
    expect(segments()).toEqual([]);
    expect(gateway.counters.retransmissions).toBe(2);
  });

  it('goes back after a timeout, and skips what the other side had', async () => {
    const { clock, receive, segments, writer } = await establish();
    void writer.write(new Uint8Array(1000));
    await settled();
    segments();
    await clock.pass(250);
    expect(offsets(segments())).toEqual([0]);
    await clock.pass(400);
    expect(offsets(segments())).toEqual([0]);
    receive({ acknowledgment: OURS + 801 });
    expect(offsets(segments())).toEqual([800, 900]);
  });

  it('waits for room for a whole segment, unless nothing is in flight', async () => {
    const { receive, segments, writer } = await establish({ window: 250 });
    receive({ window: 250 });
    void writer.write(new Uint8Array(1000));
    await settled();
    expect(segments().map(({ payload }) => payload.length)).toEqual([100, 100]);
    receive({ acknowledgment: OURS + 201, window: 50 });
    expect(segments().map(({ payload }) => payload.length)).toEqual([50]);
  });

  it('probes a closed window more and more seldom, and goes on at once when it opens', async () => {
    const { clock, receive, segments, writer } = await establish();
    receive({ window: 0 });
    void writer.write(new Uint8Array(100));
    await clock.pass(100_000);
    const probes = segments();
    expect(new Set(probes.map(({ sequence, payload }) => `${sequence} ${payload.length}`))).toEqual(
      new Set([`${OURS} 0`]),
    );
    expect(probes.length).toBeGreaterThan(5);
    expect(probes.length).toBeLessThan(12);
    receive({ window: 1000 });
    expect(offsets(segments())).toEqual([0]);
    await clock.pass(250);
    expect(offsets(segments())).toEqual([0]);
  });

  it('believes no window that is older than the one it knows', async () => {
    const { receive, segments, writer } = await establish();
    receive({ sequence: THEIRS + 2, window: 0 }, 'b');
    receive({ sequence: THEIRS + 1, window: 1000 }, 'a');
    segments();
    void writer.write(new Uint8Array(100));
    await settled();
    expect(segments()).toEqual([]);
  });

  it('ends with a FIN on the last segment, and takes TIME_WAIT after the other side’s', async () => {
    const { clock, connection, receive, segments, writer } = await establish();
    void writer.write(new Uint8Array(1050));
    void writer.close();
    await settled();
    segments();
    receive({ acknowledgment: OURS + 1001 });
    expect(segments()).toMatchObject([{ flags: ack | psh | fin, payload: { length: 50 } }]);
    receive({ acknowledgment: OURS + 1052 });
    receive({ flags: ack | fin, acknowledgment: OURS + 1052 });
    await connection.closed;
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 2 }]);
    receive({ flags: ack | fin, acknowledgment: OURS + 1052 });
    expect(segments()).toMatchObject([{ flags: ack, acknowledgment: THEIRS + 2 }]);
    await clock.pass(1000);
    receive({ flags: ack | fin, acknowledgment: OURS + 1052 });
    expect(segments()).toMatchObject([{ flags: rst }]);
  });
});

describe('opening', () => {
  it('works when both sides ask at once', async () => {
    const { gateway, clock, take } = createGateway({ initialSequence: () => OURS });
    // Any frame tells the guest's hardware address.
    gateway.receive(tcpFrame({ flags: rst }));
    const attempt = gateway.connect({ address: '192.168.86.101', port: 4000 });
    await settled();
    const { sourcePort: destinationPort } = segmentIn(take()[0]);
    gateway.receive(tcpFrame({ flags: syn, sequence: THEIRS, destinationPort }));
    expect(segmentIn(take()[0])).toMatchObject({
      flags: syn | ack,
      sequence: OURS,
      acknowledgment: THEIRS + 1,
    });
    const acknowledgment = OURS + 1;
    gateway.receive(tcpFrame({ flags: ack, sequence: THEIRS + 1, acknowledgment, destinationPort }));
    await clock.until(attempt);
  });

  it('sends SYN and ACK again, and forgets a guest that never completes', async () => {
    const { gateway, clock, take } = createGateway();
    let accepted = 0;
    gateway.listen(80, () => {
      accepted++;
    });
    gateway.receive(tcpFrame({ flags: syn, sequence: THEIRS }));
    await clock.pass(120_000);
    const flags = take().map((frame) => segmentIn(frame).flags);
    expect(flags).toEqual([...Array<number>(6).fill(syn | ack), rst | ack]);
    expect(accepted).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('limits the number of connections', () => {
    const { gateway, take } = createGateway();
    gateway.listen(80, () => undefined);
    for (let port = 1; port <= 1100; port++) {
      gateway.receive(tcpFrame({ flags: syn, sequence: THEIRS, sourcePort: port }));
    }
    expect(take()).toHaveLength(1024);
    expect(gateway.counters.drops['too-many-connections']).toBe(76);
    gateway.destroy();
  });
});
