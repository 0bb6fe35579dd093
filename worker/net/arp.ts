/** The packets of the Address Resolution Protocol for IPv4 over Ethernet (RFC 826). */

const PACKET_LENGTH = 28;
/** Hardware Ethernet, protocol IPv4, address lengths 6 and 4. */
const PREAMBLE = Uint8Array.of(0, 1, 0x08, 0x00, 6, 4);

export const ArpOperation = { request: 1, reply: 2 } as const;

export interface ArpPacket {
  operation: number;
  senderMac: Uint8Array;
  senderAddress: number;
  /** Zeros in a request. */
  targetMac: Uint8Array;
  targetAddress: number;
}

/** Takes an ARP packet apart, or returns `undefined` if it is none for IPv4 over Ethernet. */
export function parseArp(bytes: Uint8Array): ArpPacket | undefined {
  if (bytes.length < PACKET_LENGTH || !PREAMBLE.every((byte, i) => byte === bytes[i])) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKET_LENGTH);
  return {
    operation: view.getUint16(6),
    senderMac: bytes.subarray(8, 14),
    senderAddress: view.getUint32(14),
    targetMac: bytes.subarray(18, 24),
    targetAddress: view.getUint32(24),
  };
}

/** The bytes of an ARP packet. */
export function encodeArp(packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(PACKET_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(PREAMBLE, 0);
  view.setUint16(6, packet.operation);
  bytes.set(packet.senderMac, 8);
  view.setUint32(14, packet.senderAddress);
  bytes.set(packet.targetMac, 18);
  view.setUint32(24, packet.targetAddress);
  return bytes;
}
