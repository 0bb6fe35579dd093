/** The commands of a lesson's step, as the notes list them. Pure. */
import type { Block, Step } from '../../lessons/format/lesson.ts';
import { describeOutcome } from './outcome.ts';
import type { Outcome, TickerCommand } from './protocol.ts';

/** A command of the text, and its place, as a reader's progress names it. */
export interface StepCommand {
  readonly place: string;
  readonly text: string;
}

/** How far a command is: not used, used by a click in the text, or typed with what became of it. */
export type CommandState = 'to-do' | 'used' | Outcome;

/** The commands of a step, in the order of the text. */
export function stepCommands({ blocks }: Pick<Step, 'blocks'>, stepIndex: number): StepCommand[] {
  return commandsIn(blocks, String(stepIndex));
}

function commandsIn(blocks: readonly Block[], list: string): StepCommand[] {
  return blocks.flatMap((block, i) => {
    const place = `${list}:${i}`;
    if (block.kind === 'run') return [{ place, text: block.command }];
    if (block.kind === 'aside') return commandsIn(block.blocks, place);
    if (block.kind === 'tabs') return block.tabs.flatMap((tab, j) => commandsIn(tab.blocks, `${place}.${j}`));
    return [];
  });
}

/** How far `command` is, by the places that were used and by what was typed. */
export function commandState(
  { place, text }: StepCommand,
  ran: readonly string[],
  typed: readonly TickerCommand[],
): { state: CommandState; word: string } {
  const last = typed.findLast((each) => each.text.trim() === text.trim());
  if (last) return { state: last.outcome, word: describeOutcome(last.outcome, last.exitCode) };
  return ran.includes(place) ? { state: 'used', word: 'Used' } : { state: 'to-do', word: 'To do' };
}
