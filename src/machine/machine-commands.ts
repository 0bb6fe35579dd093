import type { Command } from '../app/commands.svelte.ts';
import { dialogs } from '../app/dialogs.svelte.ts';
import { nodeCommands } from './node-commands.ts';
import { session } from './session.svelte.ts';

/** What can be done with the machines: most with the one in use. */
export function machineCommands(): Command[] {
  return [
    ...nodeCommands(session.current),
    {
      id: 'machine-cancel',
      group: 'Machine',
      title: 'Cancel loading',
      unavailable: session.phase === 'loading' ? undefined : 'Nothing is loading',
      run: () => {
        session.cancel();
      },
    },
    {
      id: 'machine-nodes',
      group: 'Machine',
      title: 'Add or remove nodes…',
      run: () => (dialogs.open = 'nodes'),
    },
  ];
}
