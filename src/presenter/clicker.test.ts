import { expect, test } from 'vitest';
import { clickerAction, type ClickerPlace } from './clicker.ts';

const press = (key: string, more: object = {}) => ({
  ...{ key, code: key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false },
  ...more,
});

test.each([
  ['PageDown', 'next'],
  ['PageUp', 'previous'],
  ['ArrowRight', 'next'],
  ['ArrowLeft', 'previous'],
  ['.', 'blank'],
  ['F5', 'full-screen'],
  ['Escape', 'leave'],
  ['ArrowDown', undefined],
  ['a', undefined],
] as const)('%s on the page: %s', (key, action) => {
  expect(clickerAction(press(key), 'page')).toBe(action);
});

test('B is known by its place', () => {
  expect(clickerAction(press('b', { code: 'KeyB' }), 'page')).toBe('blank');
  expect(clickerAction(press('и', { code: 'KeyB' }), 'page')).toBe('blank');
});

test('a terminal gives up only PageUp and PageDown', () => {
  const actions = ['PageDown', 'PageUp', 'ArrowRight', '.', 'F5', 'Escape'].map((key) =>
    clickerAction(press(key), 'terminal'),
  );
  expect(actions).toEqual(['next', 'previous', undefined, undefined, undefined, undefined]);
});

test.each<ClickerPlace>(['program', 'field', 'control'])('a %s keeps all keys', (place) => {
  for (const key of ['PageDown', 'PageUp', 'ArrowRight', '.', 'F5', 'Escape'])
    expect(clickerAction(press(key), place)).toBeUndefined();
});

test('keys with a modifier are not the remote’s', () => {
  expect(clickerAction(press('PageUp', { shiftKey: true }), 'terminal')).toBeUndefined();
  expect(clickerAction(press('ArrowLeft', { altKey: true }), 'page')).toBeUndefined();
});
