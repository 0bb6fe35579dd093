import { expect, test } from 'vitest';
import { countPassed, hasBegun, isProgress, NO_PROGRESS } from './progress.ts';

test('what this version writes it reads again', () => {
  const progress = { ...NO_PROGRESS, step: 2, passed: ['hello'], hints: { hello: 1 }, ran: ['0:1'] };
  expect(isProgress(JSON.parse(JSON.stringify(progress)))).toBe(true);
});

test.each([
  null,
  3,
  {},
  { ...NO_PROGRESS, passed: 'hello' },
  { ...NO_PROGRESS, step: 0.5 },
  { ...NO_PROGRESS, hints: null },
])('no progress: %j', (value) => {
  expect(isProgress(value)).toBe(false);
});

test('a lesson is begun once something was done in it', () => {
  expect(hasBegun(NO_PROGRESS)).toBe(false);
  expect(hasBegun({ ...NO_PROGRESS, ran: ['0:1'] })).toBe(true);
});

test('only tasks that the lesson has count', () => {
  expect(countPassed({ ...NO_PROGRESS, passed: ['hello', 'removed'] }, ['hello', 'page'])).toBe(1);
});
