import { expect, it } from 'vitest';
import { packParts, PAGE_BYTES, unpackPart } from './memory.ts';

it('brings each page that is not zero back to its place, over several parts', () => {
  const count = 10_000;
  const filled = new Set(Array.from({ length: count }, (_, i) => i).filter((i) => i % 7 !== 3 && i !== 5000));
  const pages = new Uint8Array(filled.size * PAGE_BYTES);
  [...filled].forEach((page, i) => pages.fill(1 + (page % 250), i * PAGE_BYTES, (i + 1) * PAGE_BYTES));
  const parts = packParts({ get: (page) => Number(filled.has(page)) }, pages, count);
  expect(parts).toHaveLength(3);

  const memory = new Uint8Array(count * PAGE_BYTES);
  for (const part of parts) {
    let at = 0;
    const read = (bytes: number): Uint8Array => {
      expect(bytes).toBeLessThanOrEqual(2 ** 20);
      return part.subarray(at, (at += bytes));
    };
    unpackPart(read, () => memory);
    expect(at).toBe(part.length);
  }
  for (let page = 0; page < count; page++) {
    const [first, last] = [memory[page * PAGE_BYTES], memory[(page + 1) * PAGE_BYTES - 1]];
    const expected = filled.has(page) ? 1 + (page % 250) : 0;
    expect([first, last]).toEqual([expected, expected]);
  }
});
