import type { Command } from '../app/commands.svelte.ts';
import { sidePane } from '../workspace/side-pane.svelte.ts';

/** Opens and closes the live view. */
export const LIVE_KEYS = 'Ctrl+Shift+G';

/** The live view among all that can be done. */
export function liveCommands(): Command[] {
  return [
    {
      id: 'live-view',
      group: 'View',
      title:
        sidePane.tool === 'live' ? 'Close the live view' : 'Live view of containers, networks and volumes',
      keys: LIVE_KEYS,
      run: () => {
        sidePane.toggle('live');
      },
    },
  ];
}
