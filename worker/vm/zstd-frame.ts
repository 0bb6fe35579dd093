/** What a zstd frame says of itself before it is decompressed (RFC 8878, 3.1.1). */
import { DrydockError } from '../error.ts';
import { decompress } from './zstd.ts';

const MAGIC = 0xfd2fb528;

/**
 * Decompresses a file that may come from anywhere: it is told by its header how large it is, and that is held against
 * `largest` before there is any memory for it.
 * @throws DrydockError `damaged-file`
 */
export async function decompressWithin(file: Uint8Array, largest: number): Promise<Uint8Array<ArrayBuffer>> {
  const size = contentBytes(file);
  // The decoder would look for other frames in a file whose first one is empty.
  if (size === undefined || size === 0 || size > largest) {
    throw new DrydockError('damaged-file', 'A file of the saved session is damaged.');
  }
  return decompress(file, size);
}

/** The size of its content that a frame's header has; undefined if it has none, or is no header. */
function contentBytes(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 5 || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (singleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const kind = descriptor >> 6;
  if (file.length < at + 2 ** kind) return undefined;
  if (kind === 3) return Number(view.getBigUint64(at, true));
  if (kind === 2) return view.getUint32(at, true);
  if (kind === 1) return view.getUint16(at, true) + 256;
  return singleSegment ? view.getUint8(at) : undefined;
}
