import { expect, it } from 'vitest';
import { unpackMemory } from './memory.ts';

it('puts each page that is not zero in its place', () => {
  const filled = [0, 1, 5, 19];
  const pages = new Uint8Array(filled.length * 4096).map((_, i) => 1 + Math.floor(i / 4096));
  const memory = new Uint8Array(20 * 4096);
  memory[0xefdc] = 40;
  unpackMemory(memory, { get: (page) => Number(filled.includes(page)) }, pages);
  const found = Array.from({ length: 20 }, (_, page) => memory.slice(page * 4096, (page + 1) * 4096));
  found.forEach((content, page) => {
    expect(new Set(content)).toEqual(new Set([filled.indexOf(page) + 1]));
  });
});
