/** Addresses. An IPv4 address is an unsigned 32-bit number here, a hardware address is six bytes. */

/** The address in dotted decimal `text`, or `undefined` if it is none. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

/** `address` in dotted decimal. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** Whether `address` can be that of one station: not 0/8, not loopback, multicast, reserved or broadcast (RFC 6890). */
export function isStation(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** Whether `address` is multicast (224/4) or the limited broadcast. */
export function isGroupAddress(address: number): boolean {
  return address >>> 28 === 0xe || address === 0xffffffff;
}

/** The hardware address in `text`, six bytes in hexadecimal with colons, or `undefined` if it is none. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), (byte) => parseInt(byte, 16));
}

/** Whether two hardware addresses are the same. */
export function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
