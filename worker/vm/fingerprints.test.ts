import { expect, it } from 'vitest';
import { BLOCK_BYTES } from './blocks.ts';
import { Fingerprints } from './fingerprints.ts';

it('tells which blocks have changed since, and of what they are now', async () => {
  const memory = new Uint8Array(4 * BLOCK_BYTES);
  memory[BLOCK_BYTES] = 1;
  const before = await Fingerprints.of(memory);
  expect(before.compare(memory).changed).toEqual([]);
  memory[0] = 1;
  memory[BLOCK_BYTES] = 0;
  memory[4 * BLOCK_BYTES - 1] = 1;
  const { changed, now } = before.compare(memory);
  expect(changed).toEqual([0, 1, 3]);
  expect(now.compare(memory).changed).toEqual([]);
  expect(before.compare(memory).changed, 'they stay what they were').toEqual([0, 1, 3]);
});

it('knows of nothing but zeros in what was not there, and of a last block that is not whole', async () => {
  const nothing = await Fingerprints.of(new Uint8Array(0));
  const memory = new Uint8Array(2 * BLOCK_BYTES + 4);
  expect(nothing.compare(memory).changed).toEqual([]);
  memory[2 * BLOCK_BYTES + 3] = 1;
  const { changed, now } = nothing.compare(memory);
  expect(changed).toEqual([2]);
  const grown = new Uint8Array(4 * BLOCK_BYTES);
  grown.set(memory);
  grown[3 * BLOCK_BYTES] = 1;
  expect(now.compare(grown).changed).toEqual([2, 3]);
});

it('reads a memory that begins at an odd address', async () => {
  const memory = new Uint8Array(BLOCK_BYTES + 1).subarray(1);
  const before = await Fingerprints.of(memory);
  memory[7] = 1;
  expect(before.compare(memory).changed).toEqual([0]);
});
