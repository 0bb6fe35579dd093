import { decode, encode, type Answer, type Packet, type Question } from '@leichtgewicht/dns-packet';
import { describe, expect, it } from 'vitest';
import { NameServer } from './dns.ts';
import { createGateway, createLine, createRandom, FakeClock, packetIn, udpFrame } from './testing.ts';

const NAMES = { node1: '192.168.86.101', 'hub.drydock': '192.168.86.1', Registry: '192.168.86.1' };

function ask(question: Partial<Question>, more: Partial<Packet> = {}) {
  const query = encode({
    id: 0xabcd,
    flags: 0x0100,
    questions: [{ type: 'A', name: '.', ...question }],
    ...more,
  });
  const response = new NameServer(NAMES).answer(query);
  return decode(response as Uint8Array);
}

describe('names', () => {
  it('gives the address of a known name, whatever its case', () => {
    const response = ask({ name: 'HUB.DryDock' });
    expect(response).toMatchObject({
      id: 0xabcd,
      rcode: 'NOERROR',
      flag_qr: true,
      flag_rd: true,
      flag_ra: true,
      questions: [{ name: 'HUB.DryDock', type: 'A' }],
      answers: [{ name: 'HUB.DryDock', type: 'A', data: '192.168.86.1', ttl: 60 }],
      authorities: [],
    });
    expect(ask({ name: 'registry' }).answers).toMatchObject([{ data: '192.168.86.1' }]);
  });

  it.each(['AAAA', 'MX', 'TXT'] as const)('has no %s of a known name', (type) => {
    expect(ask({ name: 'node1', type })).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authorities: [{ type: 'SOA', name: '.', data: { minimum: 60 } }],
    });
  });

  it('gives the name of a known address', () => {
    const name = '101.86.168.192.in-addr.arpa';
    expect(ask({ name, type: 'PTR' }).answers).toMatchObject([{ type: 'PTR', data: 'node1' }]);
    expect(ask({ name: '9.9.9.9.in-addr.arpa', type: 'PTR' }).rcode).toBe('NXDOMAIN');
  });

  it('denies every other name, for a time', () => {
    expect(ask({ name: 'registry-1.docker.io' })).toMatchObject({
      rcode: 'NXDOMAIN',
      flag_ra: true,
      answers: [],
      authorities: [{ type: 'SOA', name: '.' }],
    });
    expect(ask({ name: '.' }).rcode).toBe('NXDOMAIN');
  });

  it('sends a question of a type that the codec cannot name back unchanged', () => {
    const query = encode({ id: 1, questions: [{ type: 'A', name: 'example.org' }] });
    query[query.length - 3] = 65; // HTTPS, RFC 9460
    const response = new NameServer({}).answer(query) as Uint8Array;
    expect(response.subarray(12, query.length)).toEqual(query.subarray(12));
    expect(decode(response).rcode).toBe('NXDOMAIN');
  });

  it('answers EDNS with EDNS', () => {
    const option = { type: 'OPT', name: '.', udpPayloadSize: 4096, data: [] } satisfies Answer & {
      udpPayloadSize: number;
    };
    expect(ask({ name: 'node1' }, { additionals: [option] })).toMatchObject({
      answers: [{ data: '192.168.86.101' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 1232 }],
    });
    expect(ask({ name: 'node1' }).additionals).toEqual([]);
  });

  it('rejects what is no ordinary query', () => {
    expect(ask({ name: 'node1', class: 'CH' }).rcode).toBe('REFUSED');
    expect(ask({ name: 'node1' }, { flags: 0x2000 })).toMatchObject({ rcode: 'NOTIMP', id: 0xabcd });
    expect(ask({}, { questions: [] }).rcode).toBe('FORMERR');
    const question: Question = { type: 'A', name: 'node1' };
    expect(ask({}, { questions: [question, question] }).rcode).toBe('FORMERR');
  });

  it('rejects what is broken, and ignores what has no header or is a response', () => {
    const server = new NameServer(NAMES);
    const query = encode({ id: 7, questions: [{ type: 'A', name: 'node1' }] });
    expect(decode(server.answer(query.subarray(0, 16)) as Uint8Array)).toMatchObject({
      rcode: 'FORMERR',
      id: 7,
    });
    const looping = query.slice();
    looping.set([0xc0, 12], 12);
    expect(decode(server.answer(looping) as Uint8Array).rcode).toBe('FORMERR');
    const pointing = query.slice();
    pointing.set([0xc0, 4], 12);
    expect(decode(server.answer(pointing) as Uint8Array).rcode).toBe('FORMERR');
    expect(server.answer(query.subarray(0, 11))).toBeUndefined();
    expect(server.answer(encode({ type: 'response', questions: [] }))).toBeUndefined();
  });

  it('survives any bytes', () => {
    const random = createRandom(5);
    const server = new NameServer(NAMES);
    const query = encode({ id: 7, questions: [{ type: 'A', name: 'node1' }] });
    for (let round = 0; round < 500; round++) {
      const bytes = query.slice();
      for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
      server.answer(bytes);
    }
  });
});

describe('transport', () => {
  const query = encode({ id: 9, questions: [{ type: 'A', name: 'node1' }] });

  it('answers datagrams to port 53', () => {
    const { gateway, take } = createGateway({ names: NAMES });
    gateway.receive(udpFrame(53, query));
    const { payload } = packetIn(take()[0]);
    expect(decode(payload.subarray(8)).answers).toMatchObject([{ data: '192.168.86.101' }]);
    gateway.receive(udpFrame(53, Uint8Array.of(1, 2, 3)));
    expect(take()).toEqual([]);
  });

  it('answers queries in a TCP connection, however they are cut', async () => {
    const clock = new FakeClock();
    const { guest } = createLine(clock, { gateway: { names: NAMES } });
    const connection = await clock.until(guest.connect({ address: '192.168.86.1', port: 53 }));
    const writer = connection.writable.getWriter();
    const framed = Uint8Array.of(0, query.length, ...query);
    const both = Uint8Array.of(...framed, ...framed);
    const written = [both.subarray(0, 1), both.subarray(1, 40), both.subarray(40)].map((part) =>
      writer.write(part),
    );
    void Promise.all([...written, writer.close()]);
    const bytes = await clock.until(new Response(connection.readable).bytes());
    const length = ((bytes[0] as number) << 8) | (bytes[1] as number);
    expect(bytes).toHaveLength(2 * (length + 2));
    expect(decode(bytes.subarray(length + 4)).answers).toMatchObject([{ data: '192.168.86.101' }]);
    await clock.until(connection.closed);
  });
});
