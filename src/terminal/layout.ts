/**
 * Which terminals are open, which of them are on the screen (one, or two side by side) and which has the
 * keyboard. Pure: each operation gives a new layout.
 */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import type { ConsoleIndex } from '../../worker/protocol.ts';

/** A terminal: a console of a node. */
export type TerminalId = `${NodeName}/${ConsoleIndex}`;

export interface TerminalTab {
  readonly id: TerminalId;
  readonly name: string;
}

export interface TerminalLayout {
  /** In the order of the tabs: those of a node are side by side. */
  readonly tabs: readonly TerminalTab[];
  /** On the screen, from left to right. Empty when all terminals are closed. */
  readonly shown: readonly TerminalId[];
  /** The one that commands go to; undefined when all are closed. */
  readonly focused: TerminalId | undefined;
}

const PORTS: readonly ConsoleIndex[] = [0, 1, 2];

export const FIRST_LAYOUT: TerminalLayout = {
  tabs: [{ id: 'node1/0', name: 'node1' }],
  shown: ['node1/0'],
  focused: 'node1/0',
};

export function terminalId(node: NodeName, console: ConsoleIndex): TerminalId {
  return `${node}/${console}`;
}

export function nodeOf(id: TerminalId): NodeName {
  return id.slice(0, id.indexOf('/')) as NodeName;
}

export function consoleOf(id: TerminalId): ConsoleIndex {
  return Number(id.slice(id.indexOf('/') + 1)) as ConsoleIndex;
}

/** The tabs of each node that has any, in the order of the nodes. */
export function groupTabs({ tabs }: TerminalLayout): { node: NodeName; tabs: TerminalTab[] }[] {
  return NODE_NAMES.map((node) => ({ node, tabs: tabs.filter(({ id }) => nodeOf(id) === node) })).filter(
    (group) => group.tabs.length > 0,
  );
}

/** The terminal of `node` with the lowest console that is in no tab; undefined when all three are in use. */
export function freeTerminal({ tabs }: TerminalLayout, node: NodeName): TerminalId | undefined {
  return PORTS.map((port) => terminalId(node, port)).find((id) => tabs.every((tab) => tab.id !== id));
}

/** Opens a terminal of `node` in place of the focused one. */
export function openTab(layout: TerminalLayout, node: NodeName): TerminalLayout {
  const id = freeTerminal(layout, node);
  if (id === undefined) return layout;
  return showTab(addTab(layout, id), id);
}

/** Adds a tab without showing its terminal. */
export function addTab(layout: TerminalLayout, id: TerminalId): TerminalLayout {
  if (layout.tabs.some((tab) => tab.id === id)) return layout;
  const tabs = [...layout.tabs, { id, name: freeName(layout, nodeOf(id)) }];
  const order = ({ id: each }: TerminalTab): number => NODE_NAMES.indexOf(nodeOf(each));
  return { ...layout, tabs: tabs.sort((a, b) => order(a) - order(b)) };
}

/** Closes all terminals of `node`. */
export function closeNode(layout: TerminalLayout, node: NodeName): TerminalLayout {
  return layout.tabs
    .filter(({ id }) => nodeOf(id) === node)
    .reduce((left, { id }) => closeTab(left, id), layout);
}

/** Shows a terminal where the focused one is, unless it is on the screen already, and focuses it. */
export function showTab(layout: TerminalLayout, id: TerminalId): TerminalLayout {
  if (layout.tabs.every((tab) => tab.id !== id)) return layout;
  if (layout.shown.includes(id)) return { ...layout, focused: id };
  const shown =
    layout.shown.length === 0 ? [id] : layout.shown.map((each) => (each === layout.focused ? id : each));
  return { ...layout, shown, focused: id };
}

/** Puts a second terminal beside the one on the screen: one of the next node, or a new one, or one that is hidden. */
export function splitTabs(layout: TerminalLayout): TerminalLayout {
  const [left] = layout.shown;
  if (left === undefined || layout.shown.length > 1) return layout;
  const groups = groupTabs(layout);
  const own = groups.findIndex(({ node }) => node === nodeOf(left));
  const next = groups[(own + 1) % groups.length]?.tabs[0]?.id;
  if (groups.length > 1 && next) return { ...layout, shown: [left, next], focused: next };
  const opened = openTab(layout, nodeOf(left));
  const right = opened === layout ? layout.tabs.find(({ id }) => id !== left)?.id : opened.focused;
  return right === undefined ? layout : { ...opened, shown: [left, right], focused: right };
}

/** Leaves only the focused terminal on the screen; the other stays open. */
export function joinTabs(layout: TerminalLayout): TerminalLayout {
  return layout.focused === undefined ? layout : { ...layout, shown: [layout.focused] };
}

/** Closes a terminal; its place goes to its neighbour in the tabs. */
export function closeTab(layout: TerminalLayout, id: TerminalId): TerminalLayout {
  const position = layout.tabs.findIndex((tab) => tab.id === id);
  if (position === -1) return layout;
  const tabs = layout.tabs.filter((tab) => tab.id !== id);
  const left = layout.shown.filter((each) => each !== id);
  const heir = tabs[position] ?? tabs.at(-1);
  const shown = left.length === 0 && heir ? [heir.id] : left;
  const focused = layout.focused === id ? shown[0] : layout.focused;
  return { tabs, shown, focused };
}

/** Gives a terminal another name; an empty one changes nothing. */
export function renameTab(layout: TerminalLayout, id: TerminalId, name: string): TerminalLayout {
  const trimmed = name.trim();
  if (trimmed === '') return layout;
  return {
    ...layout,
    tabs: layout.tabs.map((tab) => (tab.id === id ? { ...tab, name: trimmed } : tab)),
  };
}

/** The terminal after (1) or before (-1) the focused one. */
export function neighbour({ tabs, focused }: TerminalLayout, direction: 1 | -1): TerminalId | undefined {
  const position = tabs.findIndex(({ id }) => id === focused);
  return tabs[(position + direction + tabs.length) % tabs.length]?.id;
}

function freeName({ tabs }: TerminalLayout, node: NodeName): string {
  const taken = new Set(tabs.map(({ name }) => name));
  for (let i = 1; ; i++) {
    const name = i === 1 ? node : `${node} (${i})`;
    if (!taken.has(name)) return name;
  }
}
