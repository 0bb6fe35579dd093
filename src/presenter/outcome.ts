/** What an exit code says of a command. Pure. */
import type { Outcome } from './protocol.ts';

/** What a shell gives for a program that Ctrl-C has ended: 128 and the signal's number. */
const INTERRUPTED = 130;

/** What became of a command that ended so; `undefined` where nobody knows any more. */
export function outcomeOf(exitCode: number | undefined): Outcome {
  if (exitCode === undefined) return 'cut-off';
  if (exitCode === INTERRUPTED) return 'stopped';
  return exitCode === 0 ? 'done' : 'failed';
}

/** `outcome` in words, as the ticker and the notes have it. */
export function describeOutcome(outcome: Outcome, exitCode?: number): string {
  switch (outcome) {
    case 'running':
      return 'Runs';
    case 'done':
      return 'Done';
    case 'failed':
      return exitCode === undefined ? 'Failed' : `Failed, code ${exitCode}`;
    case 'stopped':
      return 'Stopped';
    case 'cut-off':
      return 'Cut off';
    case 'typed':
      return 'Typed';
  }
}
