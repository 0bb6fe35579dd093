import type { Command } from '../app/commands.svelte.ts';
import { sidePane } from '../workspace/side-pane.svelte.ts';

/** The live view among all that can be done. */
export function liveCommands(): Command[] {
  return [
    {
      id: 'live-view',
      group: 'View',
      title:
        sidePane.tool === 'live' ? 'Close the live view' : 'Live view of containers, networks and volumes',
      keys: 'Ctrl+Shift+G',
      run: () => {
        sidePane.toggle('live');
      },
    },
  ];
}
