/** The commands that a class has seen typed. Pure: each operation gives a new list, the oldest first. */
import type { TypedCommand } from '../terminal/command-marks.ts';
import { outcomeOf } from './outcome.ts';
import { COMMAND_COUNT, COMMAND_LENGTH, type TickerCommand } from './protocol.ts';

/** The list with one more command. A list as long as can be loses its oldest. */
export function addCommand(
  commands: readonly TickerCommand[],
  terminal: TickerCommand['terminal'],
  { text, to }: TypedCommand,
): readonly TickerCommand[] {
  const added: TickerCommand = {
    id: (commands.at(-1)?.id ?? -1) + 1,
    terminal,
    text: text.slice(0, COMMAND_LENGTH),
    outcome: to === 'shell' ? 'running' : 'typed',
  };
  return [...commands, added].slice(-COMMAND_COUNT);
}

/** The list once the command that runs in a terminal has ended. */
export function endCommand(
  commands: readonly TickerCommand[],
  terminalId: string,
  exitCode: number | undefined,
): readonly TickerCommand[] {
  const ended = commands.findLast((each) => each.terminal.id === terminalId && each.outcome === 'running');
  if (!ended) return commands;
  const outcome = outcomeOf(exitCode);
  return commands.map((each) =>
    each === ended ? { ...each, outcome, ...(exitCode !== undefined && { exitCode }) } : each,
  );
}
