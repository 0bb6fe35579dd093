import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TABLE_FUNCTIONS } from '../worker/vm/compiled-code.ts';
import { leb } from '../worker/vm/wasm-binary.ts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const step = vi.hoisted(() => ({
  /** What it reads in place of the shipped core. */
  core: undefined as Buffer | undefined,
  /** The programs that it ran. */
  commands: [] as string[][],
}));

vi.mock('./pipeline/command.ts', () => ({
  command: (program: string, parameters: string[]) => {
    step.commands.push([program, ...parameters]);
    return Promise.resolve();
  },
}));

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>();
  const read = (...parameters: Parameters<typeof readFileSync>) =>
    (String(parameters[0]).includes('node_modules') && step.core) || original.readFileSync(...parameters);
  return { ...original, readFileSync: read };
});

const shipped = readFileSync(new URL('../node_modules/v86/build/v86.wasm', import.meta.url));
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'drydock-engine-'));
  vi.stubEnv('DRYDOCK_CACHE', cache);
  vi.resetModules();
  step.commands.length = 0;
  step.core = undefined;
});
afterEach(() => {
  rmSync(cache, { recursive: true });
  vi.unstubAllEnvs();
});

async function build(): Promise<Buffer> {
  const { engine } = await import('./engine.ts');
  await engine.build(() => undefined);
  return readFileSync(join(engine.output, 'v86.wasm'));
}

/** `i32.const 200000` and `i32.const 4000000`, as LEB128. */
const OLD = Buffer.from([0x41, 0xc0, 0x9a, 0x0c]);
const NEW = Buffer.from([0x41, 0x80, 0x92, 0xf4, 0x01]);

/** What follows the number of free places where the core stores it. */
const LENGTH = [0x36, 0x02, 0xa8, 0x02];

it('changes the threshold, and nothing else of the code', async () => {
  const tuned = await build();
  const at = shipped.indexOf(OLD);
  const around = [shipped.subarray(at - 500, at), NEW, shipped.subarray(at + OLD.length, at + 500)];
  expect(tuned.includes(Buffer.concat(around))).toBe(true);
  const [before, after] = [shipped, tuned].map((bytes) => new WebAssembly.Module(new Uint8Array(bytes)));
  expect(WebAssembly.Module.exports(after as WebAssembly.Module)).toEqual(
    WebAssembly.Module.exports(before as WebAssembly.Module),
  );
});

it('leaves out what only a debugger reads', async () => {
  const module = new WebAssembly.Module(new Uint8Array(await build()));
  expect(WebAssembly.Module.customSections(module, 'name')).toEqual([]);
});

it('leaves valid WebAssembly, and has it compressed', async () => {
  const tuned = await build();
  expect(WebAssembly.validate(new Uint8Array(tuned))).toBe(true);
  expect(step.commands).toHaveLength(1);
  const [[program, ...parameters] = []] = step.commands;
  expect(program).toBe('zstd');
  expect(parameters.at(-1)).toBe(`${parameters.at(-3) ?? ''}.zst`);
});

/** A module whose code section has function bodies with `content`. */
function moduleOf(...content: Buffer[]): Buffer {
  const bodies = content.map((body) => Buffer.concat([Buffer.from([body.length]), body]));
  const section = Buffer.concat([Buffer.from([bodies.length]), ...bodies]);
  return Buffer.concat([Buffer.from('\0asm\x01\0\0\0'), Buffer.from([10, section.length]), section]);
}

it.each([
  ['no longer', moduleOf(Buffer.from([0]))],
  ['twice', moduleOf(OLD, OLD)],
])('refuses a core that has the constant %s', async (_, core) => {
  step.core = core;
  await expect(build()).rejects.toThrow(/JIT_THRESHOLD \d times, not once/);
});

it('refuses a core whose table of functions it does not know', async () => {
  step.core = moduleOf(OLD);
  await expect(build()).rejects.toThrow('WASM_TABLE_SIZE 0 times');
});

it('makes room for more compiled functions', async () => {
  const place = (core: Buffer) => core.indexOf(Buffer.from([0x41, ...leb(TABLE_FUNCTIONS), ...LENGTH]));
  expect(place(shipped)).toBe(-1);
  expect(place(await build())).toBeGreaterThan(0);
});
