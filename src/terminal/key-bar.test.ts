import { expect, test } from 'vitest';
import { keySequence, withControl } from './key-bar.ts';

const plain = { ctrl: false, applicationCursor: false };

test('arrows, with and without application cursor keys and Ctrl', () => {
  expect(keySequence('ArrowUp', plain)).toBe('\x1b[A');
  expect(keySequence('ArrowLeft', { ...plain, applicationCursor: true })).toBe('\x1bOD');
  expect(keySequence('ArrowRight', { ctrl: true, applicationCursor: true })).toBe('\x1b[1;5C');
});

test('Tab, Esc and characters', () => {
  expect(keySequence('Tab', plain)).toBe('\t');
  expect(keySequence('Esc', plain)).toBe('\x1b');
  expect(keySequence('|', plain)).toBe('|');
});

test.each([
  ['c', '\x03'],
  ['C', '\x03'],
  ['d', '\x04'],
  ['[', '\x1b'],
  ['\\', '\x1c'],
  [' ', '\0'],
  ['?', '\x7f'],
  ['-', '\x1f'],
  ['1', '1'],
  ['é', 'é'],
  ['pasted text', 'pasted text'],
])('Ctrl and %j', (typed, sent) => {
  expect(withControl(typed)).toBe(sent);
});
