/**
 * v86's WebAssembly core with one constant changed: the number of times a page of guest code must have run
 * before it is compiled. At v86's own 200 000 the first minute after a restore is spent compiling code
 * that runs only once more; at 1 000 000 the first `docker run` takes half the time (DESIGN 3: 18 s
 * against 10 s). It is the largest value that fits the three bytes of the constant.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './pipeline/command.ts';
import { beside, step } from './pipeline/step.ts';

/** `JIT_THRESHOLD` in v86's src/rust/jit.rs. */
const SHIPPED_THRESHOLD = 200_000;
const THRESHOLD = 1_000_000;

const shipped = beside(import.meta.url, '../node_modules/v86/build/v86.wasm');

export const engine = step({
  name: 'engine',
  title: 'Tuning the emulator',
  seconds: 1,
  source: import.meta.url,
  files: [shipped],
  needs: {},
  async run({ output }) {
    const wasm = readFileSync(shipped);
    const old = constant(SHIPPED_THRESHOLD);
    const at = wasm.indexOf(old);
    if (at < 0 || wasm.indexOf(old, at + 1) >= 0) {
      throw new Error(
        'v86.wasm does not contain JIT_THRESHOLD exactly once: look at it again after the update of v86.',
      );
    }
    constant(THRESHOLD).copy(wasm, at);
    const file = join(output, 'v86.wasm');
    writeFileSync(file, wasm);
    await command('zstd', ['-q', '-19', file, '-o', `${file}.zst`]);
  },
});

/** `i32.const VALUE` in WebAssembly: opcode 0x41 and a signed LEB128 of three bytes. */
function constant(value: number): Buffer {
  return Buffer.from([0x41, (value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, (value >> 14) & 0x7f]);
}
