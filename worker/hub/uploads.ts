/**
 * Streams content into the store and computes its digest on the way. Uploads only ever grow at their end, so "the hash
 * of the first n bytes of upload u" never changes: remembering it between the requests of one push is safe with
 * several hubs on one store, and whoever does not remember it reads the parts again.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { isStorageFull } from './records.ts';
import { PART_BYTES, type HubStore } from './store.ts';

type Hash = ReturnType<typeof sha256.create>;

/** How many uploads' hashes are remembered; more than a push has layers in flight. */
const REMEMBERED = 64;

/** What came of a body. */
export type Appended =
  | { state: 'appended'; bytes: number }
  /** The upload is gone, or another request has made it longer meanwhile. */
  | { state: 'moved' }
  /** There was more than was announced; what was announced is kept. */
  | { state: 'too-long' };

export class Uploads {
  private readonly hashes = new Map<string, { bytes: number; hash: Hash }>();

  constructor(private readonly store: HubStore) {}

  /**
   * Appends a body to an upload; holds 1 MiB of it at a time. What arrived in whole parts before a body broke stays.
   * @param offset the present length of the upload
   * @param announced bytes that the body may have at most
   * @throws the body's error; DrydockError when storage is full, and then the upload is removed
   */
  async append(
    id: string,
    offset: number,
    body: ReadableStream<Uint8Array> | null,
    announced = Infinity,
  ): Promise<Appended> {
    let bytes = offset;
    const part = new Uint8Array(PART_BYTES);
    let filled = 0;
    const flush = async (): Promise<boolean> => {
      const piece = part.slice(0, filled);
      const hash = this.hashAt(id, bytes);
      if (!(await this.store.append(id, bytes, piece))) return false;
      bytes += filled;
      filled = 0;
      if (hash) this.remember(id, bytes, hash.update(piece));
      return true;
    };
    const reader = body?.getReader();
    try {
      for (;;) {
        const next = await reader?.read();
        if (!next || next.done) break;
        const fits = next.value.subarray(0, announced - (bytes - offset) - filled);
        for (let at = 0; at < fits.length;) {
          const room = PART_BYTES - (bytes % PART_BYTES) - filled;
          const piece = fits.subarray(at, at + room);
          part.set(piece, filled);
          filled += piece.length;
          at += piece.length;
          if (piece.length === room && !(await flush())) return { state: 'moved' };
        }
        if (fits.length < next.value.length)
          return filled === 0 || (await flush()) ? { state: 'too-long' } : { state: 'moved' };
      }
      if (filled > 0 && !(await flush())) return { state: 'moved' };
      return { state: 'appended', bytes: bytes - offset };
    } catch (error) {
      if (isStorageFull(error)) await this.cancel(id);
      throw error;
    } finally {
      await reader?.cancel().catch(() => undefined);
    }
  }

  /** The digest of what an upload of this length has brought. */
  async digest(id: string, bytes: number): Promise<string> {
    let hash = this.hashAt(id, bytes);
    if (!hash) {
      hash = sha256.create();
      for (let index = 0; index * PART_BYTES < bytes; index++) {
        const part = await this.store.part(id, index);
        if (part) hash.update(part.subarray(0, bytes - index * PART_BYTES));
      }
    }
    return `sha256:${bytesToHex(hash.digest())}`;
  }

  /** Removes an upload; returns whether there was one. */
  cancel(id: string): Promise<boolean> {
    this.hashes.delete(id);
    return this.store.cancelUpload(id);
  }

  /** A copy of the state of the hash after so many bytes, if it is known. */
  private hashAt(id: string, bytes: number): Hash | undefined {
    if (bytes === 0) return sha256.create();
    const known = this.hashes.get(id);
    return known?.bytes === bytes ? known.hash.clone() : undefined;
  }

  private remember(id: string, bytes: number, hash: Hash): void {
    this.hashes.delete(id);
    this.hashes.set(id, { bytes, hash });
    const [oldest] = this.hashes.keys();
    if (this.hashes.size > REMEMBERED && oldest !== undefined) this.hashes.delete(oldest);
  }
}
