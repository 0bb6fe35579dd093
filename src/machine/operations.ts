/** What is done with machines at the user's word, and how a machine's state is put in words. */
import { messageOf } from '../../worker/error.ts';
import { toast } from 'svelte-sonner';
import type { Phase } from './node-state.ts';
import type { MachineNode } from './node.svelte.ts';
import { session } from './session.svelte.ts';

/** Starts machines where there are none, or one that is off. */
export function startMachine(node: MachineNode): void {
  if (node.phase === 'off') report(node.powerOn());
  else session.start();
}

/** Tells the user if an operation failed. */
export function report(operation: Promise<unknown>): void {
  operation.catch((error: unknown) => {
    toast.error(messageOf(error));
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
