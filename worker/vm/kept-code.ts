/**
 * Compiled guest code of a checkpoint: without it a machine that returns would compile everything once more, and be two
 * to three times as slow for a minute. It is what the snapshot had (`compiled-code.ts`), as far as it is still valid, and
 * what this emulator has compiled since, as modules: the functions belong to the memory of the emulator that they were
 * made for.
 */
import { layCode, ModuleRecorder, saveCore, type CompiledCode, type JitCpu } from './compiled-code.ts';

/** The JIT's first place in the table of functions (`WASM_TABLE_OFFSET`, v86's src/const.js). */
const TABLE_OFFSET = 1024;

export interface KeptCode {
  core: Uint8Array;
  /** The snapshot's code. */
  base: WebAssembly.Module;
  /** Numbers of the functions of `base` that are valid. */
  valid: ReadonlySet<number>;
  /** What was compiled later, each module with its one function, by number. */
  later: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

export class CodeKeeper {
  readonly #cpu: JitCpu;
  readonly #base: WebAssembly.Module;
  readonly #valid: Set<number>;
  readonly #later: Map<number, Uint8Array<ArrayBuffer>>;
  readonly #recorder: ModuleRecorder;

  /** Keeps what `cpu`, which has its code and has never run, compiles from now on. */
  constructor(cpu: JitCpu, { base, valid, later }: Omit<KeptCode, 'core'>) {
    this.#cpu = cpu;
    this.#base = base;
    this.#valid = new Set(valid);
    this.#later = new Map(later);
    this.#recorder = new ModuleRecorder(cpu);
    const drop = (index: number): void => {
      this.#valid.delete(index);
      this.#later.delete(index);
    };
    const finalize = cpu.codegen_finalize.bind(cpu);
    const clear = cpu.jit_clear_func.bind(cpu);
    const clearAll = cpu.jit_clear_all_funcs.bind(cpu);
    cpu.codegen_finalize = (index, ...rest) => {
      drop(index);
      finalize(index, ...rest);
    };
    cpu.jit_clear_func = (index) => {
      drop(index);
      clear(index);
    };
    cpu.jit_clear_all_funcs = () => {
      this.#valid.clear();
      this.#later.clear();
      clearAll();
    };
  }

  /** All code that is valid now; the machine must be stopped. */
  async code(): Promise<KeptCode> {
    await this.#recorder.settled();
    for (const [index, bytes] of this.#recorder.modules) this.#later.set(index, bytes.slice());
    this.#recorder.modules.clear();
    return {
      core: saveCore(this.#cpu),
      base: this.#base,
      valid: new Set(this.#valid),
      later: new Map(this.#later),
    };
  }
}

/** The code of a snapshot as a keeper begins with it. */
export function snapshotCode({ modules }: CompiledCode): Omit<KeptCode, 'core'> {
  const numbers = WebAssembly.Module.exports(modules).map(({ name }) => Number(name));
  return { base: modules, valid: new Set(numbers), later: new Map() };
}

/** Lays kept code over an emulator that has the state of the same checkpoint and has never run. */
export async function layKeptCode(cpu: JitCpu, { core, base, valid, later }: KeptCode): Promise<void> {
  await layCode(cpu, { core, modules: base });
  for (const { name } of WebAssembly.Module.exports(base)) {
    if (!valid.has(Number(name))) cpu.jit_clear_func(Number(name));
  }
  for (const [index, bytes] of later) {
    const { instance } = await WebAssembly.instantiate(bytes, { e: cpu.jit_imports });
    cpu.wm.wasm_table.set(TABLE_OFFSET + index, instance.exports.f);
  }
}
