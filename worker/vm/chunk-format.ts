/**
 * How the disk image is stored: as content-addressed chunks. The image is cut into pieces of equal size; each piece that
 * is not all zeros becomes one zstd-compressed file named by its hash, so that equal pieces are stored
 * once, a new release re-uses what a browser has in its cache, and any static server will do.
 *
 * Three small binary formats, all little-endian:
 * - *index*: 16 bytes a chunk, in disk order: the first half of the SHA-256 of the chunk's compressed
 *   bytes; all zeros for a chunk of zeros. The file is compressed with zstd.
 * - *pack*: `u32 n`, then n × (`16 bytes` name, `u32` length), then the n compressed chunks: what the
 *   first minute reads, in one download instead of hundreds.
 * - *overlay* (see `overlay.ts`).
 */
import { sha256 } from './digest.ts';

/** Bytes of SHA-256 that name a chunk: 128 bits, beyond accidental and practical collisions. */
export const CHUNK_NAME_BYTES = 16;

/** A chunk's name in hex, by its position in the index; undefined for a chunk of zeros. */
export function chunkName(index: Uint8Array, position: number): string | undefined {
  const bytes = index.subarray(position * CHUNK_NAME_BYTES, (position + 1) * CHUNK_NAME_BYTES);
  const name = hex(bytes);
  return /[^0]/.test(name) ? name : undefined;
}

/** Where a chunk lies in the release folder. */
export function chunkPath(name: string): string {
  return `chunks/${name.slice(0, 2)}/${name}.zst`;
}

/** Joins chunks (name in hex → compressed bytes) into a pack. */
export function encodePack(chunks: Map<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const entry = CHUNK_NAME_BYTES + 4;
  let offset = 4 + entry * chunks.size;
  const pack = new Uint8Array([...chunks.values()].reduce((sum, bytes) => sum + bytes.length, offset));
  const view = new DataView(pack.buffer);
  view.setUint32(0, chunks.size, true);
  let position = 4;
  for (const [name, bytes] of chunks) {
    for (let i = 0; i < CHUNK_NAME_BYTES; i++)
      pack[position + i] = parseInt(name.slice(2 * i, 2 * i + 2), 16);
    view.setUint32(position + CHUNK_NAME_BYTES, bytes.length, true);
    pack.set(bytes, offset);
    offset += bytes.length;
    position += entry;
  }
  return pack;
}

/** The inverse of `encodePack`; the chunks are views into `pack`. */
export function decodePack(pack: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const entry = CHUNK_NAME_BYTES + 4;
  const count = view.getUint32(0, true);
  const chunks = new Map<string, Uint8Array<ArrayBuffer>>();
  let offset = 4 + entry * count;
  for (let i = 0; i < count; i++) {
    const position = 4 + entry * i;
    const length = view.getUint32(position + CHUNK_NAME_BYTES, true);
    chunks.set(
      hex(pack.subarray(position, position + CHUNK_NAME_BYTES)),
      pack.subarray(offset, offset + length),
    );
    offset += length;
  }
  return chunks;
}

/** The name that a chunk has by its compressed bytes. */
export async function digestName(compressed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const digest = await sha256(compressed);
  return Uint8Array.from({ length: CHUNK_NAME_BYTES }, (_, i) =>
    parseInt(digest.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Bytes as hex digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
