/**
 * Which terminals are open, which of them are on the screen (one, or two side by side) and which has the
 * keyboard. Pure: each operation gives a new layout.
 */
import type { ConsoleIndex } from '../../worker/protocol.ts';

export interface TerminalTab {
  readonly console: ConsoleIndex;
  readonly name: string;
}

export interface TerminalLayout {
  /** In the order of the tabs. */
  readonly tabs: readonly TerminalTab[];
  /** On the screen, from left to right. Empty when all terminals are closed. */
  readonly shown: readonly ConsoleIndex[];
  /** The one that commands go to; undefined when all are closed. */
  readonly focused: ConsoleIndex | undefined;
}

const PORTS: readonly ConsoleIndex[] = [0, 1, 2];

const MACHINE_NAME = 'node1';

export const FIRST_LAYOUT: TerminalLayout = {
  tabs: [{ console: 0, name: MACHINE_NAME }],
  shown: [0],
  focused: 0,
};

/** The lowest console that no terminal uses; undefined when all three are in use. */
export function freeConsole({ tabs }: TerminalLayout): ConsoleIndex | undefined {
  return PORTS.find((port) => tabs.every(({ console }) => console !== port));
}

/** Opens a terminal in place of the focused one. */
export function openTab(layout: TerminalLayout): TerminalLayout {
  const console = freeConsole(layout);
  if (console === undefined) return layout;
  return showTab({ ...layout, tabs: [...layout.tabs, { console, name: freeName(layout) }] }, console);
}

/** Shows a terminal where the focused one is, unless it is on the screen already, and focuses it. */
export function showTab(layout: TerminalLayout, console: ConsoleIndex): TerminalLayout {
  if (layout.tabs.every((tab) => tab.console !== console)) return layout;
  if (layout.shown.includes(console)) return { ...layout, focused: console };
  const shown =
    layout.shown.length === 0
      ? [console]
      : layout.shown.map((each) => (each === layout.focused ? console : each));
  return { ...layout, shown, focused: console };
}

/** Puts a second terminal beside the one on the screen: a new one, or with all in use one that is hidden. */
export function splitTabs(layout: TerminalLayout): TerminalLayout {
  const [left] = layout.shown;
  if (left === undefined || layout.shown.length > 1) return layout;
  const opened = openTab(layout);
  const right =
    opened === layout ? layout.tabs.find(({ console }) => console !== left)?.console : opened.focused;
  return right === undefined ? layout : { ...opened, shown: [left, right], focused: right };
}

/** Leaves only the focused terminal on the screen; the other stays open. */
export function joinTabs(layout: TerminalLayout): TerminalLayout {
  return layout.focused === undefined ? layout : { ...layout, shown: [layout.focused] };
}

/** Closes a terminal; its place goes to its neighbour in the tabs. */
export function closeTab(layout: TerminalLayout, console: ConsoleIndex): TerminalLayout {
  const position = layout.tabs.findIndex((tab) => tab.console === console);
  if (position === -1) return layout;
  const tabs = layout.tabs.filter((tab) => tab.console !== console);
  const left = layout.shown.filter((each) => each !== console);
  const heir = tabs[position] ?? tabs.at(-1);
  const shown = left.length === 0 && heir ? [heir.console] : left;
  const focused = layout.focused === console ? shown[0] : layout.focused;
  return { tabs, shown, focused };
}

/** Gives a terminal another name; an empty one changes nothing. */
export function renameTab(layout: TerminalLayout, console: ConsoleIndex, name: string): TerminalLayout {
  const trimmed = name.trim();
  if (trimmed === '') return layout;
  return {
    ...layout,
    tabs: layout.tabs.map((tab) => (tab.console === console ? { ...tab, name: trimmed } : tab)),
  };
}

/** The terminal after (1) or before (-1) the focused one. */
export function neighbour({ tabs, focused }: TerminalLayout, direction: 1 | -1): ConsoleIndex | undefined {
  const position = tabs.findIndex(({ console }) => console === focused);
  return tabs[(position + direction + tabs.length) % tabs.length]?.console;
}

function freeName({ tabs }: TerminalLayout): string {
  const taken = new Set(tabs.map(({ name }) => name));
  for (let i = 1; ; i++) {
    const name = i === 1 ? MACHINE_NAME : `${MACHINE_NAME} (${i})`;
    if (!taken.has(name)) return name;
  }
}
