import { expect, test } from 'vitest';
import { swipeDirection } from './swipe.ts';

const start = { x: 200, y: 400 };

test.each([
  ['to the left', { x: 90, y: 420 }, 'left'],
  ['to the right', { x: 290, y: 380 }, 'right'],
  ['a tap', { x: 205, y: 402 }, undefined],
  ['a scroll', { x: 190, y: 100 }, undefined],
  ['a slanting scroll', { x: 110, y: 300 }, undefined],
])('%s', (_name, end, expected) => {
  expect(swipeDirection(start, end)).toBe(expected);
});
