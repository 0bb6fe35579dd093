import { expect, test } from 'vitest';
import { isApple, keyCaps, matches, type KeyPress } from './shortcut.ts';

function press(key: string, code: string, modifiers = ''): KeyPress {
  return {
    key,
    code,
    ctrlKey: modifiers.includes('c'),
    shiftKey: modifiers.includes('s'),
    altKey: modifiers.includes('a'),
    metaKey: modifiers.includes('m'),
  };
}

test('Mod is ⌘ on a Mac and Ctrl elsewhere', () => {
  expect(matches('Mod+K', press('k', 'KeyK', 'c'), false)).toBe(true);
  expect(matches('Mod+K', press('k', 'KeyK', 'm'), true)).toBe(true);
  expect(matches('Mod+K', press('k', 'KeyK', 'c'), true)).toBe(false);
});

test('letters and digits are matched by their place on the keyboard', () => {
  expect(matches('Ctrl+Shift+F', press('А', 'KeyF', 'cs'), false)).toBe(true);
  expect(matches('Ctrl+Shift+1', press('!', 'Digit1', 'cs'), false)).toBe(true);
});

test('other modifiers than those named are not accepted', () => {
  expect(matches('Ctrl+Shift+F', press('f', 'KeyF', 'c'), false)).toBe(false);
  expect(matches('Ctrl+Shift+F', press('f', 'KeyF', 'csa'), false)).toBe(false);
  expect(matches('F6', press('F6', 'F6', 's'), false)).toBe(false);
});

test('a character is accepted with whatever Shift it needs', () => {
  expect(matches('?', press('?', 'Slash', 's'), false)).toBe(true);
  expect(matches('?', press('?', 'Minus'), false)).toBe(true);
  expect(matches('Mod++', press('+', 'Equal', 'cs'), false)).toBe(true);
  expect(matches('Mod++', press('=', 'Equal', 'c'), false)).toBe(true);
});

test('key caps follow the platform', () => {
  expect(keyCaps('Ctrl+Shift+ArrowLeft', false)).toEqual(['Ctrl', 'Shift', '←']);
  expect(keyCaps('Mod+Shift+C', true)).toEqual(['⌘', '⇧', 'C']);
  expect(keyCaps('Mod++', false)).toEqual(['Ctrl', '+']);
});

test('Apple platforms', () => {
  expect(isApple('MacIntel')).toBe(true);
  expect(isApple('Linux x86_64')).toBe(false);
});
