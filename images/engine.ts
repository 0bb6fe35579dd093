/**
 * v86's WebAssembly core with two constants changed and the debugging sections left out.
 *
 * One is the number of times a page of guest code must have run before it is compiled. What is compiled here, the
 * browser's compiler optimises on other cores, and a few kilobytes of guest code keep it busy for a quarter of a
 * second: at v86's own 200 000 it never catches up. So the code that everyone needs comes compiled with the snapshot
 * (`snapshot/`), and what is rarer waits longer for its turn. Measured in Chromium 156 on two cores without the
 * snapshot's compiled code, `docker run --rm busybox true` after a restore, first to fifth:
 *  1 000 000: 28.2, 14.0, 16.3, 13.7, 10.6 s
 *  4 000 000: 22.3, 12.5, 9.9, 10.8, 8.7 s
 * 16 000 000: 18.1, 10.0, 10.2, 10.2, 7.8 s, but `docker ps` 1.2 instead of 0.9 s
 *
 * The other is the number of compiled functions that there is room for: when it is full, v86 forgets all of them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './pipeline/command.ts';
import { beside, step } from './pipeline/step.ts';
import { TABLE_FUNCTIONS } from '../worker/vm/compiled-code.ts';
import { concat, Cursor, leb, PREAMBLE, readSections, SECTION } from '../worker/vm/wasm-binary.ts';

const THRESHOLD = 4_000_000;

/** Opcodes (WebAssembly core specification 2.0, 5.4). */
const BR_IF = 0x0d;
const CALL = 0x10;
const I32_STORE = 0x36;
const I32_CONST = 0x41;
const I32_NE = 0x47;

/** Number of the function `malloc` in the shipped core, whose linker writes such numbers in five bytes. */
const MALLOC = [0xf1, 0x8b, 0x80, 0x80, 0x00];

/** A constant, found by its value and the bytes that follow it. */
interface Constant {
  old: number;
  followedBy: number[];
  value: number;
}

export const shippedCore = beside(import.meta.url, '../node_modules/v86/build/v86.wasm');

export const engine = step({
  name: 'engine',
  title: 'Tuning the emulator',
  seconds: 1,
  source: import.meta.url,
  files: [shippedCore, beside(import.meta.url, '../worker/vm/wasm-binary.ts')],
  settings: [String(TABLE_FUNCTIONS)],
  needs: {},
  async run({ output }) {
    const file = join(output, 'v86.wasm');
    writeFileSync(file, tune(readFileSync(shippedCore), THRESHOLD));
    await command('zstd', ['-q', '-19', file, '-o', `${file}.zst`]);
  },
});

/** The core with another threshold, a larger table of functions and no debugging sections. */
export function tune(core: Uint8Array, threshold: number): Uint8Array {
  const sections = [...readSections(core)].filter(([id]) => id !== SECTION.custom);
  return concat([
    Uint8Array.from(PREAMBLE),
    ...sections.flatMap(([id, { start, end }]) => {
      const content = core.subarray(start, end);
      const tuned = id === SECTION.code ? tuneCode(content, threshold) : content;
      return [Uint8Array.from([id, ...leb(tuned.length)]), tuned];
    }),
  ]);
}

function tuneCode(section: Uint8Array, threshold: number): Uint8Array {
  const cursor = new Cursor(section, 0);
  let bodies = Array.from({ length: cursor.number() }, () => {
    const length = cursor.skipVector();
    return section.subarray(cursor.at - length, cursor.at);
  });
  bodies = change(bodies, 'JIT_THRESHOLD', [{ old: 200_000, followedBy: [], value: threshold }]);
  // `WASM_TABLE_SIZE` as the compiler left it: the list of free places is 899 numbers of 16 bits, written 32 at a time.
  bodies = change(bodies, 'WASM_TABLE_SIZE', [
    { old: 1798, followedBy: [CALL, ...MALLOC], value: 2 * TABLE_FUNCTIONS },
    { old: 899, followedBy: [I32_STORE, 2, 0xa0, 0x02], value: TABLE_FUNCTIONS },
    { old: 1792, followedBy: [I32_NE, BR_IF], value: 2 * TABLE_FUNCTIONS },
    { old: 899, followedBy: [I32_STORE, 2, 0xa8, 0x02], value: TABLE_FUNCTIONS },
  ]);
  return concat([
    Uint8Array.from(leb(bodies.length)),
    ...bodies.flatMap((body) => [Uint8Array.from(leb(body.length)), body]),
  ]);
}

/** Changes constants in the one function that has each of them once. */
function change(bodies: Uint8Array[], name: string, constants: Constant[]): Uint8Array[] {
  const patterns = constants.map(({ old, followedBy }) => Buffer.from([...i32Const(old), ...followedBy]));
  const isOnce = (body: Buffer, pattern: Buffer): boolean => {
    const at = body.indexOf(pattern);
    return at >= 0 && body.indexOf(pattern, at + 1) < 0;
  };
  const found = bodies.filter((body) => patterns.every((pattern) => isOnce(Buffer.from(body), pattern)));
  if (found.length !== 1) {
    throw new Error(
      `v86.wasm contains ${name} ${found.length} times, not once: look at it again after the update of v86.`,
    );
  }
  return bodies.map((body) =>
    body === found[0]
      ? constants.reduce<Uint8Array>((changed, { old, value }, i) => {
          const at = Buffer.from(changed).indexOf(patterns[i] ?? '');
          const after = at + i32Const(old).length;
          return concat([changed.subarray(0, at), Uint8Array.from(i32Const(value)), changed.subarray(after)]);
        }, body)
      : body,
  );
}

/** `i32.const VALUE`, a signed LEB128 number: its last byte's bit 6 is the sign. */
function i32Const(value: number): number[] {
  const bytes = [I32_CONST];
  for (; value >= 0x40; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}
