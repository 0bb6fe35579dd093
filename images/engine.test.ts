import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The value of the `i32.const` at `at`: opcode 0x41 and a signed LEB128. */
function constantAt(wasm: Buffer, at: number): number {
  expect(wasm[at]).toBe(0x41);
  let value = 0;
  for (let i = 0; ; i++) {
    const byte = wasm[at + 1 + i] ?? 0;
    value |= (byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    const unused = 32 - 7 * (i + 1);
    return (value << unused) >> unused;
  }
}

it('changes the threshold, and nothing else', async () => {
  const tuned = await build();
  expect(tuned.length).toBe(shipped.length);
  const changed = [...tuned.keys()].filter((at) => tuned[at] !== shipped[at]);
  const start = shipped.lastIndexOf(0x41, changed[0]);
  expect(changed.every((at) => at > start && at <= start + 3)).toBe(true);
  expect(constantAt(shipped, start)).toBe(200_000);
  expect(constantAt(tuned, start)).toBe(1_000_000);
});

it('leaves valid WebAssembly, and has it compressed', async () => {
  const tuned = await build();
  expect(WebAssembly.validate(new Uint8Array(tuned))).toBe(true);
  expect(step.commands).toHaveLength(1);
  const [[program, ...parameters] = []] = step.commands;
  expect(program).toBe('zstd');
  expect(parameters.at(-1)).toBe(`${parameters.at(-3) ?? ''}.zst`);
});

it.each([
  ['no longer', () => Buffer.from('\0asm')],
  ['twice', () => Buffer.concat([shipped, shipped])],
])('refuses a core that has the constant %s', async (_, change) => {
  step.core = change();
  await expect(build()).rejects.toThrow('JIT_THRESHOLD exactly once');
});
