/** Bodies of requests and responses that may be larger than is wanted: no more than a limit is ever held. */

/**
 * The pieces of a body, or undefined if there are more than `max` bytes in it.
 * @param onPiece told of each piece as it comes
 */
export async function readPieces<Piece extends Uint8Array>(
  body: ReadableStream<Piece> | null,
  max: number,
  onPiece?: () => void,
): Promise<Piece[] | undefined> {
  const pieces: Piece[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return pieces;
    onPiece?.();
    bytes += next.value.length;
    if (bytes > max) {
      await reader?.cancel();
      return undefined;
    }
    pieces.push(next.value);
  }
}

/** The bytes of a body, or undefined if there are more than `max`. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  max: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces = await readPieces(body, max);
  if (!pieces) return undefined;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
