/** UDP datagrams (RFC 768). */
import { checksum, pseudoHeaderSum } from './checksum.ts';
import type { DropReason } from './counters.ts';
import { Protocol, type Ipv4Packet } from './ipv4.ts';

export const UDP_HEADER = 8;

/** A datagram taken apart; `payload` is a view of it. */
export interface Datagram {
  sourcePort: number;
  destinationPort: number;
  payload: Uint8Array;
}

/** Takes apart the datagram that `packet` carries, or says what is wrong with it. */
export function parseUdp({ payload: bytes, source, destination }: Ipv4Packet): Datagram | DropReason {
  if (bytes.length < UDP_HEADER) return 'malformed';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint16(4);
  if (length < UDP_HEADER || length > bytes.length) return 'malformed';
  // A checksum of 0 says that the sender computed none.
  const pseudo = pseudoHeaderSum(source, destination, Protocol.udp, length);
  if (view.getUint16(6) !== 0 && checksum(bytes.subarray(0, length), pseudo) !== 0) return 'bad-checksum';
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    payload: bytes.subarray(UDP_HEADER, length),
  };
}

/** The bytes of a datagram from the address `source` to the address `destination`. */
export function encodeUdp(datagram: Datagram, source: number, destination: number): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER + datagram.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, datagram.sourcePort);
  view.setUint16(2, datagram.destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(datagram.payload, UDP_HEADER);
  const sum = checksum(bytes, pseudoHeaderSum(source, destination, Protocol.udp, bytes.length));
  view.setUint16(6, sum || 0xffff);
  return bytes;
}
