import { toast } from 'svelte-sonner';
import type { Command } from '../app/commands.svelte.ts';
import { dialogs } from '../app/dialogs.svelte.ts';
import type { Phase } from './session-state.ts';
import { session } from './session.svelte.ts';

/** What can be done with the machine in its present state. */
export function machineCommands(): Command[] {
  const { phase } = session;
  const only = (...phases: Phase[]) =>
    phases.includes(phase) ? undefined : `The machine is ${describe(phase)}`;
  return [
    {
      id: 'machine-start',
      group: 'Machine',
      title: phase === 'off' ? 'Start the machine again' : 'Start the machine',
      unavailable: only('idle', 'failed', 'off'),
      run: startMachine,
    },
    {
      id: 'machine-pause',
      group: 'Machine',
      title: phase === 'paused' ? 'Resume the machine' : 'Pause the machine',
      keys: 'Ctrl+Shift+.',
      unavailable: only('running', 'paused'),
      run: () => {
        report(phase === 'paused' ? session.resume() : session.pause());
      },
    },
    {
      id: 'machine-reset',
      group: 'Machine',
      title: 'Reset the machine…',
      keys: 'Ctrl+Shift+Backspace',
      unavailable: only('running', 'paused', 'waiting-for-disk', 'off'),
      run: () => (dialogs.open = 'reset'),
    },
    {
      id: 'machine-retry-disk',
      group: 'Machine',
      title: 'Try again to read the disk',
      unavailable: only('waiting-for-disk'),
      run: () => {
        report(session.retryDisk());
      },
    },
    {
      id: 'machine-cancel',
      group: 'Machine',
      title: 'Cancel loading',
      unavailable: only('loading'),
      run: () => {
        session.cancel();
      },
    },
  ];
}

/** Starts a machine where there is none, or one that powered itself off. */
export function startMachine(): void {
  if (session.phase === 'off') report(session.reset());
  else session.start();
}

/** Tells the user if an operation failed. */
export function report(operation: Promise<unknown>): void {
  operation.catch((error: unknown) => {
    toast.error(error instanceof Error ? error.message : String(error));
  });
}

/** A phase as the word that follows "The machine is". */
export function describe(phase: Phase): string {
  switch (phase) {
    case 'idle':
      return 'not started';
    case 'unsupported':
      return 'not supported here';
    case 'waiting-for-disk':
      return 'waiting for its disk';
    case 'off':
      return 'powered off';
    default:
      return phase;
  }
}
