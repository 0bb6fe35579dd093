import { describe, expect, it } from 'vitest';
import { shrinkModule } from './jit-module.ts';

const TABLE = 4096;
const PLACE = 77;
const SITES = 4;

const number = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(value >> 7)];
const section = (id: number, content: number[]): number[] => [id, ...number(content.length), ...content];
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

/** i32.const, for numbers whose LEB128 form needs no care for its sign. */
const constant = (value: number): number[] => [0x41, ...number(value)];

/** A read of 32 bits as v86 writes it: local 0 is the address, local 1 gets the TLB's entry. */
const READ = [
  ...[0x02, 0x40, 0x20, 0, 0x41, 12, 0x76, 0x41, 2, 0x74, 0x28, 2, ...number(TABLE), 0x22, 1],
  ...[0x41, 0xef, 0x1f, 0x71, 0x41, 1, 0x46, 0x20, 0, 0x41, 0xff, 0x1f, 0x71, 0x41, 0xfc, 0x1f, 0x4c, 0x71],
  ...[0x0d, 0, 0x20, 0, 0x41, 0xcd, 0, 0x10, 0, 0x22, 1, 0x41, 1, 0x71, 0x0d, 1, 0x0b],
];

/** Reads at the address four times and stores the values at 0, 4, 8 and 12; stores 1 at 16 after a fault. */
function module(): Uint8Array<ArrayBuffer> {
  const reads = Array.from({ length: SITES }, (_, i) => [
    ...READ,
    ...[...constant(i * 4), 0x20, 1, 0x41, 0x80, 0x60, 0x71, 0x20, 0, 0x73, 0x28, 0, 0, 0x36, 2, 0],
  ]).flat();
  const body = [
    1,
    1,
    0x7f,
    0x02,
    0x40,
    ...reads,
    0x0f,
    0x0b,
    ...constant(16),
    ...constant(1),
    0x36,
    2,
    0,
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 1, 0x7f, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(2, [2, ...name('e'), ...name('slow'), 0, 1, ...name('e'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('f'), 0, 1]),
    ...section(10, [1, ...number(body.length), ...body]),
  ]);
}

/** What the module does for an address: the words that it stored, and how it called the slow way. */
function run(bytes: Uint8Array, address: number, slow: (address: number, place: number) => number) {
  const m = new WebAssembly.Memory({ initial: 1 });
  const words = new Int32Array(m.buffer);
  // Page 5 of the guest lies at page 3: an entry is what turns an address into its place, and bit 0 for "valid".
  words[TABLE / 4 + 5] = (0x3000 ^ 0x5000) | 1;
  words[0x3010 / 4] = 1234;
  const calls: number[][] = [];
  const imports = {
    e: {
      m,
      slow: (...parameters: [number, number]) => {
        calls.push(parameters);
        return slow(...parameters);
      },
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), imports);
  (exports.f as (address: number) => void)(address);
  return { stored: [...words.subarray(0, SITES + 1)], calls };
}

const whole = module();
const small = shrinkModule(whole.slice());

it('makes the module smaller', () => {
  expect(small.length).toBeLessThan(whole.length);
});

describe.each([
  ['as v86 wrote it', whole],
  ['with calls', small],
])('a memory access %s', (_, bytes) => {
  it('finds a page in the TLB', () => {
    const refuse = (): number => {
      throw new Error('not needed');
    };
    expect(run(bytes, 0x5010, refuse)).toEqual({ stored: [1234, 1234, 1234, 1234, 0], calls: [] });
  });

  it('asks the slow way for a page that is not there, and for a word across two pages', () => {
    const result = run(bytes, 0x6010, () => 0x3000 ^ 0x6000);
    expect(result.stored).toEqual([1234, 1234, 1234, 1234, 0]);
    expect(result.calls).toEqual(Array(SITES).fill([0x6010, PLACE]));
    expect(run(bytes, 0x5ffd, () => 1).calls).toEqual([[0x5ffd, PLACE]]);
  });

  it('leaves at a fault', () => {
    expect(run(bytes, 0x7000, () => 1)).toEqual({ stored: [0, 0, 0, 0, 1], calls: [[0x7000, PLACE]] });
  });
});

it('leaves a module without memory accesses as it is', () => {
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  expect(shrinkModule(bytes)).toBe(bytes);
});
