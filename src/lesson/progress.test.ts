import { expect, test } from 'vitest';
import { countPassed, hasBegun, NO_PROGRESS, readProgress, withoutStep } from './progress.ts';

const some = {
  ...NO_PROGRESS,
  step: 2,
  passed: ['hello'],
  hints: { hello: 1 },
  ran: ['0:1'],
  answers: { q: [1] },
};

test('what this version writes it reads again', () => {
  expect(readProgress(JSON.parse(JSON.stringify(some)), 1)).toEqual(some);
});

test('what an earlier version wrote is kept as far as it goes', () => {
  const { step, passed, hints, solved, ran, machineId } = some;
  const earlier = { step, passed, hints, solved, ran, machineId };
  expect(readProgress(earlier, 1)).toEqual({ ...some, answers: {} });
});

test.each([
  null,
  undefined,
  3,
  { ...some, passed: 'hello' },
  { ...some, step: 0.5 },
  { ...some, hints: null },
])('no progress: %j', (value) => {
  expect(readProgress(value, 1)).toEqual(NO_PROGRESS);
});

test('progress in another version of the lesson does not count', () => {
  expect(readProgress(some, 2)).toEqual({ ...NO_PROGRESS, version: 2 });
});

test('a lesson is begun once something was done in it', () => {
  expect(hasBegun(NO_PROGRESS)).toBe(false);
  expect(hasBegun({ ...NO_PROGRESS, ran: ['0:1'] })).toBe(true);
});

test('only tasks that the lesson has count', () => {
  expect(countPassed({ ...NO_PROGRESS, passed: ['hello', 'removed'] }, ['hello', 'page'])).toBe(1);
});

test('a step that is done again is forgotten, and no other', () => {
  const both = { ...some, passed: ['hello', 'web'], took: { web: 9 }, ran: ['0:1', '1:0', '10:2'] };
  expect(withoutStep(both, 1, ['web', 'q'])).toMatchObject({
    passed: ['hello'],
    ran: ['0:1', '10:2'],
    hints: { hello: 1 },
    answers: {},
    took: {},
  });
});
