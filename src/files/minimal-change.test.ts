import { expect, it } from 'vitest';
import { minimalChange } from './minimal-change.ts';

it('only what differs is changed', () => {
  for (const [before, after] of [
    ['', 'a'],
    ['a', ''],
    ['aaa', 'aa'],
    ['one\ntwo\nthree', 'one\n2\nthree'],
    ['abc', 'xyz'],
    ['abab', 'ab'],
  ] as const) {
    const change = minimalChange(before, after);
    expect(change).toBeDefined();
    if (change) expect(before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(after);
  }
  expect(minimalChange('one\ntwo\nthree', 'one\n2\nthree')).toEqual({ from: 4, to: 7, insert: '2' });
  expect(minimalChange('a', 'a')).toBeUndefined();
});
