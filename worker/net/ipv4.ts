/** IPv4 packets (RFC 791). Fragments are recognised, not reassembled. */
import { checksum } from './checksum.ts';
import type { DropReason } from './counters.ts';

export const IPV4_HEADER = 20;

/** What an IPv4 packet carries. */
export const Protocol = { icmp: 1, tcp: 6, udp: 17 } as const;

/** What RFC 1700 recommends for a packet's time to live. */
const TIME_TO_LIVE = 64;
const DO_NOT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/** A packet taken apart; the arrays are views of it. */
export interface Ipv4Packet {
  source: number;
  destination: number;
  protocol: number;
  /** Whether it is a piece of a larger packet, and if so whether it is the first. */
  fragment: 'none' | 'first' | 'later';
  /** Header and payload, without the padding of a short Ethernet frame. */
  bytes: Uint8Array;
  payload: Uint8Array;
}

/** Takes a packet apart, or says what is wrong with it. */
export function parseIpv4(bytes: Uint8Array): Ipv4Packet | DropReason {
  if (bytes.length < IPV4_HEADER) return 'malformed';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = (view.getUint8(0) & 0x0f) * 4;
  const totalLength = view.getUint16(2);
  const isVersion4 = view.getUint8(0) >>> 4 === 4;
  if (!isVersion4 || headerLength < IPV4_HEADER) return 'malformed';
  if (totalLength < headerLength || totalLength > bytes.length) return 'malformed';
  if (checksum(bytes.subarray(0, headerLength)) !== 0) return 'bad-checksum';
  const flags = view.getUint16(6);
  const isWhole = (flags & (MORE_FRAGMENTS | OFFSET_MASK)) === 0;
  return {
    source: view.getUint32(12),
    destination: view.getUint32(16),
    protocol: view.getUint8(9),
    fragment: isWhole ? 'none' : (flags & OFFSET_MASK) === 0 ? 'first' : 'later',
    bytes: bytes.subarray(0, totalLength),
    payload: bytes.subarray(headerLength, totalLength),
  };
}

/** Writes the header of the packet that fills `packet`. */
export function writeIpv4(
  packet: Uint8Array,
  header: { source: number; destination: number; protocol: number; identification: number },
): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint16(4, header.identification);
  view.setUint16(6, DO_NOT_FRAGMENT);
  view.setUint8(8, TIME_TO_LIVE);
  view.setUint8(9, header.protocol);
  view.setUint32(12, header.source);
  view.setUint32(16, header.destination);
  view.setUint16(10, checksum(packet.subarray(0, IPV4_HEADER)));
}
