import { describe, expect, it } from 'vitest';
import { mergeModules } from './merge-modules.ts';

const section = (id: number, content: number[]): number[] => [id, content.length, ...content];
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
const I32 = 0x7f;

/** Stores `OUTER(INNER(argument))` at `place`; its two imports come in the order given. */
function module(
  [first, second]: [string, string],
  { outer, inner, place, extra = [] }: { outer: number; inner: number; place: number; extra?: number[] },
): Uint8Array {
  const body = [
    ...[1, 1, I32],
    ...[...extra, 0x41, place, 0x20, 0, 0x10, inner, 0x10, outer, 0x36, 2, 0, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 1, I32, 0, 0x60, 1, I32, 1, I32]),
    ...section(2, [
      ...[3, ...name('e'), ...name(first), 0, 1, ...name('e'), ...name(second), 0, 1],
      ...[...name('e'), ...name('m'), 2, 0, 1],
    ]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('f'), 0, 2]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

const twice = (value: number) => 2 * value;
const more = (value: number) => value + 1;

/** Memory after each function of the merged module was called with 10. */
async function run(merged: Uint8Array): Promise<Int32Array> {
  const m = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(merged), { e: { m, twice, more } });
  for (const compiled of Object.values(instance.exports)) (compiled as (argument: number) => void)(10);
  return new Int32Array(m.buffer);
}

describe('merged modules', () => {
  it('call what each of them called, in whatever order it imported that', async () => {
    const merged = mergeModules(
      new Map([
        [3, module(['twice', 'more'], { outer: 0, inner: 1, place: 0 })],
        [7, module(['more', 'twice'], { outer: 0, inner: 1, place: 4 })],
        [9, module(['more', 'twice'], { outer: 1, inner: 1, place: 8 })],
      ]),
    );
    expect([...(await run(merged)).subarray(0, 3)]).toEqual([22, 21, 40]);
  });

  it('are exported under their numbers, and import everything once', () => {
    const one = module(['twice', 'more'], { outer: 0, inner: 1, place: 0 });
    const merged = new WebAssembly.Module(
      Uint8Array.from(
        mergeModules(
          new Map([
            [3, one],
            [7, one],
          ]),
        ),
      ),
    );
    expect(WebAssembly.Module.exports(merged).map((each) => each.name)).toEqual(['3', '7']);
    expect(WebAssembly.Module.imports(merged).map((each) => each.name)).toEqual(['twice', 'more', 'm']);
  });

  it('are refused with an instruction that nobody looked at', () => {
    const extra = [0xfd, 0x0c];
    const strange = module(['twice', 'more'], { outer: 0, inner: 1, place: 0, extra });
    expect(() => mergeModules(new Map([[1, strange]]))).toThrow('0xfd');
  });
});
