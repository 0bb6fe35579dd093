import { describe, expect, it } from 'vitest';
import { ArpOperation, encodeArp, parseArp } from './arp.ts';
import { checksum } from './checksum.ts';
import { BROADCAST_MAC, ETHERNET_HEADER, EtherType, parseEthernet } from './ethernet.ts';
import { IPV4_HEADER, Protocol } from './ipv4.ts';
import { Flag } from './tcp-segment.ts';
import {
  createGateway,
  frameOf,
  GATEWAY,
  GATEWAY_MAC,
  GUEST,
  GUEST_MAC,
  ip,
  packetFrame,
  packetIn,
  segmentIn,
  tcpFrame,
  udpFrame,
} from './testing.ts';

const INTERNET = ip('93.184.216.34');

/** An ARP request of the guest's. */
function whoHas(targetAddress: number, senderAddress = GUEST): Uint8Array {
  const operation = ArpOperation.request;
  const targetMac = new Uint8Array(6);
  const arp = encodeArp({ operation, senderMac: GUEST_MAC, senderAddress, targetMac, targetAddress });
  return frameOf(EtherType.arp, arp, BROADCAST_MAC);
}

/** An ICMP message with a correct checksum. */
function icmp(type: number, ...rest: number[]): Uint8Array {
  const message = Uint8Array.of(type, 0, 0, 0, ...rest);
  const sum = checksum(message);
  message.set([sum >>> 8, sum & 0xff], 2);
  return message;
}

/** Type and code of the ICMP message in `frame`. */
function icmpIn(frame: Uint8Array | undefined): number[] {
  const { protocol, payload } = packetIn(frame);
  expect(protocol).toBe(Protocol.icmp);
  expect(checksum(payload)).toBe(0);
  return [...payload.subarray(0, 2)];
}

/** `frame` with other bytes in its IPv4 header, and its checksum made right. */
function withHeader(frame: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const header = frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + IPV4_HEADER);
  header.set(bytes, at);
  header.set([0, 0], 10);
  const sum = checksum(header);
  header.set([sum >>> 8, sum & 0xff], 10);
  return frame;
}

describe('ARP', () => {
  it('answers for the gateway', () => {
    const { gateway, take } = createGateway();
    gateway.receive(whoHas(GATEWAY));
    const [reply, ...others] = take();
    expect(others).toEqual([]);
    const ethernet = parseEthernet(reply as Uint8Array);
    expect(ethernet?.destination).toEqual(GUEST_MAC);
    expect(ethernet?.source).toEqual(GATEWAY_MAC);
    expect(parseArp(ethernet?.payload as Uint8Array)).toEqual({
      operation: ArpOperation.reply,
      senderMac: GATEWAY_MAC,
      senderAddress: GATEWAY,
      targetMac: GUEST_MAC,
      targetAddress: GUEST,
    });
  });

  it('answers for every address of its own, and for no other', () => {
    const { gateway, take } = createGateway({ addresses: ['192.168.86.1', '192.168.86.2'] });
    for (const address of ['192.168.86.2', '192.168.86.3', '192.168.86.101', '8.8.8.8']) {
      gateway.receive(whoHas(ip(address)));
    }
    const answered = take().map((frame) => parseArp(frame.subarray(ETHERNET_HEADER))?.senderAddress);
    expect(answered).toEqual([ip('192.168.86.2')]);
  });

  it('answers a probe, and learns no address from it', () => {
    const { gateway, take } = createGateway();
    gateway.receive(whoHas(GATEWAY, 0));
    expect(take()).toHaveLength(1);
  });

  it('asks three times for a station that it does not know, then gives up', async () => {
    const { gateway, clock, take } = createGateway();
    const attempt = gateway.connect({ address: '192.168.86.101', port: 80 });
    const outcome = expect(clock.until(attempt)).rejects.toMatchObject({
      code: 'timeout',
      message: '192.168.86.101:80 cannot be reached: no station answers for this address (ARP).',
    });
    await outcome;
    expect(clock.now()).toBe(3000);
    const requests = take();
    expect(requests).toHaveLength(3);
    expect(requests.map((frame) => parseArp(frame.subarray(ETHERNET_HEADER))?.targetAddress)).toEqual(
      Array(3).fill(GUEST),
    );
    expect(requests[0]?.subarray(0, 6)).toEqual(BROADCAST_MAC);
    expect(gateway.counters.drops.unresolved).toBeGreaterThan(0);
    expect(clock.pending).toBe(0);
  });

  it('learns from any packet, and follows a station to a new hardware address', async () => {
    const { gateway, take } = createGateway();
    gateway.receive(whoHas(ip('192.168.86.102')));
    void gateway.connect({ address: '192.168.86.101', port: 80 }).catch(() => undefined);
    await Promise.resolve();
    expect(segmentIn(take()[0]).flags).toBe(Flag.syn);

    const moved = packetFrame(Protocol.icmp, icmp(8, 0, 1, 0, 1));
    moved[11] = 0x77;
    gateway.receive(moved);
    expect(take()[0]?.[5]).toBe(0x77);
    gateway.destroy();
  });
});

describe('IPv4', () => {
  it('drops what is damaged, and counts why', () => {
    const { gateway, take } = createGateway();
    const good = udpFrame(9, Uint8Array.of(1, 2, 3));
    const flip = (at: number, bits: number) => {
      const frame = good.slice();
      frame[at] = (frame[at] as number) ^ bits;
      return frame;
    };
    gateway.receive(good.subarray(0, 10));
    gateway.receive(good.subarray(0, 20));
    gateway.receive(good.subarray(0, good.length - 1));
    gateway.receive(withHeader(good.slice(), 0, 0x65));
    gateway.receive(withHeader(good.slice(), 0, 0x44));
    gateway.receive(withHeader(good.slice(), 12, 127, 0, 0, 1));
    gateway.receive(flip(ETHERNET_HEADER + 8, 1));
    gateway.receive(flip(good.length - 1, 1));
    expect(take()).toEqual([]);
    expect(gateway.counters.drops).toMatchObject({ malformed: 6, 'bad-checksum': 2 });
    expect(gateway.counters.framesIn).toBe(8);
  });

  it('ignores the padding of short frames', () => {
    const { gateway, take } = createGateway();
    const frame = packetFrame(Protocol.icmp, icmp(8, 0, 1, 0, 2, 9));
    const padded = new Uint8Array(60).fill(0xee);
    padded.set(frame);
    gateway.receive(padded);
    expect(packetIn(take()[0]).payload).toEqual(icmp(0, 0, 1, 0, 2, 9));
  });

  it('drops fragments, frames for others, IPv6 and broadcasts', () => {
    const { gateway, take } = createGateway();
    gateway.receive(withHeader(udpFrame(9, new Uint8Array(64)), 6, 0x20, 0));
    gateway.receive(withHeader(udpFrame(9, new Uint8Array(64)), 6, 0, 8));
    gateway.receive(frameOf(EtherType.ipv4, new Uint8Array(40), GUEST_MAC));
    gateway.receive(frameOf(0x86dd, new Uint8Array(40)));
    const broadcast = udpFrame(67, new Uint8Array(8), 0xffffffff);
    broadcast.set(BROADCAST_MAC);
    gateway.receive(broadcast);
    expect(take()).toEqual([]);
    expect(gateway.counters.drops).toMatchObject({ fragment: 2, 'not-for-us': 1, unsupported: 2 });
  });

  it('sends packets with an identification, "do not fragment" and 64 hops', () => {
    const { gateway, take } = createGateway();
    gateway.receive(packetFrame(Protocol.icmp, icmp(8, 0, 1, 0, 1)));
    gateway.receive(packetFrame(Protocol.icmp, icmp(8, 0, 1, 0, 2)));
    const headers = take().map((frame) => [...packetIn(frame).bytes.subarray(4, 10)]);
    expect(headers).toEqual([
      [0, 1, 0x40, 0, 64, Protocol.icmp],
      [0, 2, 0x40, 0, 64, Protocol.icmp],
    ]);
  });
});

describe('ICMP', () => {
  it('answers an echo request to the gateway', () => {
    const { gateway, take } = createGateway();
    gateway.receive(packetFrame(Protocol.icmp, icmp(8, 1, 2, 3, 4, 5, 6, 7)));
    const packet = packetIn(take()[0]);
    expect([packet.source, packet.destination]).toEqual([GATEWAY, GUEST]);
    expect(packet.payload).toEqual(icmp(0, 1, 2, 3, 4, 5, 6, 7));
    gateway.receive(packetFrame(Protocol.icmp, Uint8Array.of(8, 0, 1, 1, 0, 0, 0, 0)));
    expect(take()).toEqual([]);
  });

  it.each([
    ['ping', packetFrame(Protocol.icmp, icmp(8, 0, 1, 0, 1), INTERNET)],
    ['UDP', udpFrame(53, new Uint8Array(30), INTERNET)],
    ['TCP', tcpFrame({ flags: Flag.syn }, new Uint8Array(), INTERNET)],
    ['another protocol', packetFrame(99, new Uint8Array(30), INTERNET)],
    ['the first fragment', withHeader(udpFrame(53, new Uint8Array(64), INTERNET), 6, 0x20, 0)],
  ])('says at once that the internet is unreachable: %s', (_, frame) => {
    const { gateway, take } = createGateway();
    gateway.receive(frame);
    const [answer, ...others] = take();
    expect(others).toEqual([]);
    expect(icmpIn(answer)).toEqual([3, 0]);
    const { source, destination, payload } = packetIn(answer);
    expect([source, destination]).toEqual([GATEWAY, GUEST]);
    expect(payload.subarray(8)).toEqual(frame.subarray(ETHERNET_HEADER));
  });

  it('never answers errors, later fragments, multicast, or senders that are no station', () => {
    const { gateway, take } = createGateway();
    gateway.receive(packetFrame(Protocol.icmp, icmp(3, 0, 0, 0, 0), INTERNET));
    gateway.receive(packetFrame(Protocol.icmp, icmp(11, 0, 0, 0, 0), INTERNET));
    gateway.receive(withHeader(udpFrame(53, new Uint8Array(64), INTERNET), 6, 0, 8));
    gateway.receive(udpFrame(5353, new Uint8Array(8), ip('224.0.0.251')));
    gateway.receive(withHeader(udpFrame(53, new Uint8Array(8), INTERNET), 12, 0, 0, 0, 0));
    expect(take()).toEqual([]);
  });

  it('quotes no more than fits into 576 bytes', () => {
    const { gateway, take } = createGateway();
    gateway.receive(udpFrame(53, new Uint8Array(1400), INTERNET));
    expect(packetIn(take()[0]).bytes).toHaveLength(576);
  });

  it('rejects closed UDP ports and unknown protocols of its own address', () => {
    const { gateway, take } = createGateway();
    gateway.receive(udpFrame(123, new Uint8Array(48)));
    gateway.receive(packetFrame(47, new Uint8Array(48)));
    expect(take().map(icmpIn)).toEqual([
      [3, 3],
      [3, 2],
    ]);
  });

  it('lets an attempt to connect fail when the guest reports that it cannot deliver', async () => {
    const { gateway, clock, take } = createGateway();
    gateway.receive(whoHas(GATEWAY));
    take();
    const attempt = gateway.connect({ address: '192.168.86.101', port: 8080 });
    await Promise.resolve();
    const syn = take()[0]?.subarray(ETHERNET_HEADER) ?? new Uint8Array();
    gateway.receive(packetFrame(Protocol.icmp, icmp(3, 0, 0, 0, 0, ...syn.subarray(0, 28))));
    await expect(clock.until(attempt)).rejects.toMatchObject({
      code: 'network-failed',
      message: '192.168.86.101:8080 cannot be reached (ICMP destination unreachable, code 0).',
    });
  });
});

describe('TCP without a connection', () => {
  it('rejects a SYN to a closed port with a RST that acknowledges it', () => {
    const { gateway, take } = createGateway();
    gateway.receive(tcpFrame({ flags: Flag.syn, sequence: 0xffffffff, destinationPort: 81 }));
    expect(segmentIn(take()[0])).toMatchObject({
      sourcePort: 81,
      destinationPort: 4000,
      flags: Flag.rst | Flag.ack,
      sequence: 0,
      acknowledgment: 0,
    });
  });

  it('rejects a stray segment with a RST where it acknowledges, and never a RST', () => {
    const { gateway, take } = createGateway();
    gateway.receive(tcpFrame({ flags: Flag.ack, sequence: 5, acknowledgment: 1234 }, new Uint8Array(10)));
    expect(segmentIn(take()[0])).toMatchObject({ flags: Flag.rst, sequence: 1234 });
    gateway.receive(tcpFrame({ flags: Flag.rst }));
    gateway.receive(tcpFrame({ flags: Flag.rst | Flag.ack }));
    expect(take()).toEqual([]);
  });
});

describe('the gateway itself', () => {
  it('refuses addresses that are none', () => {
    expect(() => createGateway({ mac: '52:54' })).toThrow('"52:54" is not a valid address.');
    expect(() => createGateway({ addresses: ['300.1.1.1'] })).toThrow('"300.1.1.1"');
    expect(() => createGateway({ names: { hub: 'nowhere' } })).toThrow('"nowhere"');
  });

  it('gives a port to one listener at a time', () => {
    const { gateway } = createGateway();
    const stop = gateway.listen(80, () => undefined);
    expect(() => gateway.listen(80, () => undefined)).toThrow('Port 80');
    stop();
    gateway.listen(80, () => undefined);
  });

  it('is silent after it was destroyed', async () => {
    const { gateway, clock, take } = createGateway();
    const attempt = gateway.connect({ address: '192.168.86.101', port: 80 });
    gateway.destroy();
    await expect(attempt).rejects.toMatchObject({ code: 'network-failed' });
    take();
    gateway.receive(whoHas(GATEWAY));
    expect(take()).toEqual([]);
    expect(clock.pending).toBe(0);
    await expect(gateway.connect({ address: '192.168.86.101', port: 80 })).rejects.toThrow('shut down');
  });
});
