/**
 * v86's WebAssembly core with one constant changed and the debugging sections left out.
 *
 * The constant is the number of times a page of guest code must have run before it is compiled. What is
 * compiled here, the browser's compiler optimises on other cores, and a few kilobytes of guest code keep it busy
 * for a quarter of a second: at v86's own 200 000 it never catches up. Measured in Chromium 156 on two cores,
 * `docker run --rm busybox true` after a restore, first to fifth:
 *  1 000 000: 28.2, 14.0, 16.3, 13.7, 10.6 s
 *  4 000 000: 22.3, 12.5, 9.9, 10.8, 8.7 s
 * 16 000 000: 18.1, 10.0, 10.2, 10.2, 7.8 s, but `docker ps` 1.2 instead of 0.9 s
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './pipeline/command.ts';
import { beside, step } from './pipeline/step.ts';

/** `JIT_THRESHOLD` in v86's src/rust/jit.rs. */
const SHIPPED_THRESHOLD = 200_000;
const THRESHOLD = 4_000_000;

/** Section ids, and the opcode of `i32.const` (WebAssembly core specification 2.0, 5.5.2 and 5.4.7). */
const CUSTOM_SECTION = 0;
const CODE_SECTION = 10;
const I32_CONST = 0x41;

/** Magic number and version. */
const PREAMBLE_BYTES = 8;

const shipped = beside(import.meta.url, '../node_modules/v86/build/v86.wasm');

export const engine = step({
  name: 'engine',
  title: 'Tuning the emulator',
  seconds: 1,
  source: import.meta.url,
  files: [shipped],
  needs: {},
  async run({ output }) {
    const file = join(output, 'v86.wasm');
    writeFileSync(file, tune(readFileSync(shipped)));
    await command('zstd', ['-q', '-19', file, '-o', `${file}.zst`]);
  },
});

function tune(module: Buffer): Buffer {
  const sections = [module.subarray(0, PREAMBLE_BYTES)];
  const reader = new Reader(module, PREAMBLE_BYTES);
  while (!reader.atEnd) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    if (id === CUSTOM_SECTION) continue;
    const tuned = id === CODE_SECTION ? tuneCode(content) : content;
    sections.push(Buffer.from([id]), unsigned(tuned.length), tuned);
  }
  return Buffer.concat(sections);
}

function tuneCode(section: Buffer): Buffer {
  const reader = new Reader(section);
  const count = reader.unsigned();
  const parts = [unsigned(count)];
  let found = 0;
  for (let i = 0; i < count; i++) {
    let body = reader.take(reader.unsigned());
    const old = constant(SHIPPED_THRESHOLD);
    for (let at = body.indexOf(old); at >= 0; at = body.indexOf(old, at + 1)) {
      found++;
      body = Buffer.concat([body.subarray(0, at), constant(THRESHOLD), body.subarray(at + old.length)]);
    }
    parts.push(unsigned(body.length), body);
  }
  if (found !== 1) {
    throw new Error(
      `v86.wasm contains JIT_THRESHOLD ${found} times, not once: look at it again after the update of v86.`,
    );
  }
  return Buffer.concat(parts);
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes.readUInt8(this.at++);
  }

  take(length: number): Buffer {
    return this.bytes.subarray(this.at, (this.at += length));
  }

  /** An unsigned LEB128 number. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}

function unsigned(value: number): Buffer {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** `i32.const VALUE`, a signed LEB128 number: its last byte's bit 6 is the sign. */
function constant(value: number): Buffer {
  const bytes = [I32_CONST];
  for (; value >= 0x40; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}
