/**
 * The WebAssembly modules that v86's JIT makes of guest code, made smaller before the browser compiles them.
 *
 * Nine tenths of such a module are memory accesses: each looks into the TLB in line, some forty bytes that the
 * browser's optimising compiler pays for with half of its time, and it is the compiler that a `docker run` waits
 * for. Here each access calls a function of the module instead, one for each kind of access:
 *
 *     block                                     local.get address
 *       TLB entry of `address` fits? -> br_if     VALUE, i32.const PLACE
 *       local.get address                       call access
 *       VALUE, i32.const PLACE              =>  local.tee entry
 *       call slow                               i32.const 1, i32.and, br_if FAULT-1
 *       local.tee entry
 *       i32.const 1, i32.and, br_if FAULT
 *     end
 *
 * `access` returns the page's entry without its low bits, or what `slow` returns: bit 0 says that the access faulted.
 * The pattern is v86's `gen_safe_read` and `gen_safe_write` (src/rust/codegen.rs of the version that package.json
 * pins); what does not have it is left as it is.
 */

import { concat, Cursor, FUNCTION_KIND, leb, MEMORY_KIND, readSections, SECTION } from './wasm-binary.ts';

/** Opcodes (WebAssembly core specification 2.0, 5.4). */
const BLOCK = 0x02;
const END = 0x0b;
const IF = 0x04;
const BR_IF = 0x0d;
const RETURN = 0x0f;
const CALL = 0x10;
const LOCAL_GET = 0x20;
const LOCAL_TEE = 0x22;
const I32_LOAD = 0x28;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const I32_EQ = 0x46;
const I32_LE_S = 0x4c;
const I32_AND = 0x71;
const I32_SHL = 0x74;
const I32_SHR_U = 0x76;
const VOID = 0x40;
const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;

/** `address >> 12 << 2`, the offset of a page's entry in the TLB. */
const ENTRY_OFFSET = [I32_CONST, 12, I32_SHR_U, I32_CONST, 2, I32_SHL, I32_LOAD, 2];
/** -4096, a signed LEB128 number. */
const PAGE_MASK = [0x80, 0x60];
/** `address & 4095`. */
const OFFSET_IN_PAGE = [I32_CONST, 0xff, 0x1f, I32_AND];
const FAULTED = [I32_CONST, 1, I32_AND];

/** One kind of memory access. The constants are LEB128 numbers as they stand in the module. */
interface Access {
  /** Index of the import that v86 calls when the TLB does not have the page. */
  slow: number;
  /** Address of the TLB. */
  table: number[];
  /** The bits of an entry that must be those of a page that is valid and allows this access. */
  mask: number[];
  /** The last offset in a page at which an access of this width ends inside it; none for single bytes. */
  last: number[] | undefined;
}

interface Site {
  access: Access;
  /** The operands of the call. */
  operands: Uint8Array;
  /** The local that gets the entry. */
  entry: number[];
  /** The label of a fault, counted from inside the block. */
  fault: number;
  end: number;
}

/** The module with calls, or the same bytes when that would not make it smaller. */
export function shrinkModule(module: Uint8Array): Uint8Array {
  const sections = readSections(module);
  const [types, imports, functions, code] = [
    SECTION.types,
    SECTION.imports,
    SECTION.functions,
    SECTION.code,
  ].map((id) => sections.get(id));
  if (!types || !imports || !functions || !code) return module;
  const parameters = readParameterCounts(new Cursor(module, types.start));
  const imported = readImportedTypes(new Cursor(module, imports.start));
  const reader = new Cursor(module, code.start);
  if (reader.number() !== 1) return module;
  const bodyEnd = reader.number() + reader.at;

  const accesses = new Map<string, Access & { index: number }>();
  const body: Uint8Array[] = [];
  let copied = reader.at;
  for (let at = reader.at; (at = module.indexOf(BLOCK, at)) >= 0 && at < bodyEnd; at++) {
    const site = readSite(new Cursor(module, at));
    if (!site) continue;
    const key = JSON.stringify(site.access);
    const access = accesses.get(key) ?? { index: imported.length + 1 + accesses.size, ...site.access };
    accesses.set(key, access);
    const call = [
      CALL,
      ...leb(access.index),
      LOCAL_TEE,
      ...site.entry,
      ...FAULTED,
      BR_IF,
      ...leb(site.fault - 1),
    ];
    body.push(module.subarray(copied, at), site.operands, Uint8Array.from(call));
    copied = site.end;
    at = site.end - 1;
  }
  body.push(module.subarray(copied, bodyEnd));

  const kinds = [...accesses.values()];
  const own = module.subarray(functions.start + 1, functions.end);
  const declared = Uint8Array.from([
    ...leb(1 + kinds.length),
    ...own,
    ...kinds.map(({ slow }) => imported[slow] ?? 0),
  ]);
  const bodies = [
    concat(body),
    ...kinds.map((access) => accessBody(access, parameters[imported[access.slow] ?? 0] ?? 0)),
  ];
  const coded = concat([
    Uint8Array.from(leb(bodies.length)),
    ...bodies.flatMap((each) => [Uint8Array.from(leb(each.length)), each]),
  ]);
  const small = concat([
    module.subarray(0, functions.header),
    Uint8Array.from([SECTION.functions, ...leb(declared.length)]),
    declared,
    module.subarray(functions.end, code.header),
    Uint8Array.from([SECTION.code, ...leb(coded.length)]),
    coded,
    module.subarray(code.end),
  ]);
  return small.length < module.length ? small : module;
}

function readSite(cursor: Cursor): Site | undefined {
  const { bytes } = cursor;
  if (!cursor.skip([BLOCK, VOID, LOCAL_GET])) return undefined;
  const address = cursor.leb();
  if (!cursor.skip(ENTRY_OFFSET)) return undefined;
  const table = cursor.leb();
  if (!cursor.skip([LOCAL_TEE])) return undefined;
  const entry = cursor.leb();
  if (!cursor.skip([I32_CONST])) return undefined;
  const mask = cursor.leb();
  if (!cursor.skip([I32_AND, I32_CONST, 1, I32_EQ])) return undefined;
  let last: number[] | undefined;
  if (cursor.skip([LOCAL_GET, ...address, ...OFFSET_IN_PAGE, I32_CONST])) {
    last = cursor.leb();
    if (!cursor.skip([I32_LE_S, I32_AND])) return undefined;
  }
  if (!cursor.skip([BR_IF, 0])) return undefined;
  const operands = cursor.at;
  while ([LOCAL_GET, I32_CONST, I64_CONST].includes(bytes[cursor.at] ?? 0)) {
    cursor.at++;
    cursor.leb();
  }
  const operandsEnd = cursor.at;
  if (!cursor.skip([CALL])) return undefined;
  const slow = cursor.number();
  if (!cursor.skip([LOCAL_TEE, ...entry, ...FAULTED, BR_IF])) return undefined;
  const fault = cursor.number();
  if (fault === 0 || !cursor.skip([END])) return undefined;
  const access = { slow, table, mask, last };
  return { access, operands: bytes.subarray(operands, operandsEnd), entry, fault, end: cursor.at };
}

/** The function of a kind of access: its parameters are the address first, then those that `slow` has too. */
function accessBody({ slow, table, mask, last }: Access, parameters: number): Uint8Array {
  const entry = parameters;
  const endsInPage = last && [LOCAL_GET, 0, ...OFFSET_IN_PAGE, I32_CONST, ...last, I32_LE_S, I32_AND];
  return Uint8Array.from([
    ...[1, 1, I32],
    ...[LOCAL_GET, 0, ...ENTRY_OFFSET, ...table, LOCAL_TEE, entry],
    ...[I32_CONST, ...mask, I32_AND, I32_CONST, 1, I32_EQ, ...(endsInPage ?? [])],
    ...[IF, VOID, LOCAL_GET, entry, I32_CONST, ...PAGE_MASK, I32_AND, RETURN, END],
    ...Array.from({ length: parameters }, (_, i) => [LOCAL_GET, i]).flat(),
    ...[CALL, ...leb(slow), END],
  ]);
}

function readParameterCounts(cursor: Cursor): number[] {
  return Array.from({ length: cursor.number() }, () => {
    cursor.skip([FUNCTION_TYPE]);
    const parameters = cursor.skipVector();
    cursor.skipVector();
    return parameters;
  });
}

/** The types of the imported functions. */
function readImportedTypes(cursor: Cursor): number[] {
  const types: number[] = [];
  for (let left = cursor.number(); left > 0; left--) {
    cursor.skipVector();
    cursor.skipVector();
    const kind = cursor.bytes[cursor.at++];
    if (kind === FUNCTION_KIND) {
      types.push(cursor.number());
    } else if (kind === MEMORY_KIND) {
      const limits = cursor.number();
      for (let i = 0; i <= (limits & 1); i++) cursor.number();
    }
  }
  return types;
}
