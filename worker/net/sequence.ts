/**
 * TCP numbers the bytes of a stream modulo 2³² from a random start (RFC 9293 section 3.4). Inside, this
 * stack counts *positions*: 0 is the SYN, 1 the first byte, and so on without end (numbers are exact up to
 * 2⁵³), so that nothing but the two functions here ever sees a wrap. The FIN has the position after the
 * last byte.
 */

/** The sequence number of `position` in a stream whose SYN has the number `initial`. */
export function toSequence(initial: number, position: number): number {
  return (initial + position) >>> 0;
}

/** The position of `sequence` in a stream whose SYN has the number `initial`: of all possible ones that which is nearest to `reference`. */
export function toPosition(initial: number, sequence: number, reference: number): number {
  return reference + ((sequence - initial - reference) | 0);
}
