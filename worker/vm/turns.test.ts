import { afterEach, describe, expect, it, vi } from 'vitest';
import { takeTurns, type RunLoop } from './turns.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A run loop whose guest works for `work` milliseconds at a time, then sleeps as long as `sleeps` says. */
function createLoop(work: number, sleeps: number[]) {
  let now = 0;
  vi.stubGlobal('performance', { now: () => now });
  const loop = {
    stopping: false as boolean,
    cpu: {
      main_loop: () => {
        now += work;
        return sleeps.shift() ?? 0;
      },
    },
    yield: vi.fn(),
    yield_callback: vi.fn(),
    unregister_yield: vi.fn(),
  } satisfies RunLoop;
  return loop;
}

it('keeps the thread for several slices of a busy guest, and meters them', () => {
  const loop = createLoop(1, []);
  const worked = takeTurns(loop);
  expect(loop.cpu.main_loop()).toBe(0);
  expect(worked()).toBe(4);
});

it('ends the turn at once when the guest sleeps', () => {
  const loop = createLoop(1, [0, 7, 0]);
  const worked = takeTurns(loop);
  expect(loop.cpu.main_loop()).toBe(7);
  expect(worked()).toBe(2);
});

it('ends the turn when the machine is being stopped', () => {
  const loop = createLoop(1, []);
  takeTurns(loop);
  loop.stopping = true;
  const before = performance.now();
  loop.cpu.main_loop();
  expect(performance.now() - before).toBe(1);
});

describe('in a browser', () => {
  function createBrowserLoop() {
    vi.stubGlobal('setImmediate', undefined);
    const loop = createLoop(1, []);
    const { unregister_yield } = loop;
    takeTurns(loop);
    return { loop, unregister_yield };
  }

  it('comes back by a message port, without the worker that v86 has for it', async () => {
    const { loop, unregister_yield } = createBrowserLoop();
    expect(unregister_yield).toHaveBeenCalledOnce();
    loop.yield(0, 5);
    await vi.waitFor(() => {
      expect(loop.yield_callback).toHaveBeenCalledExactlyOnceWith(5);
    });
    loop.unregister_yield();
  });

  it('comes back after a sleep, unless something woke the guest before', async () => {
    const { loop } = createBrowserLoop();
    loop.yield(20, 6);
    loop.yield(0, 7);
    loop.yield(30, 8);
    await vi.waitFor(() => {
      expect(loop.yield_callback.mock.calls).toEqual([[7], [8]]);
    });
    loop.unregister_yield();
  });

  it('rounds a sleep up: one that ends too early would be followed by many short ones', () => {
    const { loop } = createBrowserLoop();
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    loop.yield(3.2, 9);
    expect(setTimer.mock.lastCall?.[1]).toBe(4);
    loop.unregister_yield();
    setTimer.mockRestore();
  });
});
