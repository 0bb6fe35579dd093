/**
 * ICMP (RFC 792): answers to echo requests, and "destination unreachable" in both directions. The latter
 * is what makes a guest's attempt to reach the internet fail at once instead of hanging.
 */
import { isGroupAddress, isStation } from './address.ts';
import { checksum } from './checksum.ts';
import { IPV4_HEADER, Protocol, type Ipv4Packet } from './ipv4.ts';

const HEADER = 8;
/** RFC 1812 section 4.3.2.3: the message quotes as much as fits into an IPv4 packet of 576 bytes. */
const MAX_QUOTE = 576 - IPV4_HEADER - HEADER;

const Type = { echoReply: 0, unreachable: 3, echo: 8 } as const;

/** RFC 1122 section 3.2.2: messages about errors, which are never answered with another one. */
const ERROR_TYPES = new Set([3, 4, 5, 11, 12]);

/** Why a destination is unreachable. */
export const Unreachable = { net: 0, protocol: 2, port: 3 } as const;

/** The reply to an echo request, or `undefined` if `message` is none. */
export function echoReply(message: Uint8Array): Uint8Array | undefined {
  if (message.length < HEADER || message[0] !== Type.echo || checksum(message) !== 0) return undefined;
  const reply = message.slice();
  reply[0] = Type.echoReply;
  return seal(reply);
}

/**
 * The message that `packet`'s destination is unreachable, or `undefined` where none may be sent
 * (RFC 1122 section 3.2.2; that the frame was no broadcast is for the caller to know).
 */
export function unreachable(packet: Ipv4Packet, code: number): Uint8Array | undefined {
  const isError = packet.protocol === Protocol.icmp && ERROR_TYPES.has(packet.payload[0] ?? 0);
  const isToOne = isStation(packet.source) && !isGroupAddress(packet.destination);
  if (isError || !isToOne || packet.fragment === 'later') return undefined;
  const quote = packet.bytes.subarray(0, MAX_QUOTE);
  const message = new Uint8Array(HEADER + quote.length);
  message[0] = Type.unreachable;
  message[1] = code;
  message.set(quote, HEADER);
  return seal(message);
}

/** What a station said that it cannot deliver: the start of a TCP or UDP packet of ours, and why. */
export interface UnreachableReport {
  code: number;
  protocol: number;
  source: number;
  sourcePort: number;
  destination: number;
  destinationPort: number;
}

/** Reads a "destination unreachable" message, or returns `undefined` if `message` is none. */
export function parseUnreachable(message: Uint8Array): UnreachableReport | undefined {
  if (message[0] !== Type.unreachable || checksum(message) !== 0) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const ports = HEADER + (view.byteLength > HEADER ? (view.getUint8(HEADER) & 0x0f) * 4 : 0);
  if (ports < HEADER + IPV4_HEADER || view.byteLength < ports + 4) return undefined;
  return {
    code: view.getUint8(1),
    protocol: view.getUint8(HEADER + 9),
    source: view.getUint32(HEADER + 12),
    sourcePort: view.getUint16(ports),
    destination: view.getUint32(HEADER + 16),
    destinationPort: view.getUint16(ports + 2),
  };
}

/** Puts the checksum into a message that is complete otherwise. */
function seal(message: Uint8Array): Uint8Array {
  message[2] = message[3] = 0;
  const sum = checksum(message);
  message[2] = sum >>> 8;
  message[3] = sum;
  return message;
}
