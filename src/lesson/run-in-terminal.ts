import type { NodeName } from '../../worker/net/lan.ts';
import type { ConsoleIndex } from '../../worker/protocol.ts';
import { terminalId } from '../terminal/layout.ts';
import { describe } from '../machine/operations.ts';
import { session } from '../machine/session.svelte.ts';
import { terminals, type TypingMode } from '../terminal/terminals.svelte.ts';
import { narrowView } from '../workspace/narrow-view.svelte.ts';

/** Why a command of the text cannot run now; undefined when it can. */
export function canRun(node?: NodeName): string | undefined {
  const machine = node ? session.find(node) : session.current;
  if (!machine) return `There is no ${node}`;
  return machine.phase === 'running' ? undefined : `The machine is ${describe(machine.phase)}`;
}

/**
 * Types a command into a terminal and shows it there, as a click in the text asks for: into `console` of `node` where
 * both are named, else into one of `node`, else into the one in use.
 */
export function runInTerminal(
  command: string,
  mode?: TypingMode,
  { console, node }: { console?: ConsoleIndex | undefined; node?: NodeName | undefined } = {},
): void {
  narrowView.shown = 'terminals';
  const id = console === undefined ? undefined : terminalId(node ?? session.current.name, console);
  terminals.run(command, mode, { ...(id && { id }), ...(node && { node }) });
}
