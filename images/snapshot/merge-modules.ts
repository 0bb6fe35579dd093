/**
 * Merges the modules that v86's JIT made into one, which the browser can fetch, compile lazily and keep in its code
 * cache. Each function is exported under its number in v86's table. They have the same imports in varying order, and
 * after `shrinkModule` the same small functions for memory accesses: both are there once.
 */
import { shrinkModule } from '../../worker/vm/jit-module.ts';
import {
  concat,
  Cursor,
  FUNCTION_KIND,
  leb,
  MEMORY_KIND,
  PREAMBLE,
  readSections,
  SECTION,
} from '../../worker/vm/wasm-binary.ts';

/** Opcodes with operands, and the last one that v86 may use (WebAssembly core specification 2.0, 5.4). */
const BLOCK = 0x02;
const IF = 0x04;
const BR = 0x0c;
const BR_IF = 0x0d;
const BR_TABLE = 0x0e;
const CALL = 0x10;
const LOCAL_GET = 0x20;
const GLOBAL_SET = 0x24;
const I32_LOAD = 0x28;
const I64_STORE32 = 0x3e;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F32_CONST = 0x43;
const F64_CONST = 0x44;
const I64_EXTEND32_S = 0xc4;

const FUNCTION_TYPE = 0x60;

interface JitModule {
  /** Parameters and results of each type, as they stand in the module. */
  types: Uint8Array[];
  imports: { name: string; type: number }[];
  /** The least size of the memory that it imports, in pages. */
  memoryPages: number;
  /** The functions' types, and their code. */
  functions: { type: number; body: Uint8Array }[];
}

/** Values by their content, numbered as they come. */
class Numbered<Value> {
  readonly values: Value[] = [];
  readonly #numbers = new Map<string, number>();

  number(key: string, value: Value): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** @param modules the JIT's modules by their number in the table */
export function mergeModules(modules: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const parts = [...modules].map(([number, bytes]) => ({ number, ...parse(shrinkModule(bytes)) }));
  const types = new Numbered<Uint8Array>();
  const typeNumber = ({ types: own }: JitModule, type: number): number => {
    const bytes = own[type] ?? new Uint8Array();
    return types.number(bytes.join(), bytes);
  };
  const imports = new Numbered<{ name: string; type: number }>();
  const importNumber = (module: JitModule, index: number): number => {
    const { name = '', type = 0 } = module.imports[index] ?? {};
    return imports.number(name, { name, type: typeNumber(module, type) });
  };
  for (const part of parts) part.imports.forEach((_, index) => importNumber(part, index));

  const functions = new Numbered<{ type: number; body: Uint8Array }>();
  const functionsStart = imports.values.length;
  const exported = parts.map((part) => {
    const numbers: number[] = [];
    const renumber = (called: number): number =>
      called < part.imports.length
        ? importNumber(part, called)
        : functionsStart + (numbers[called - part.imports.length] ?? 0);
    // Those at the end are called by the one at the start.
    for (const [i, { type, body }] of [...part.functions.entries()].reverse()) {
      const own = { type: typeNumber(part, type), body: renumberCalls(body, renumber) };
      numbers[i] = functions.number(
        i === 0 ? `module ${part.number}` : `${own.type}: ${own.body.join()}`,
        own,
      );
    }
    return { name: String(part.number), index: functionsStart + (numbers[0] ?? 0) };
  });

  const text = (value: string): number[] => [...leb(value.length), ...new TextEncoder().encode(value)];
  const memoryPages = Math.max(...parts.map((part) => part.memoryPages));
  const vector = (items: Iterable<number>[]): Uint8Array =>
    concat([Uint8Array.from(leb(items.length)), ...items.map((item) => Uint8Array.from(item))]);
  const section = (id: number, content: Uint8Array): Uint8Array =>
    concat([Uint8Array.from([id, ...leb(content.length)]), content]);
  return concat([
    Uint8Array.from(PREAMBLE),
    section(SECTION.types, vector(types.values.map((type) => [FUNCTION_TYPE, ...type]))),
    section(
      SECTION.imports,
      vector([
        ...imports.values.map(({ name, type }) => [...text('e'), ...text(name), FUNCTION_KIND, ...leb(type)]),
        [...text('e'), ...text('m'), MEMORY_KIND, 0, ...leb(memoryPages)],
      ]),
    ),
    section(SECTION.functions, vector(functions.values.map(({ type }) => leb(type)))),
    section(
      SECTION.exports,
      vector(exported.map(({ name, index }) => [...text(name), FUNCTION_KIND, ...leb(index)])),
    ),
    section(
      SECTION.code,
      vector(functions.values.map(({ body }) => concat([Uint8Array.from(leb(body.length)), body]))),
    ),
  ]);
}

function parse(module: Uint8Array): JitModule {
  const sections = readSections(module);
  const read = <Item>(id: number, item: (cursor: Cursor) => Item): Item[] => {
    const cursor = new Cursor(module, sections.get(id)?.start ?? module.length);
    return Array.from({ length: cursor.number() }, () => item(cursor));
  };
  const types = read(SECTION.types, (cursor) => {
    const start = ++cursor.at;
    cursor.skipVector();
    cursor.skipVector();
    return module.subarray(start, cursor.at);
  });
  const imports: JitModule['imports'] = [];
  let memoryPages = 0;
  read(SECTION.imports, (cursor) => {
    cursor.skipVector();
    const length = cursor.skipVector();
    const name = new TextDecoder().decode(module.subarray(cursor.at - length, cursor.at));
    if (module[cursor.at++] === FUNCTION_KIND) {
      imports.push({ name, type: cursor.number() });
    } else {
      const limited = cursor.number() === 1;
      memoryPages = cursor.number();
      if (limited) cursor.number();
    }
  });
  const functionTypes = read(SECTION.functions, (cursor) => cursor.number());
  const bodies = read(SECTION.code, (cursor) => {
    const length = cursor.skipVector();
    return module.subarray(cursor.at - length, cursor.at);
  });
  return {
    types,
    imports,
    memoryPages,
    functions: bodies.map((body, i) => ({ type: functionTypes[i] ?? 0, body })),
  };
}

/** A function's code with other numbers of the functions that it calls. */
function renumberCalls(body: Uint8Array, renumber: (called: number) => number): Uint8Array {
  const cursor = new Cursor(body, 0);
  for (let groups = cursor.number(); groups > 0; groups--) {
    cursor.number();
    cursor.at++;
  }
  const parts: Uint8Array[] = [];
  let copied = 0;
  while (cursor.at < body.length) {
    const opcode = body[cursor.at++] ?? 0;
    if (opcode === CALL) {
      parts.push(body.subarray(copied, cursor.at), Uint8Array.from(leb(renumber(cursor.number()))));
      copied = cursor.at;
    } else {
      skipOperands(cursor, opcode);
    }
  }
  return concat([...parts, body.subarray(copied)]);
}

/** @throws Error for an instruction that v86's JIT does not use today */
function skipOperands(cursor: Cursor, opcode: number): void {
  if (opcode >= BLOCK && opcode <= IF) cursor.number();
  else if (opcode === BR || opcode === BR_IF) cursor.number();
  else if (opcode === BR_TABLE) for (let left = cursor.number(); left >= 0; left--) cursor.number();
  else if (opcode >= LOCAL_GET && opcode <= GLOBAL_SET) cursor.number();
  else if (opcode >= I32_LOAD && opcode <= I64_STORE32) {
    cursor.number();
    cursor.number();
  } else if (opcode === I32_CONST || opcode === I64_CONST) cursor.number();
  else if (opcode === F32_CONST) cursor.at += 4;
  else if (opcode === F64_CONST) cursor.at += 8;
  else if (opcode > I64_EXTEND32_S)
    throw new Error(`An instruction 0x${opcode.toString(16)} in a module of the JIT.`);
}
