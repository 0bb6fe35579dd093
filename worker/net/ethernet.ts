/** Ethernet II frames, without preamble and frame check sequence: what a virtual network card exchanges. */

export const ETHERNET_HEADER = 14;

/** What an Ethernet frame carries. */
export const EtherType = { ipv4: 0x0800, arp: 0x0806 } as const;

export const BROADCAST_MAC = new Uint8Array(6).fill(0xff);

/** A frame taken apart; the arrays are views of it. */
export interface EthernetFrame {
  destination: Uint8Array;
  source: Uint8Array;
  type: number;
  payload: Uint8Array;
}

/** Takes `frame` apart, or returns `undefined` if it is shorter than a header. */
export function parseEthernet(frame: Uint8Array): EthernetFrame | undefined {
  if (frame.length < ETHERNET_HEADER) return undefined;
  return {
    destination: frame.subarray(0, 6),
    source: frame.subarray(6, 12),
    type: ((frame[12] as number) << 8) | (frame[13] as number),
    payload: frame.subarray(ETHERNET_HEADER),
  };
}

/** Writes the header at the start of `frame`. */
export function writeEthernet(
  frame: Uint8Array,
  header: { destination: Uint8Array; source: Uint8Array; type: number },
): void {
  frame.set(header.destination, 0);
  frame.set(header.source, 6);
  frame[12] = header.type >>> 8;
  frame[13] = header.type;
}

/** Whether a hardware address names a group of stations; broadcast is one (IEEE 802.3, the lowest bit of the first byte). */
export function isGroup(mac: Uint8Array): boolean {
  return ((mac[0] as number) & 1) === 1;
}
