/** WebAssembly's binary format (core specification 2.0, chapter 5), as far as modules are read and rewritten here. */

/** Section ids (5.5.2). */
export const SECTION = { custom: 0, types: 1, imports: 2, functions: 3, exports: 7, code: 10 };

/** Kinds of imports and exports (5.5.5). */
export const FUNCTION_KIND = 0;
export const MEMORY_KIND = 2;

/** Magic number and version. */
export const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Reads a module; comparisons leave the position alone unless they match. */
export class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  /** An unsigned LEB128 number. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** The bytes of a LEB128 number. */
  leb(): number[] {
    const start = this.at;
    while ((this.bytes[this.at++] ?? 0) >= 0x80);
    return [...this.bytes.subarray(start, this.at)];
  }

  /** Skips a vector of single bytes; returns how many. */
  skipVector(): number {
    const length = this.number();
    this.at += length;
    return length;
  }

  skip(expected: readonly number[]): boolean {
    for (let i = 0; i < expected.length; i++) if (this.bytes[this.at + i] !== expected[i]) return false;
    this.at += expected.length;
    return true;
  }
}

export interface Section {
  /** Where its id stands, where its content begins, and where it ends. */
  header: number;
  start: number;
  end: number;
}

/** The sections of a module by id; of custom sections, the last. */
export function readSections(module: Uint8Array): Map<number, Section> {
  const sections = new Map<number, Section>();
  const cursor = new Cursor(module, PREAMBLE.length);
  while (cursor.at < module.length) {
    const header = cursor.at;
    const id = module[cursor.at++] ?? 0;
    const length = cursor.number();
    sections.set(id, { header, start: cursor.at, end: cursor.at + length });
    cursor.at += length;
  }
  return sections;
}

/** An unsigned LEB128 number (5.2.2). */
export function leb(value: number): number[] {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** All parts in one piece. */
export function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
