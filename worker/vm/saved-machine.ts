/** Brings the parts of a machine to where its keeper had it: the disk, and the memory with all that runs. */
import { DrydockError } from '../error.ts';
import { BLOCK_BYTES, decodeBlocks } from './blocks.ts';
import type { Emulator } from './emulator.ts';
import type { SavedMachine, SavedMemory } from './keeping.ts';
import type { Overlay } from './overlay.ts';
import { lookAt, type Remembered } from './recorder.ts';
import { readVerified, type ReleaseSource } from './source.ts';
import { decompress } from './zstd.ts';

/** Lays over an empty disk what its release had on it, and what the session has written. */
export async function layDisk(
  { disk, blocks }: SavedMachine,
  { overlay, bytes }: { overlay: Overlay; bytes: number },
  source: ReleaseSource,
  signal: AbortSignal,
): Promise<void> {
  const released = await readVerified(source, disk.overlay, { signal });
  overlay.decode(await decompress(released));
  for (const file of blocks) overlay.lay(await decodeBlocks(file, bytes / BLOCK_BYTES));
}

/**
 * Gives an emulator that has the release's memory, or none, the memory that a session kept.
 * @param base the release's compiled code
 * @param released the emulator's own memory in the release, where that is what the session's is laid over
 * @throws DrydockError `damaged-file`
 */
export async function resume(
  emulator: Emulator,
  { pages, newPages, core: coreFiles, newCore, newBlocks, state }: SavedMemory,
  base: WebAssembly.Module,
  released: Uint8Array = new Uint8Array(0),
): Promise<Remembered> {
  const core = new Uint8Array(state.code?.coreBytes ?? released.length);
  core.set(released.subarray(0, core.length));
  fill(emulator, pages);
  await layBlocks(core, coreFiles);
  const isWhole = released.length === 0 && pages.length === 0;
  const checkpoint = isWhole ? undefined : await lookAt(emulator.memory, core);
  fill(emulator, newPages);
  await layBlocks(core, newCore);
  const latest = newBlocks > 0 ? await lookAt(emulator.memory, core) : undefined;
  const { buffer, byteOffset, byteLength } = state.devices;
  const devices = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  if (state.code) {
    const { valid, later } = state.code;
    await emulator.resume({ devices, code: { core, base, valid: new Set(valid), later: new Map(later) } });
  } else await emulator.resumeForeign(devices, base);
  return { checkpoint, latest, blocks: newBlocks };
}

/** Fills the guest's memory from what a session kept, which v86's decoder reads as it is. @throws DrydockError `damaged-file` */
function fill(emulator: Emulator, files: readonly Uint8Array[]): void {
  try {
    for (const file of files) emulator.fillMemory(file);
  } catch (cause) {
    throw new DrydockError('damaged-file', 'The saved memory of the machine is damaged.', {}, { cause });
  }
}

/** Lays files of blocks over a memory. */
async function layBlocks(memory: Uint8Array, files: readonly Uint8Array[]): Promise<void> {
  const end = Math.ceil(memory.length / BLOCK_BYTES);
  for (const file of files) {
    const { numbers, bytes } = await decodeBlocks(file, end);
    numbers.forEach((number, i) => {
      const start = number * BLOCK_BYTES;
      memory.set(
        bytes.subarray(i * BLOCK_BYTES, i * BLOCK_BYTES + Math.min(BLOCK_BYTES, memory.length - start)),
        start,
      );
    });
  }
}
