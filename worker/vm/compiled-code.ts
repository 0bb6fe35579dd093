/**
 * Guest code that the JIT compiled before the snapshot was saved, so that no visitor has to wait for it again.
 *
 * What v86 knows of compiled code lies in its own WebAssembly memory, around the guest's: which pages are compiled,
 * where they are entered, which places of the function table they have. The functions themselves are modules, handed
 * to the browser as bytes. So a snapshot keeps that memory (the *core*) and all modules, merged into one that the
 * browser fetches by its address: what the browser has optimised of it once, it keeps in its code cache. A restore
 * first puts the devices' state back as v86 does, then lays the core over the new emulator's (the guest's memory is at
 * the same place in each), then fills the table. Code stays valid since it belongs to pages of the guest's memory, and
 * those are the same too.
 */
import { DrydockError } from '../error.ts';

/** How many compiled functions there is room for; a multiple of 32 (see `images/engine.ts`). */
export const TABLE_FUNCTIONS = 2048;

/** v86's own number of them, and the first one's place in the table (`WASM_TABLE_SIZE` and `WASM_TABLE_OFFSET`). */
const SHIPPED_TABLE_FUNCTIONS = 900;
const TABLE_OFFSET = 1024;

const MASK_64 = (1n << 64n) - 1n;
const NANOSECONDS = 1e6;

/** The parts of v86's CPU object that have to do with compiled code. */
export interface JitCpu {
  wm: { wasm_table: WebAssembly.Table };
  /** What compiled modules import. */
  jit_imports: WebAssembly.ModuleImports;
  /** Compiles the module of `length` bytes at `address` in `wasm_memory` as the JIT's function number `index`. */
  codegen_finalize(index: number, start: number, flags: number, address: number, length: number): void;
  /** Told when that function is in the table. */
  codegen_finalize_finished(index: number, start: number, flags: number): void;
  jit_clear_func(index: number): void;
  jit_clear_all_funcs(): void;
  /** Forgets all compiled code. */
  jit_clear_cache(): void;
  /** The guest's memory, inside `wasm_memory`. */
  mem8: Uint8Array;
  wasm_memory: WebAssembly.Memory;
  /** The guest's time stamp counter, low and high half, as of the last `store_current_tsc`. */
  current_tsc: Uint32Array;
  store_current_tsc(): void;
  set_tsc(low: number, high: number): void;
}

/** Compiled code on its way into a new emulator. */
export interface CompiledCode {
  /** What `saveCore` gave. */
  core: Uint8Array;
  /** Exports each function under its number in the table. */
  modules: WebAssembly.Module;
}

/** Makes room in the table that v86 gives its core. */
export function growTable(imports: WebAssembly.Imports): void {
  const table = imports.env?.__indirect_function_table as WebAssembly.Table;
  table.grow(TABLE_FUNCTIONS - SHIPPED_TABLE_FUNCTIONS + 1);
}

/** Has v86 clear all of the table, also what `growTable` added. */
export function clearWholeTable(cpu: JitCpu): void {
  cpu.jit_clear_all_funcs = () => {
    for (let index = 0; index <= TABLE_FUNCTIONS; index++) setFunction(cpu, index, null);
  };
}

/** Keeps the modules that the JIT makes, as long as their code is valid. */
export class ModuleRecorder {
  readonly modules = new Map<number, Uint8Array>();
  #compiling = 0;
  #settled: (() => void) | undefined;

  constructor(cpu: JitCpu) {
    const finalize = cpu.codegen_finalize.bind(cpu);
    const finished = cpu.codegen_finalize_finished.bind(cpu);
    const clear = cpu.jit_clear_func.bind(cpu);
    const clearAll = cpu.jit_clear_all_funcs.bind(cpu);
    cpu.codegen_finalize = (index, start, flags, address, length) => {
      this.#compiling++;
      this.modules.set(index, new Uint8Array(cpu.wasm_memory.buffer, address >>> 0, length >>> 0).slice());
      finalize(index, start, flags, address, length);
    };
    cpu.codegen_finalize_finished = (index, start, flags) => {
      finished(index, start, flags);
      if (--this.#compiling === 0) this.#settled?.();
    };
    cpu.jit_clear_func = (index) => {
      this.modules.delete(index);
      clear(index);
    };
    cpu.jit_clear_all_funcs = () => {
      this.modules.clear();
      clearAll();
    };
  }

  /** Resolves when the browser compiles no module any more. */
  async settled(): Promise<void> {
    if (this.#compiling > 0) await new Promise<void>((resolve) => (this.#settled = resolve));
  }
}

/** The emulator's memory without the guest's, after four bytes that say where the guest's was. */
export function saveCore({ mem8, wasm_memory: { buffer } }: JitCpu): Uint8Array {
  const start = mem8.byteOffset;
  const core = new Uint8Array(4 + buffer.byteLength - mem8.length);
  new DataView(core.buffer).setUint32(0, start, true);
  core.set(new Uint8Array(buffer, 0, start), 4);
  core.set(new Uint8Array(buffer, start + mem8.length), 4 + start);
  return core;
}

/**
 * Lays compiled code over an emulator that has its state and has never run.
 * @throws DrydockError `restore-failed` when it is another emulator's
 */
export async function layCode(cpu: JitCpu, { core, modules }: CompiledCode): Promise<void> {
  const start = new DataView(core.buffer, core.byteOffset).getUint32(0, true);
  if (start !== cpu.mem8.byteOffset) {
    throw new DrydockError(
      'restore-failed',
      `The guest's memory is at ${cpu.mem8.byteOffset}, and was at ${start} when the machine was saved.`,
    );
  }
  const { exports } = await WebAssembly.instantiate(modules, { e: cpu.jit_imports });
  const time = readTimeStampCounter(cpu);
  const end = core.length - 4 + cpu.mem8.length;
  const missing = end - cpu.wasm_memory.buffer.byteLength;
  if (missing > 0) cpu.wasm_memory.grow(Math.ceil(missing / 65536));
  const memory = new Uint8Array(cpu.wasm_memory.buffer);
  memory.set(core.subarray(4, 4 + start));
  memory.set(core.subarray(4 + start), start + cpu.mem8.length);
  setTimeStampCounter(cpu, time);
  for (const [name, compiled] of Object.entries(exports)) setFunction(cpu, Number(name), compiled);
}

function setFunction(cpu: JitCpu, index: number, compiled: unknown): void {
  cpu.wm.wasm_table.set(TABLE_OFFSET + index, compiled);
}

function readTimeStampCounter(cpu: JitCpu): bigint {
  cpu.store_current_tsc();
  const [low = 0, high = 0] = cpu.current_tsc;
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/**
 * Sets the counter where the core came with an offset of its own. v86 (`set_tsc` in src/rust/cpu/cpu.rs) takes the
 * new offset from the present time less the value, and that time has the old offset in it: the counter is the clock
 * less the offset.
 */
function setTimeStampCounter(cpu: JitCpu, time: bigint): void {
  const clock = BigInt(Math.round(performance.now() * NANOSECONDS));
  const offset = clock - readTimeStampCounter(cpu);
  const value = (time - offset) & MASK_64;
  cpu.set_tsc(Number(value & 0xffffffffn), Number(value >> 32n));
}
