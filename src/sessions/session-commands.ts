import { toast } from 'svelte-sonner';
import type { Command } from '../app/commands.svelte.ts';
import { dialogs } from '../app/dialogs.svelte.ts';
import { currentLocation } from '../app/location.svelte.ts';
import { describe, report } from '../machine/operations.ts';
import { session } from '../machine/session.svelte.ts';
import { keeping } from './keeping.svelte.ts';

/** What can be done with the session of this tab. */
export function sessionCommands(): Command[] {
  const unready = session.nodes.find(({ isSettled }) => !isSettled);
  const unsavable =
    unready && session.nodes.length > 1
      ? `${unready.name} is ${describe(unready.phase)}`
      : 'No machine runs that is kept';
  return [
    {
      id: 'session-save',
      group: 'Session',
      title: 'Save the session now',
      keys: 'Ctrl+Shift+S',
      unavailable: session.isSettled && keeping.summary ? undefined : unsavable,
      run: () => {
        report(keeping.save().then(() => toast.success('The session is saved')));
      },
    },
    {
      id: 'session-rewind',
      group: 'Session',
      title: 'Checkpoints: go back, or make one…',
      keys: 'Ctrl+Shift+Z',
      unavailable: keeping.summary ? undefined : 'No session is open',
      run: () => (dialogs.open = 'rewind'),
    },
    {
      id: 'go-sessions',
      group: 'Go to',
      title: 'Saved sessions',
      run: () => {
        currentLocation.go({ page: 'sessions' });
      },
    },
  ];
}
