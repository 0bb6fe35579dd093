import { expect, test } from 'vitest';
import { elapsed, toggled, watchTime, ZERO } from './stopwatch.ts';

test('it runs, stands, and runs on', () => {
  const running = toggled(ZERO, 1000);
  expect(elapsed(running, 4000)).toBe(3000);
  const stopped = toggled(running, 5000);
  expect(elapsed(stopped, 99_000)).toBe(4000);
  expect(elapsed(toggled(stopped, 100_000), 101_000)).toBe(5000);
});

test('a clock that is set back does not make it run backwards', () => {
  expect(elapsed(toggled(ZERO, 5000), 1000)).toBe(0);
});

test.each([
  [0, '0:00'],
  [65_900, '1:05'],
  [3_600_000, '1:00:00'],
  [36_061_000, '10:01:01'],
])('%i ms is %s', (milliseconds, shown) => {
  expect(watchTime(milliseconds)).toBe(shown);
});
