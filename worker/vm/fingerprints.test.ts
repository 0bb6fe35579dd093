import { expect, it } from 'vitest';
import { BLOCK_BYTES } from './blocks.ts';
import { Fingerprints } from './fingerprints.ts';

it('tells which blocks have changed since', async () => {
  const memory = new Uint8Array(4 * BLOCK_BYTES);
  memory[BLOCK_BYTES] = 1;
  const before = await Fingerprints.of(memory);
  expect((await Fingerprints.of(memory)).since(before)).toEqual([]);
  memory[0] = 1;
  memory[BLOCK_BYTES] = 0;
  memory[4 * BLOCK_BYTES - 1] = 1;
  const now = await Fingerprints.of(memory);
  expect(now.since(before)).toEqual([0, 1, 3]);
  expect(now.since(now)).toEqual([]);
});

it('knows of nothing but zeros in what was not there, and of a last block that is not whole', async () => {
  const memory = new Uint8Array(2 * BLOCK_BYTES + 4);
  expect((await Fingerprints.of(memory)).since(undefined)).toEqual([]);
  memory[2 * BLOCK_BYTES + 3] = 1;
  const now = await Fingerprints.of(memory);
  expect(now.since(undefined)).toEqual([2]);
  const grown = new Uint8Array(4 * BLOCK_BYTES);
  grown.set(memory);
  grown[3 * BLOCK_BYTES] = 1;
  expect((await Fingerprints.of(grown)).since(now)).toEqual([2, 3]);
});

it('reads a memory that begins at an odd address', async () => {
  const memory = new Uint8Array(BLOCK_BYTES + 1).subarray(1);
  const before = await Fingerprints.of(memory);
  memory[7] = 1;
  expect((await Fingerprints.of(memory)).since(before)).toEqual([0]);
});
