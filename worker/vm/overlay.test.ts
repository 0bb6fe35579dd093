import { describe, expect, it } from 'vitest';
import { createRandom } from '../net/testing.ts';
import { BLOCK_BYTES } from './blocks.ts';
import { Overlay } from './overlay.ts';

const filled = (value: number) => new Uint8Array(BLOCK_BYTES).fill(value);

function decoded(encoded: Uint8Array): Overlay {
  const overlay = new Overlay();
  overlay.decode(encoded);
  return overlay;
}

/** Every block that was written, by its number. */
const content = (overlay: Overlay) =>
  new Map(
    [...overlay.numbers()].map((number) => [
      number,
      Buffer.from(overlay.get(number) ?? []).toString('base64'),
    ]),
  );

describe('an overlay', () => {
  it('knows only what was written', () => {
    const overlay = new Overlay();
    expect(overlay.bytes).toBe(0);
    overlay.set(3, filled(1));
    overlay.set(3, filled(2));
    expect(overlay.get(3)).toEqual(filled(2));
    expect(overlay.get(2)).toBeUndefined();
    expect(overlay.bytes).toBe(BLOCK_BYTES);
  });

  it('comes back from its encoded form, empty too', () => {
    expect(new Overlay().encode()).toEqual(new Uint8Array(4));
    expect(content(decoded(new Overlay().encode()))).toEqual(new Map());
  });

  it('is encoded alike in whatever order it was written', () => {
    const forward = new Overlay();
    const backward = new Overlay();
    for (const number of [1, 200, 70_000]) forward.set(number, filled(number % 251));
    for (const number of [70_000, 200, 1]) backward.set(number, filled(number % 251));
    expect(backward.encode()).toEqual(forward.encode());
  });

  it('replaces what it held before', () => {
    const overlay = new Overlay();
    overlay.set(9, filled(9));
    const other = new Overlay();
    other.set(1, filled(1));
    overlay.decode(other.encode());
    expect(content(overlay)).toEqual(content(other));
  });

  it('shares no memory with what it was decoded from', () => {
    const original = new Overlay();
    original.set(1, filled(1));
    const encoded = original.encode();
    const overlay = decoded(encoded);
    encoded.fill(0xee);
    expect(overlay.get(1)).toEqual(filled(1));
  });

  it('is decoded from a view into a larger buffer', () => {
    const original = new Overlay();
    original.set(5, filled(5));
    const encoded = original.encode();
    const buffer = new Uint8Array(encoded.length + 10);
    buffer.set(encoded, 7);
    expect(content(decoded(buffer.subarray(7, 7 + encoded.length)))).toEqual(content(original));
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('comes back whole (seed %i)', (seed) => {
    const random = createRandom(seed);
    const overlay = new Overlay();
    for (let count = Math.floor(random() * 30); count > 0; count--) {
      const number = Math.floor(random() * 2 ** 32);
      overlay.set(
        number,
        Uint8Array.from({ length: BLOCK_BYTES }, () => random() * 256),
      );
    }
    expect(content(decoded(overlay.encode()))).toEqual(content(overlay));
  });
});
