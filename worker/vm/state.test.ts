import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { SavedState } from './release.ts';
import type { ReleaseSource } from './source.ts';
import { cutState, downloadBytes, PART_BYTES, readState } from './state.ts';

const state = new Uint8Array(PART_BYTES + 1000).map((_, i) => i % 251);
const compressed = cutState(state).map(
  (part) => new Uint8Array(execFileSync('zstd', ['-q', '-1', '-c'], { input: part, maxBuffer: 2 ** 26 })),
);
const saved: SavedState = {
  bytes: state.length,
  parts: compressed.map((bytes, i) => ({
    path: `files/part-${i}.zst`,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })),
};
const source: ReleaseSource = {
  read(path, options) {
    const bytes = compressed[saved.parts.findIndex((part) => part.path === path)];
    if (!bytes) throw new Error(path);
    options?.onProgress?.(bytes.length);
    return Promise.resolve(bytes);
  },
};

it('puts a state together from its parts, and tells how much has arrived', async () => {
  const progress: number[] = [];
  const whole = await readState(source, saved, { onProgress: (bytes) => progress.push(bytes) });
  expect(Buffer.compare(new Uint8Array(whole), state)).toBe(0);
  expect(progress.at(-1)).toBe(downloadBytes(saved));
});

it.each([
  ['a part is missing', { ...saved, bytes: state.length + PART_BYTES }],
  ['there is a part too many', { ...saved, bytes: PART_BYTES }],
  ['a part has another size', { ...saved, bytes: state.length - 1 }],
])('refuses a state when %s', async (_, wrong) => {
  await expect(readState(source, wrong)).rejects.toMatchObject({ code: 'damaged-file' });
});
