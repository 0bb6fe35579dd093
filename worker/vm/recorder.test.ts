import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BLOCK_BYTES } from './blocks.ts';
import type { Emulator } from './emulator.ts';
import type { Capture, Keeping } from './keeping.ts';
import { Overlay } from './overlay.ts';
import { lookAt, Recorder } from './recorder.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const block = (value: number): Uint8Array => new Uint8Array(BLOCK_BYTES).fill(value);

/** A keeper that notes what it is given, and fails while `failure` is set. */
function keeper() {
  const state = {
    commits: [] as { numbers: number[]; used: number }[],
    captures: 0,
    failure: undefined as Error | undefined,
  };
  const keeping: Keeping = {
    read: () => Promise.resolve(undefined),
    commit({ numbers }, used) {
      if (state.failure) return Promise.reject(state.failure);
      state.commits.push({ numbers: [...numbers], used });
      return Promise.resolve();
    },
    capture() {
      if (state.failure) return Promise.reject(state.failure);
      state.captures++;
      return Promise.resolve();
    },
  };
  return { state, keeping };
}

function emulator(memory: Uint8Array, core: Uint8Array): Emulator {
  const code = { core, valid: new Set([3]), later: new Map([[4, Uint8Array.of(1)]]) };
  return {
    memory,
    saveState: () => Promise.resolve({ devices: new ArrayBuffer(2), code }),
  } as unknown as Emulator;
}

const machine = () => ({ memory: new Uint8Array(3 * BLOCK_BYTES), core: new Uint8Array(BLOCK_BYTES + 4) });

it('hands over what was written a second later, with when the user last did something', async () => {
  const { state, keeping } = keeper();
  const overlay = new Overlay();
  const { memory, core } = machine();
  const recorder = new Recorder(keeping, overlay, emulator(memory, core));
  recorder.used = 42;
  overlay.set(9, block(1));
  overlay.set(2, block(1));
  await vi.advanceTimersByTimeAsync(999);
  expect(state.commits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.commits).toEqual([{ numbers: [2, 9], used: 42 }]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(state.commits, 'nothing more was written').toHaveLength(1);
  recorder.end();
  overlay.set(1, block(1));
  await vi.advanceTimersByTimeAsync(5000);
  expect(state.commits).toHaveLength(1);
});

it('hands over again what could not be kept, ten seconds later, with what came since', async () => {
  const { state, keeping } = keeper();
  const overlay = new Overlay();
  const { memory, core } = machine();
  const recorder = new Recorder(keeping, overlay, emulator(memory, core));
  state.failure = new Error('full');
  overlay.set(1, block(1));
  await vi.advanceTimersByTimeAsync(1000);
  overlay.set(2, block(1));
  state.failure = undefined;
  await vi.advanceTimersByTimeAsync(9999);
  expect(state.commits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.commits).toEqual([{ numbers: [1, 2], used: 0 }]);
  recorder.end();
});

const numbersOf = ({ pages, core }: Capture): number[][] => [pages, core].map(({ numbers }) => [...numbers]);

it('captures everything that is not zero first, and then what changed since it was saved', async () => {
  const { keeping } = keeper();
  const overlay = new Overlay();
  const { memory, core } = machine();
  const recorder = new Recorder(keeping, overlay, emulator(memory, core));
  memory[BLOCK_BYTES] = 1;
  core[BLOCK_BYTES] = 1;
  overlay.set(5, block(1));
  const first = await recorder.capture();
  expect(first.over).toBe('nothing');
  expect([[...first.blocks.numbers], ...numbersOf(first)]).toEqual([[5], [1], [1]]);
  expect(first.core.bytes, 'a last block that is not whole is filled up').toHaveLength(BLOCK_BYTES);
  expect(first.state).toMatchObject({
    code: { coreBytes: core.length, valid: [3], later: [[4, Uint8Array.of(1)]] },
  });
  memory[0] = 1;
  expect(numbersOf(await recorder.capture()), 'the first was not kept').toEqual([[0, 1], [1]]);
  recorder.saved('latest');
  recorder.saved('checkpoint');
  memory[2 * BLOCK_BYTES] = 1;
  const second = await recorder.capture();
  expect(second.over, 'a moment without it is none of its own').toBe('latest');
  expect(numbersOf(second)).toEqual([[2], []]);
  recorder.saved('checkpoint');
  memory[0] = 2;
  const third = await recorder.capture();
  expect(third.over).toBe('checkpoint');
  expect(numbersOf(third)).toEqual([[0], []]);
  expect([...third.blocks.numbers]).toEqual([]);
  recorder.end();
});

it('is relative to the checkpoint again before much more was saved than has changed since', async () => {
  const { keeping } = keeper();
  const { memory, core } = machine();
  const recorder = new Recorder(keeping, new Overlay(), emulator(memory, core), {
    checkpoint: await lookAt(memory, core),
    latest: undefined,
    blocks: 0,
  });
  const saves: [Capture['over'], number[]][] = [];
  for (const changed of [[0, 1, 2], [2], [2], [0]]) {
    for (const at of changed) memory[at * BLOCK_BYTES] = (memory[at * BLOCK_BYTES] ?? 0) + 1;
    const { over, pages } = await recorder.capture();
    saves.push([over, [...pages.numbers]]);
    recorder.saved('latest');
  }
  expect(saves).toEqual([
    ['checkpoint', [0, 1, 2]],
    ['latest', [2]],
    ['checkpoint', [0, 1, 2]],
    ['latest', [0]],
  ]);
  recorder.end();
});

it('begins with what a memory looked like at the checkpoint that it comes from', async () => {
  const { keeping } = keeper();
  const { memory, core } = machine();
  memory[0] = 1;
  const remembered = { checkpoint: await lookAt(memory, core), latest: undefined, blocks: 0 };
  memory[BLOCK_BYTES] = 1;
  const recorder = new Recorder(keeping, new Overlay(), emulator(memory, core), remembered);
  const { over, pages } = await recorder.capture();
  expect(over).toBe('checkpoint');
  expect([...pages.numbers]).toEqual([1]);
  recorder.end();
});

it('has in a capture what a hand-over that was under way could not keep', async () => {
  const { keeping } = keeper();
  const overlay = new Overlay();
  let refuse: (error: Error) => void = () => undefined;
  keeping.commit = () => new Promise((_, reject) => (refuse = reject));
  const { memory, core } = machine();
  const remembered = { checkpoint: await lookAt(memory, core), latest: undefined, blocks: 0 };
  const recorder = new Recorder(keeping, overlay, emulator(memory, core), remembered);
  overlay.set(1, block(1));
  await vi.advanceTimersByTimeAsync(1000);
  const captured = recorder.capture();
  await vi.advanceTimersByTimeAsync(100);
  refuse(new Error('full'));
  expect([...(await captured).blocks.numbers]).toEqual([1]);
  recorder.end();
});

it('hands over again what a capture had of the disk, when that could not be kept', async () => {
  const { state, keeping } = keeper();
  const overlay = new Overlay();
  const { memory, core } = machine();
  const recorder = new Recorder(keeping, overlay, emulator(memory, core));
  overlay.set(1, block(1));
  const capture = await recorder.capture();
  state.failure = new Error('full');
  await expect(recorder.handOver(capture)).rejects.toThrow('full');
  state.failure = undefined;
  await recorder.commit();
  expect(state.commits).toEqual([{ numbers: [1], used: 0 }]);
  recorder.end();
});

it('hands over everything again when what it had handed over is gone', async () => {
  const { state, keeping } = keeper();
  const overlay = new Overlay();
  const { memory, core } = machine();
  const remembered = { checkpoint: await lookAt(memory, core), latest: undefined, blocks: 0 };
  const recorder = new Recorder(keeping, overlay, emulator(memory, core), remembered);
  overlay.set(1, block(1));
  overlay.set(2, block(2));
  await recorder.commit();
  recorder.startOver();
  overlay.set(3, block(3));
  await recorder.commit();
  expect(state.commits.at(-1)?.numbers).toEqual([1, 2, 3]);
  expect((await recorder.capture()).over).toBe('nothing');
  recorder.end();
});
