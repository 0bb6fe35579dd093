import { describe, expect, test } from 'vitest';
import {
  addTab,
  closeNode,
  closeTab,
  FIRST_LAYOUT,
  freeTerminal,
  groupTabs,
  joinTabs,
  neighbour,
  openTab,
  renameTab,
  showTab,
  splitTabs,
} from './layout.ts';

const three = openTab(openTab(FIRST_LAYOUT, 'node1'), 'node1');

test('a new terminal takes the lowest free console, is shown and focused', () => {
  const two = openTab(FIRST_LAYOUT, 'node1');
  expect(two).toEqual({
    tabs: [
      { id: 'node1/0', name: 'node1' },
      { id: 'node1/1', name: 'node1 (2)' },
    ],
    shown: ['node1/1'],
    focused: 'node1/1',
  });
  expect(openTab(closeTab(three, 'node1/0'), 'node1').tabs.at(-1)).toEqual({ id: 'node1/0', name: 'node1' });
});

test('there are three terminals at most', () => {
  expect(freeTerminal(three, 'node1')).toBeUndefined();
  expect(openTab(three, 'node1')).toBe(three);
});

test('split shows a new terminal beside the old one', () => {
  expect(splitTabs(FIRST_LAYOUT)).toMatchObject({ shown: ['node1/0', 'node1/1'], focused: 'node1/1' });
});

test('split with all consoles in use shows a hidden terminal', () => {
  expect(splitTabs(three)).toMatchObject({ shown: ['node1/2', 'node1/0'], focused: 'node1/0' });
});

test('a split cannot be split', () => {
  const split = splitTabs(FIRST_LAYOUT);
  expect(splitTabs(split)).toBe(split);
});

test('in a split, a hidden terminal takes the place of the focused one', () => {
  expect(showTab(splitTabs(three), 'node1/1')).toMatchObject({
    shown: ['node1/2', 'node1/1'],
    focused: 'node1/1',
  });
  expect(showTab(splitTabs(three), 'node1/2')).toMatchObject({
    shown: ['node1/2', 'node1/0'],
    focused: 'node1/2',
  });
});

test('closing one side of a split leaves the other', () => {
  expect(closeTab(splitTabs(FIRST_LAYOUT), 'node1/1')).toEqual(FIRST_LAYOUT);
});

test('a closed terminal gives its place to its neighbour, and the last leaves nothing', () => {
  expect(closeTab(three, 'node1/2')).toMatchObject({ shown: ['node1/1'], focused: 'node1/1' });
  expect(closeTab(showTab(three, 'node1/0'), 'node1/0')).toMatchObject({
    shown: ['node1/1'],
    focused: 'node1/1',
  });
  const none = closeTab(FIRST_LAYOUT, 'node1/0');
  expect(none).toEqual({ tabs: [], shown: [], focused: undefined });
  expect(openTab(none, 'node1')).toEqual(FIRST_LAYOUT);
});

test('joining keeps the other terminal open', () => {
  expect(joinTabs(splitTabs(FIRST_LAYOUT))).toMatchObject({
    shown: ['node1/1'],
    focused: 'node1/1',
    tabs: { length: 2 },
  });
});

test('names', () => {
  expect(renameTab(FIRST_LAYOUT, 'node1/0', '  logs ').tabs[0]?.name).toBe('logs');
  expect(renameTab(FIRST_LAYOUT, 'node1/0', '  ')).toBe(FIRST_LAYOUT);
});

test('neighbours go round', () => {
  expect(neighbour(three, 1)).toBe('node1/0');
  expect(neighbour(three, -1)).toBe('node1/1');
});

describe('several nodes', () => {
  const nodes = addTab(addTab(three, 'node3/0'), 'node2/0');

  test('have their terminals side by side, in the order of the nodes', () => {
    expect(nodes.tabs.map(({ id }) => id)).toEqual(['node1/0', 'node1/1', 'node1/2', 'node2/0', 'node3/0']);
    expect(openTab(nodes, 'node2').tabs.map(({ name }) => name)).toEqual([
      'node1',
      'node1 (2)',
      'node1 (3)',
      'node2',
      'node2 (2)',
      'node3',
    ]);
    expect(groupTabs(nodes).map(({ node, tabs }) => [node, tabs.length])).toEqual([
      ['node1', 3],
      ['node2', 1],
      ['node3', 1],
    ]);
  });

  test('a tab that is added does not change what is shown', () => {
    expect(nodes).toMatchObject({ shown: three.shown, focused: three.focused });
    expect(addTab(nodes, 'node2/0')).toBe(nodes);
  });

  test('split shows a terminal of the next node', () => {
    expect(splitTabs(nodes)).toMatchObject({ shown: ['node1/2', 'node2/0'], focused: 'node2/0' });
  });

  test('a node that goes takes its terminals along', () => {
    const left = closeNode(showTab(nodes, 'node2/0'), 'node2');
    expect(left.tabs.map(({ id }) => id)).toEqual(['node1/0', 'node1/1', 'node1/2', 'node3/0']);
    expect(left.focused).toBe('node3/0');
  });
});
