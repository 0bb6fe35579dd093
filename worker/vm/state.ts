/**
 * A saved state on its way in: each part of the guest's memory is decompressed into its place as it arrives;
 * then the devices get theirs.
 */
import type { Emulator } from './emulator.ts';
import type { ReleaseFile, SavedState } from './release.ts';
import { readVerified, type ReadOptions, type ReleaseSource } from './source.ts';
import { decompress } from './zstd.ts';

/**
 * Downloads a state into `emulator`, which must never have run, up to the devices' part, which is returned for
 * `Emulator.restore`. `onProgress` is told the compressed bytes that have arrived in all.
 * @throws DrydockError `download-failed`, `damaged-file`
 */
export async function readState(
  source: ReleaseSource,
  { devices, memory }: SavedState,
  emulator: Pick<Emulator, 'fillMemory'>,
  { onProgress, ...options }: ReadOptions = {},
): Promise<ArrayBuffer> {
  const arrived = new Map<ReleaseFile, number>();
  const read = (file: ReleaseFile): Promise<Uint8Array> =>
    readVerified(source, file, {
      ...options,
      onProgress: (loaded) => {
        arrived.set(file, loaded);
        onProgress?.([...arrived.values()].reduce((sum, count) => sum + count, 0));
      },
    });
  const [{ buffer }] = await Promise.all([
    read(devices).then((compressed) => decompress(compressed)),
    ...memory.map(async (part) => {
      emulator.fillMemory(await read(part));
    }),
  ]);
  return buffer;
}

/** Compressed bytes of a state. */
export function downloadBytes({ devices, memory }: SavedState): number {
  return [devices, ...memory].reduce((sum, { bytes }) => sum + bytes, 0);
}
