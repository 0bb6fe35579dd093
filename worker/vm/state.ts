/**
 * A saved state on its way in: cut into parts of a fixed size, each a file of its own, compressed by itself.
 * While one part is decompressed the next ones are still downloading, and a damaged part is named.
 */
import { DrydockError } from '../error.ts';
import type { SavedState } from './release.ts';
import { readVerified, type ReadOptions, type ReleaseSource } from './source.ts';
import { decompress } from './zstd.ts';

/** Bytes of a part before compression, twice the window of zstd at the level that is used: cutting costs 1 %. */
export const PART_BYTES = 16 * 2 ** 20;

/** Cuts a state into its parts. */
export function cutState(state: Uint8Array): Uint8Array[] {
  const parts = [];
  for (let start = 0; start < state.length; start += PART_BYTES)
    parts.push(state.subarray(start, start + PART_BYTES));
  return parts;
}

/** Collects a state of `bytes` bytes from its compressed parts. */
export class StateAssembly {
  readonly #whole: Uint8Array<ArrayBuffer>;

  constructor(bytes: number) {
    this.#whole = new Uint8Array(bytes);
  }

  /** @throws DrydockError `damaged-file` for a part that is none */
  async put(index: number, compressed: Uint8Array): Promise<void> {
    const start = index * PART_BYTES;
    const length = Math.min(PART_BYTES, this.#whole.length - start);
    if (length <= 0)
      throw new DrydockError('damaged-file', 'The snapshot has more parts than it should have.');
    this.#whole.set(await decompress(compressed, length), start);
  }

  get buffer(): ArrayBuffer {
    return this.#whole.buffer;
  }
}

/**
 * Downloads and decompresses a state. `onProgress` is told the compressed bytes that have arrived in all.
 * @throws DrydockError `download-failed`, `damaged-file`
 */
export async function readState(
  source: ReleaseSource,
  { bytes, parts }: SavedState,
  { onProgress, ...options }: ReadOptions = {},
): Promise<ArrayBuffer> {
  const assembly = new StateAssembly(bytes);
  const arrived = parts.map(() => 0);
  await Promise.all(
    parts.map(async (part, index) => {
      const compressed = await readVerified(source, part, {
        ...options,
        onProgress: (loaded) => {
          arrived[index] = loaded;
          onProgress?.(arrived.reduce((sum, count) => sum + count, 0));
        },
      });
      await assembly.put(index, compressed);
    }),
  );
  return assembly.buffer;
}

/** Compressed bytes of a state. */
export function downloadBytes({ parts }: SavedState): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
