import { expect, it } from 'vitest';
import { compress, packBlocks } from '../keep/encode.ts';
import { BLOCK_BYTES, cutBlocks, decodeBlocks, FILE_BLOCKS, mergeBlocks, type Blocks } from './blocks.ts';

function blocks(content: Record<number, number>): Blocks {
  const numbers = Object.keys(content).map(Number);
  const bytes = new Uint8Array(numbers.length * BLOCK_BYTES);
  numbers.forEach((number, i) => bytes.fill(content[number] ?? 0, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
  return { numbers: Uint32Array.from(numbers), bytes };
}

const words = (...numbers: number[]): Uint8Array => new Uint8Array(Uint32Array.from(numbers).buffer);

/** A file that says it has `count` blocks with these numbers, and has the bytes of `present`. */
function forged(count: number, numbers: number[], present = numbers.length): Promise<Uint8Array> {
  const header = words(count, ...numbers);
  const plain = new Uint8Array(header.length + present * BLOCK_BYTES);
  plain.set(header);
  return compress(plain);
}

it('gives blocks back as they were written', async () => {
  const contents: Record<number, number>[] = [{ 0: 0 }, { 0: 1 }, { 3: 1, 4: 2, 4_000_000: 3 }];
  for (const content of contents) {
    const written = blocks(content);
    expect(await decodeBlocks(await compress(packBlocks(written)), 2 ** 32)).toEqual(written);
  }
});

it('has the last of several, in order', () => {
  const merged = mergeBlocks([blocks({ 5: 1, 9: 1 }), blocks({ 2: 2, 9: 2 }), blocks({ 9: 3 })]);
  expect(merged).toEqual(blocks({ 2: 2, 5: 1, 9: 3 }));
  expect(mergeBlocks([])).toEqual(blocks({}));
});

it('is cut into files that fit', async () => {
  const all = {
    numbers: Uint32Array.from({ length: FILE_BLOCKS + 2 }, (_, i) => 2 * i),
    bytes: new Uint8Array(),
  };
  const whole = { ...all, bytes: new Uint8Array(all.numbers.length * BLOCK_BYTES).fill(7) };
  const parts = [...cutBlocks(whole)];
  expect(parts.map(({ numbers }) => numbers.length)).toEqual([FILE_BLOCKS, 2]);
  for (const part of parts) {
    expect(part.bytes).toHaveLength(part.numbers.length * BLOCK_BYTES);
    const { numbers, bytes } = await decodeBlocks(await compress(packBlocks(part)), 2 ** 32);
    expect(numbers).toEqual(part.numbers);
    expect(Buffer.compare(bytes, part.bytes)).toBe(0);
  }
  expect([...cutBlocks(blocks({}))]).toEqual([]);
});

/** A frame that has no more than a header: what it says of its size. */
function frame(size: bigint): Uint8Array {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  view.setUint8(4, 0xe0);
  view.setBigUint64(5, size, true);
  return bytes;
}

const HOSTILE: [string, () => Promise<Uint8Array> | Uint8Array][] = [
  ['fewer blocks than it says', () => forged(2, [1, 2], 1)],
  ['more blocks than it says', () => forged(1, [1], 2)],
  ['a count beyond its end', () => forged(0xffffffff, [1])],
  ['numbers out of order', () => forged(2, [2, 1])],
  ['a number twice', () => forged(2, [1, 1])],
  ['zero twice', () => forged(2, [0, 0])],
  ['a number at the end', () => forged(2, [1, 100])],
  [
    'more blocks than a file may have',
    () =>
      forged(
        FILE_BLOCKS + 1,
        Array.from({ length: FILE_BLOCKS + 1 }, (_, i) => i),
      ),
  ],
  ['gigabytes', () => frame(8n * 2n ** 30n)],
  ['more than there are numbers for', () => frame(2n ** 64n - 1n)],
  [
    'nothing, and another frame with gigabytes',
    () => Uint8Array.from([...frame(0n).subarray(0, 13), 1, 0, 0, ...frame(2n ** 33n)]),
  ],
  ['no size', () => Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])],
  ['a header that is cut off', () => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
  ['nothing', () => new Uint8Array(0)],
  ['garbage', () => crypto.getRandomValues(new Uint8Array(1000))],
  ['text', () => new TextEncoder().encode('<!doctype html> not found, says the server')],
];

it.each(HOSTILE)('refuses a file with %s', async (_, make) => {
  await expect(decodeBlocks(await make(), 100)).rejects.toMatchObject({ code: 'damaged-file' });
});

it('has no memory for a file that claims too much, or nothing and then too much', async () => {
  const hidden = [...frame(0n).subarray(0, 13), 1, 0, 0, ...frame(2n ** 33n)];
  for (const file of [frame(8n * 2n ** 30n), frame(2n ** 64n - 1n), Uint8Array.from(hidden)])
    await expect(decodeBlocks(file, 100), 'not the decoder says it').rejects.toThrow('of the saved session');
});

it('refuses a file that is cut off anywhere, or has more behind it', async () => {
  const file = await compress(packBlocks(blocks({ 1: 1, 2: 2 })));
  for (let length = 0; length < file.length; length++)
    await expect(decodeBlocks(file.subarray(0, length), 100)).rejects.toMatchObject({ code: 'damaged-file' });
  const twice = Uint8Array.from([...file, ...file]);
  await expect(decodeBlocks(twice, 100)).rejects.toMatchObject({ code: 'damaged-file' });
});

it('never does worse than refuse a file with bits that flipped', async () => {
  const file = await compress(packBlocks(blocks({ 1: 1, 50: 2 })));
  for (let at = 0; at < file.length * 8; at++) {
    const flipped = file.slice();
    flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
    const result: unknown = await decodeBlocks(flipped, 100).catch((error: unknown) => error);
    if (result instanceof Error) expect(result).toMatchObject({ code: 'damaged-file' });
    else expect((result as Blocks).numbers.every((number) => number < 100)).toBe(true);
  }
});
