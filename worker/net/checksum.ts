/**
 * The checksum of IPv4, ICMP, UDP and TCP (RFC 1071): the one's complement of the one's complement sum of
 * all 16-bit words. The sum may be kept unfolded in a number: no frame is long enough to overflow it.
 */

/** `sum` plus all 16-bit words of `bytes`; an odd last byte is padded with zero. */
export function sumWords(bytes: Uint8Array, sum = 0): number {
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  if (even < bytes.length) sum += (bytes[even] as number) << 8;
  return sum;
}

/** The checksum of `bytes` after what is in `sum`. Over data with a correct checksum in it, 0. */
export function checksum(bytes: Uint8Array, sum = 0): number {
  let folded = sumWords(bytes, sum);
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** Sum of the pseudo header that UDP and TCP checksums cover (RFC 768, RFC 9293 section 3.1). */
export function pseudoHeaderSum(
  source: number,
  destination: number,
  protocol: number,
  length: number,
): number {
  return (
    (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length
  );
}
