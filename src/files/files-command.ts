import type { Command } from '../app/commands.svelte.ts';
import { terminals } from '../terminal/terminals.svelte.ts';
import { sidePane } from '../workspace/side-pane.svelte.ts';
import { openFiles } from './open-files.svelte.ts';

/** The key that shows and hides the files. */
export const FILES_KEYS = 'Ctrl+Shift+O';

/** What can be done with the files' pane as a whole. */
export function filesCommand(): Command[] {
  const isOpen = sidePane.tool === 'files';
  return [
    {
      id: 'files',
      group: 'View',
      title: isOpen ? 'Hide the files' : 'Files',
      keys: FILES_KEYS,
      run: () => {
        sidePane.toggle('files');
        if (isOpen) terminals.focus();
        else openFiles.focusNext();
      },
    },
  ];
}
