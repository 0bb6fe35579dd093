import { toast } from 'svelte-sonner';
import { apple, type Command } from '../app/commands.svelte.ts';
import { preferences } from '../app/preferences.svelte.ts';
import { report } from '../machine/operations.ts';
import { copyText } from '../ui/clipboard.ts';
import { terminals } from './terminals.svelte.ts';

/** Why no further terminal can be opened. */
export const FULL = 'All three terminals of this machine are in use. Close one first.';

const NONE = 'No terminal is open';

/** What can be done with the terminals. */
export function terminalCommands(): Command[] {
  const { focused, shown, tabs } = terminals.layout;
  const none = focused === undefined ? NONE : undefined;
  return [
    {
      id: 'terminal-new',
      group: 'Terminal',
      title: 'New terminal',
      keys: 'Ctrl+Shift+Enter',
      unavailable: terminals.full ? FULL : undefined,
      run: () => {
        terminals.open();
      },
    },
    {
      id: 'terminal-split',
      group: 'Terminal',
      title: shown.length > 1 ? 'Show one terminal' : 'Show two terminals side by side',
      keys: 'Ctrl+Shift+E',
      unavailable: none,
      run: toggleSplit,
    },
    {
      id: 'terminal-close',
      group: 'Terminal',
      title: 'Close the terminal',
      keys: 'Ctrl+Shift+X',
      unavailable: none,
      run: () => {
        if (focused !== undefined) report(terminals.close(focused));
      },
    },
    {
      id: 'terminal-rename',
      group: 'Terminal',
      title: 'Rename the terminal',
      unavailable: none,
      run: () => (terminals.renaming = focused),
    },
    ...tabs.map(({ id, name }, i): Command => ({
      id: `terminal-show-${id}`,
      group: 'Terminal',
      title: `Go to terminal ${name}`,
      ...(i < 9 && { keys: `Ctrl+Shift+${i + 1}` }),
      run: () => {
        terminals.show(id);
        terminals.focus();
      },
    })),
    {
      id: 'terminal-copy',
      group: 'Terminal',
      title: 'Copy the selection',
      terminalKeys: apple ? 'Mod+C' : 'Ctrl+Shift+C',
      unavailable: none,
      run: copySelection,
    },
    {
      id: 'terminal-paste',
      group: 'Terminal',
      title: 'Paste',
      nativeKeys: apple ? 'Mod+V' : 'Ctrl+Shift+V',
      unavailable: none,
      run: () => void pasteClipboard(),
    },
    {
      id: 'terminal-select-all',
      group: 'Terminal',
      title: 'Select all output',
      unavailable: none,
      run: () => terminals.focusedView?.selectAll(),
    },
    {
      id: 'terminal-search',
      group: 'Terminal',
      title: 'Search the output',
      keys: 'Ctrl+Shift+F',
      unavailable: none,
      run: () => (terminals.searching = focused),
    },
    {
      id: 'terminal-clear',
      group: 'Terminal',
      title: 'Clear the output',
      unavailable: none,
      run: () => {
        terminals.focusedView?.clear();
        terminals.focus();
      },
    },
    ...fontCommands(),
    {
      id: 'terminal-screen-reader',
      group: 'Terminal',
      title: `Screen reader mode: turn it ${preferences.screenReader ? 'off' : 'on'}`,
      run: () => {
        preferences.screenReader = !preferences.screenReader;
        toast.success(`Screen reader mode is ${preferences.screenReader ? 'on' : 'off'}`);
      },
    },
  ];
}

function fontCommands(): Command[] {
  const { fontSize, usualFontSize } = preferences;
  const entry = (id: string, title: string, terminalKeys: string, size: number): Command => ({
    id,
    group: 'Terminal',
    title,
    terminalKeys,
    run: () => (preferences.fontSize = size),
  });
  return [
    entry('terminal-larger', 'Larger text', 'Mod++', fontSize + 1),
    entry('terminal-smaller', 'Smaller text', 'Mod+-', fontSize - 1),
    entry('terminal-usual', 'Text of the usual size', 'Mod+0', usualFontSize),
  ];
}

/** Two terminals side by side, or one again. */
export function toggleSplit(): void {
  if (terminals.layout.shown.length > 1) terminals.join();
  else terminals.split();
}

function copySelection(): void {
  const text = terminals.focusedView?.selection ?? '';
  if (text === '') toast.info('Nothing is selected in the terminal.');
  else void copyText(text);
}

async function pasteClipboard(): Promise<void> {
  const view = terminals.focusedView;
  try {
    view?.paste(await navigator.clipboard.readText());
  } catch {
    toast.error(
      `The browser did not show this page the clipboard. Press ${apple ? '⌘V' : 'Ctrl+Shift+V'} instead.`,
    );
  }
  view?.focus();
}
