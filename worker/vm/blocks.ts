/**
 * Blocks of 4 KiB by number: what a session keeps of a disk, of the guest's memory and of the emulator's own, always
 * only what changed since something that is there already. All three are written alike: the number of blocks, their
 * numbers (both 32 bits, little endian) and the blocks, compressed with zstd. It is the form in which a release has
 * its overlay and the parts of its memory, so the machine reads both with the same code.
 */
import { DrydockError } from '../error.ts';
import { decompressWithin } from './zstd-frame.ts';

export const BLOCK_BYTES = 4096;

/** Blocks in a file at most: 16 MiB, so that nobody has to hold more of a save in memory at once. */
export const FILE_BLOCKS = 4096;

/** Bytes of a file of blocks before compression, at most. */
const LARGEST_FILE = 4 + FILE_BLOCKS * (4 + BLOCK_BYTES);

/** `numbers` ascend; block i is the `BLOCK_BYTES` at i × `BLOCK_BYTES`. */
export interface Blocks {
  numbers: Uint32Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
}

export const NO_BLOCKS: Blocks = { numbers: new Uint32Array(0), bytes: new Uint8Array(0) };

/** Block `number` of a memory, or of a set's bytes; the last one of a memory may be shorter. */
export function blockAt(memory: Uint8Array, number: number): Uint8Array {
  return memory.subarray(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES);
}

/** Copies the blocks `numbers` of what `at` gives. */
export function copyBlocks(
  numbers: readonly number[],
  at: (number: number) => Uint8Array | undefined,
): Blocks {
  const bytes = new Uint8Array(numbers.length * BLOCK_BYTES);
  numbers.forEach((number, i) => {
    const block = at(number);
    if (block) bytes.set(block, i * BLOCK_BYTES);
  });
  return { numbers: Uint32Array.from(numbers), bytes };
}

/** The blocks of all `sets` together; where several have one, the last one's counts. */
export function mergeBlocks(sets: readonly Blocks[]): Blocks {
  const newest = new Map<number, Uint8Array>();
  for (const { numbers, bytes } of sets)
    numbers.forEach((number, i) => newest.set(number, blockAt(bytes, i)));
  const numbers = [...newest.keys()].sort((a, b) => a - b);
  return copyBlocks(numbers, (number) => newest.get(number));
}

/** Cuts blocks into sets that fit a file each. */
export function* cutBlocks({ numbers, bytes }: Blocks): Generator<Blocks> {
  for (let first = 0; first < numbers.length; first += FILE_BLOCKS) {
    const end = first + FILE_BLOCKS;
    yield {
      numbers: numbers.slice(first, end),
      bytes: bytes.subarray(first * BLOCK_BYTES, end * BLOCK_BYTES),
    };
  }
}

/**
 * Reads a file of blocks. It may come from anywhere: nothing is believed before it is looked at.
 * @param end all numbers are below this
 * @throws DrydockError `damaged-file`
 */
export async function decodeBlocks(file: Uint8Array, end: number): Promise<Blocks> {
  const plain = await decompressWithin(file, LARGEST_FILE);
  const count = plain.length >= 4 ? new DataView(plain.buffer, plain.byteOffset).getUint32(0, true) : 0;
  const header = 4 * (1 + count);
  if (count > FILE_BLOCKS || plain.length !== header + count * BLOCK_BYTES) throw damaged();
  const numbers = new Uint32Array(plain.slice(4, header).buffer);
  if (numbers.some((number, i) => number >= end || (i > 0 && number <= (numbers[i - 1] ?? 0))))
    throw damaged();
  return { numbers, bytes: plain.subarray(header) };
}

function damaged(): DrydockError {
  return new DrydockError('damaged-file', 'A file of the saved session is damaged.');
}
