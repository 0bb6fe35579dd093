import type { ConsoleIndex } from '../../worker/protocol.ts';
import { describe } from '../machine/machine-commands.ts';
import { session } from '../machine/session.svelte.ts';
import { terminals, type TypingMode } from '../terminal/terminals.svelte.ts';
import { narrowView } from '../workspace/narrow-view.svelte.ts';

/** Why a command of the text cannot run now; undefined when it can. */
export function canRun(): string | undefined {
  return session.phase === 'running' ? undefined : `The machine is ${describe(session.phase)}`;
}

/** Types a command into a terminal and shows it there, as a click in the text asks for. */
export function runInTerminal(command: string, mode?: TypingMode, console?: ConsoleIndex): void {
  narrowView.shown = 'terminals';
  terminals.run(command, mode, console);
}
