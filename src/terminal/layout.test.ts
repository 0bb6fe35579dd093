import { expect, test } from 'vitest';
import {
  closeTab,
  FIRST_LAYOUT,
  freeConsole,
  joinTabs,
  neighbour,
  openTab,
  renameTab,
  showTab,
  splitTabs,
} from './layout.ts';

const three = openTab(openTab(FIRST_LAYOUT));

test('a new terminal takes the lowest free console, is shown and focused', () => {
  const two = openTab(FIRST_LAYOUT);
  expect(two).toEqual({
    tabs: [
      { console: 0, name: 'node1' },
      { console: 1, name: 'node1 (2)' },
    ],
    shown: [1],
    focused: 1,
  });
  expect(openTab(closeTab(three, 0)).tabs.at(-1)).toEqual({ console: 0, name: 'node1' });
});

test('there are three terminals at most', () => {
  expect(freeConsole(three)).toBeUndefined();
  expect(openTab(three)).toBe(three);
});

test('split shows a new terminal beside the old one', () => {
  expect(splitTabs(FIRST_LAYOUT)).toMatchObject({ shown: [0, 1], focused: 1 });
});

test('split with all consoles in use shows a hidden terminal', () => {
  expect(splitTabs(three)).toMatchObject({ shown: [2, 0], focused: 0 });
});

test('a split cannot be split', () => {
  const split = splitTabs(FIRST_LAYOUT);
  expect(splitTabs(split)).toBe(split);
});

test('in a split, a hidden terminal takes the place of the focused one', () => {
  expect(showTab(splitTabs(three), 1)).toMatchObject({ shown: [2, 1], focused: 1 });
  expect(showTab(splitTabs(three), 2)).toMatchObject({ shown: [2, 0], focused: 2 });
});

test('closing one side of a split leaves the other', () => {
  expect(closeTab(splitTabs(FIRST_LAYOUT), 1)).toEqual(FIRST_LAYOUT);
});

test('a closed terminal gives its place to its neighbour, and the last leaves nothing', () => {
  expect(closeTab(three, 2)).toMatchObject({ shown: [1], focused: 1 });
  expect(closeTab(showTab(three, 0), 0)).toMatchObject({ shown: [1], focused: 1 });
  const none = closeTab(FIRST_LAYOUT, 0);
  expect(none).toEqual({ tabs: [], shown: [], focused: undefined });
  expect(openTab(none)).toEqual(FIRST_LAYOUT);
});

test('joining keeps the other terminal open', () => {
  expect(joinTabs(splitTabs(FIRST_LAYOUT))).toMatchObject({ shown: [1], focused: 1, tabs: { length: 2 } });
});

test('names', () => {
  expect(renameTab(FIRST_LAYOUT, 0, '  logs ').tabs[0]?.name).toBe('logs');
  expect(renameTab(FIRST_LAYOUT, 0, '  ')).toBe(FIRST_LAYOUT);
});

test('neighbours go round', () => {
  expect(neighbour(three, 1)).toBe(0);
  expect(neighbour(three, -1)).toBe(1);
});
