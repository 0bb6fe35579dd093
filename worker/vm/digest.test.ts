import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from './digest.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 251);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ["the browser's implementation", undefined],
  ['an insecure context, without crypto.subtle', {}],
])('sha256 with %s', (_, crypto) => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('knows the digest of "%s"', async (text, digest) => {
    if (crypto) vi.stubGlobal('crypto', crypto);
    expect(await sha256(new TextEncoder().encode(text))).toBe(digest);
  });

  it('hashes a view, not the buffer behind it', async () => {
    if (crypto) vi.stubGlobal('crypto', crypto);
    expect(await sha256(bytes(100).subarray(10, 90))).toBe(await sha256(bytes(100).slice(10, 90)));
  });
});

it('is the same with and without crypto.subtle, around the block length and beyond', async () => {
  const lengths = [1, 55, 56, 63, 64, 65, 1000, 70_000];
  const native = await Promise.all(lengths.map((length) => sha256(bytes(length))));
  vi.stubGlobal('crypto', undefined);
  expect(await Promise.all(lengths.map((length) => sha256(bytes(length))))).toEqual(native);
  expect(new Set(native).size).toBe(lengths.length);
});
