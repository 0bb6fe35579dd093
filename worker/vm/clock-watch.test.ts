import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a sleep of the host is noticed once', () => {
  const onJump = vi.fn();
  const watch = new ClockWatch(onJump);
  vi.advanceTimersByTime(10_000);
  expect(onJump).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(10_000);
  expect(onJump).toHaveBeenCalledOnce();
  watch.end();
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(10_000);
  expect(onJump).toHaveBeenCalledOnce();
});

test('a clock that is corrected a little is not', () => {
  const onJump = vi.fn();
  const watch = new ClockWatch(onJump);
  vi.setSystemTime(Date.now() + 100);
  vi.advanceTimersByTime(10_000);
  expect(onJump).not.toHaveBeenCalled();
  watch.end();
});
