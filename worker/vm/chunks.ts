/**
 * The disk image as content-addressed chunks. The image is cut into pieces of equal size; each piece that
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
import { decompress } from 'fzstd';
import { DrydockError } from '../error.ts';
import { sha256 } from './digest.ts';
import type { ReleaseSource } from './source.ts';

/** Bytes of SHA-256 that name a chunk: 128 bits, beyond accidental and practical collisions. */
export const CHUNK_NAME_BYTES = 16;

/** Decompressed chunks kept, newest first: the guest has its own page cache, this only joins neighbouring reads. */
const CACHED_CHUNKS = 256;

/** Pauses before a failed chunk is asked for again. After the last the failure is reported. */
const RETRY_MILLISECONDS = [200, 800, 2500];

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
    for (let i = 0; i < CHUNK_NAME_BYTES; i++) pack[position + i] = parseInt(name.slice(2 * i, 2 * i + 2), 16);
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
    chunks.set(hex(pack.subarray(position, position + CHUNK_NAME_BYTES)), pack.subarray(offset, offset + length));
    offset += length;
  }
  return chunks;
}

/** Reads chunks from the pack while it has them, else from the release, and verifies each by its name. */
export class ChunkStore {
  readonly chunkBytes: number;
  readonly #source: ReleaseSource;
  readonly #index: Uint8Array;
  readonly #zeros: Uint8Array;
  readonly #cache = new Map<number, Uint8Array>();
  readonly #pending = new Map<number, Promise<Uint8Array>>();
  #pack: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  #arrivingPack: Promise<void> | undefined;
  fetchedBytes = 0;
  fetchedChunks = 0;
  /** Called with each chunk position that is read for the first time since it left the cache. */
  onRead: ((position: number) => void) | undefined;

  constructor(source: ReleaseSource, index: Uint8Array, chunkBytes: number) {
    this.#source = source;
    this.#index = index;
    this.chunkBytes = chunkBytes;
    this.#zeros = new Uint8Array(chunkBytes);
  }

  /**
   * Announces a pack that is being downloaded. Until it is in, reads of chunks wait for it rather than
   * fetch hundreds of small files beside it; if it fails they are fetched one by one.
   */
  expectPack(pack: Promise<Uint8Array<ArrayBuffer>>): void {
    this.#arrivingPack = pack.then(
      (bytes) => void (this.#pack = decodePack(bytes)),
      () => undefined,
    );
    void this.#arrivingPack.then(() => (this.#arrivingPack = undefined));
  }

  /** The chunk at `position`, if it can be had without waiting. */
  peek(position: number): Uint8Array | undefined {
    if (chunkName(this.#index, position) === undefined) return this.#zeros;
    return this.#cache.get(position);
  }

  /**
   * The chunk at `position`, decompressed. Not to be written to.
   * @throws DrydockError `download-failed` or `damaged-file` after several tries
   */
  read(position: number): Promise<Uint8Array> {
    const cached = this.peek(position);
    if (cached) return Promise.resolve(cached);
    let pending = this.#pending.get(position);
    if (!pending) {
      pending = this.#load(position).finally(() => this.#pending.delete(position));
      this.#pending.set(position, pending);
    }
    return pending;
  }

  async #load(position: number): Promise<Uint8Array> {
    const name = chunkName(this.#index, position);
    if (name === undefined) return this.#zeros;
    this.onRead?.(position);
    await this.#arrivingPack;
    const packed = this.#pack.get(name);
    const intact = packed && hex(await digestName(packed)) === name;
    const chunk = decompress(intact ? packed : await this.#fetch(name), new Uint8Array(this.chunkBytes));
    this.#cache.set(position, chunk);
    if (this.#cache.size > CACHED_CHUNKS) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return chunk;
  }

  async #fetch(name: string): Promise<Uint8Array> {
    const path = chunkPath(name);
    for (let attempt = 0; ; attempt++) {
      try {
        const bytes = await this.#source.read(path, { cache: attempt > 0 ? 'reload' : undefined });
        if (hex(await digestName(bytes)) !== name) {
          throw new DrydockError('damaged-file', `${path}, a piece of the machine's disk, arrived damaged.`, { path });
        }
        this.fetchedBytes += bytes.length;
        this.fetchedChunks++;
        return bytes;
      } catch (error) {
        const pause = RETRY_MILLISECONDS[attempt];
        if (pause === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

/** The name that a chunk has by its compressed bytes. */
export async function digestName(compressed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const digest = await sha256(compressed);
  return Uint8Array.from({ length: CHUNK_NAME_BYTES }, (_, i) => parseInt(digest.slice(2 * i, 2 * i + 2), 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
