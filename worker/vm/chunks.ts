/**
 * Reads the disk image from a release, chunk by chunk (see `chunk-format.ts`), as the base of a machine's disk.
 */
import { chunkName, chunkPath, decodePack, digestName, hex } from './chunk-format.ts';
import type { FileSource } from './source.ts';
import { decompress } from './zstd.ts';

/** Decompressed chunks kept, newest first: the guest has its own page cache, this only joins neighbouring reads. */
const CACHED_CHUNKS = 256;

/** Pauses before a failed chunk is asked for again. After the last the failure is reported. */
const RETRY_MILLISECONDS = [200, 800, 2500];

/** Reads chunks from the pack while it has them, else from the release, and verifies each by its name. */
export class ChunkStore {
  readonly chunkBytes: number;
  readonly #source: FileSource;
  readonly #index: Uint8Array;
  readonly #zeros: Uint8Array;
  readonly #cache = new Map<number, Uint8Array>();
  readonly #pending = new Map<number, Promise<Uint8Array>>();
  #pack: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  #arrivingPack: Promise<void> | undefined;
  fetchedBytes = 0;
  fetchedChunks = 0;

  constructor(source: FileSource, index: Uint8Array, chunkBytes: number) {
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
    const arriving = pack
      .then((bytes) => void (this.#pack = decodePack(bytes)))
      .catch(() => undefined)
      .then(() => {
        if (this.#arrivingPack === arriving) this.#arrivingPack = undefined;
      });
    this.#arrivingPack = arriving;
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
    await this.#arrivingPack;
    const packed = this.#pack.get(name);
    const intact = packed && hex(await digestName(packed)) === name;
    const chunk = await decompress(intact ? packed : await this.#fetch(name), this.chunkBytes);
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
        const bytes = await this.#source.read(path, {
          cache: attempt > 0 ? 'reload' : undefined,
          expected: { sha256: name },
        });
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
