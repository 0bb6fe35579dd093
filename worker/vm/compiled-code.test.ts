import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clearWholeTable,
  growTable,
  layCode,
  ModuleRecorder,
  saveCore,
  TABLE_FUNCTIONS,
  type JitCpu,
} from './compiled-code.ts';

const PAGE = 65536;
const TABLE_OFFSET = 1024;
/** Where the guest's memory is, and how large. */
const START = 2 * PAGE;
const SIZE = PAGE;

/** `(module (func (export "5")) (func (export "9")))` */
const modules = new WebAssembly.Module(
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0],
    ...[7, 9, 2, 1, 0x35, 0, 0, 1, 0x39, 0, 1, 10, 7, 2, 2, 0, 0x0b, 2, 0, 0x0b],
  ),
);

/** A CPU whose clock stands at `now` nanoseconds; its counter is the clock less an offset, which is in the core. */
function createCpu(now: bigint, pages = 4): JitCpu & { counter: () => bigint } {
  const wasm_memory = new WebAssembly.Memory({ initial: pages });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: TABLE_OFFSET + 900 });
  growTable({ env: { __indirect_function_table: table } });
  const offset = () => new BigUint64Array(wasm_memory.buffer, 8, 1);
  const counter = () => BigInt.asUintN(64, now - (offset()[0] ?? 0n));
  const cpu: JitCpu = {
    wm: { wasm_table: table },
    jit_imports: {},
    codegen_finalize: vi.fn(),
    codegen_finalize_finished: vi.fn(),
    jit_clear_func: vi.fn(),
    jit_clear_all_funcs: vi.fn(),
    jit_clear_cache: vi.fn(),
    get mem8() {
      return new Uint8Array(wasm_memory.buffer, START, SIZE);
    },
    wasm_memory,
    current_tsc: new Uint32Array(2),
    store_current_tsc() {
      new BigUint64Array(this.current_tsc.buffer)[0] = counter();
    },
    set_tsc(low, high) {
      const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      offset()[0] = BigInt.asUintN(64, counter() - value);
    },
  };
  return Object.assign(cpu, { counter });
}

beforeEach(() => {
  vi.spyOn(performance, 'now').mockReturnValue(5);
  return () => vi.restoreAllMocks();
});

describe('compiled code', () => {
  const now = 5_000_000n;

  it('goes over into another emulator, around the memory of its guest', async () => {
    const [one, two] = [createCpu(now, 5), createCpu(now)];
    new Uint8Array(one.wasm_memory.buffer).fill(1);
    new Uint8Array(two.wasm_memory.buffer).fill(2);
    await layCode(two, { core: saveCore(one), modules });
    const memory = new Uint8Array(two.wasm_memory.buffer);
    expect(memory.length).toBe(5 * PAGE);
    expect([memory[0], memory[START - 1], memory[START + SIZE], memory.at(-1)]).toEqual([1, 1, 1, 1]);
    expect([memory[START], memory[START + SIZE - 1]]).toEqual([2, 2]);
    expect(two.wm.wasm_table.get(TABLE_OFFSET + 5)).toBeTypeOf('function');
    expect(two.wm.wasm_table.get(TABLE_OFFSET + 9)).toBeTypeOf('function');
    expect(two.wm.wasm_table.get(TABLE_OFFSET + 6)).toBeNull();
  });

  it("leaves the guest's time as it was", async () => {
    const [one, two] = [createCpu(now), createCpu(now)];
    one.set_tsc(123, 456);
    two.set_tsc(77_000, 3);
    await layCode(two, { core: saveCore(one), modules });
    expect(two.counter()).toBe((3n << 32n) | 77_000n);
  });

  it('is refused when the memory of the guest is elsewhere', async () => {
    const core = saveCore(createCpu(now));
    new DataView(core.buffer).setUint32(0, START + PAGE, true);
    await expect(layCode(createCpu(now), { core, modules })).rejects.toMatchObject({
      code: 'restore-failed',
    });
  });

  it('has the whole table, and is cleared from all of it', () => {
    const cpu = createCpu(now);
    clearWholeTable(cpu);
    const { f } = new WebAssembly.Instance(
      new WebAssembly.Module(
        Uint8Array.of(
          ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
          ...[7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b],
        ),
      ),
    ).exports;
    cpu.wm.wasm_table.set(TABLE_OFFSET + TABLE_FUNCTIONS, f);
    cpu.jit_clear_all_funcs();
    expect(cpu.wm.wasm_table.get(TABLE_OFFSET + TABLE_FUNCTIONS)).toBeNull();
  });
});

describe('the recorder', () => {
  it('keeps the modules whose code is valid', () => {
    const cpu = createCpu(0n);
    const { modules } = new ModuleRecorder(cpu);
    new Uint8Array(cpu.wasm_memory.buffer).set([1, 2, 3], 100);
    cpu.codegen_finalize(1, 0, 0, 100, 3);
    cpu.codegen_finalize(2, 0, 0, 101, 2);
    new Uint8Array(cpu.wasm_memory.buffer).fill(0);
    cpu.jit_clear_func(2);
    expect([...modules]).toEqual([[1, Uint8Array.of(1, 2, 3)]]);
    cpu.jit_clear_all_funcs();
    expect(modules.size).toBe(0);
  });

  it('waits until the last one is compiled', async () => {
    const cpu = createCpu(0n);
    const recorder = new ModuleRecorder(cpu);
    await recorder.settled();
    cpu.codegen_finalize(1, 0, 0, 100, 3);
    const settled = vi.fn();
    const waiting = recorder.settled().then(settled);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    cpu.codegen_finalize_finished(1, 0, 0);
    await waiting;
  });
});
