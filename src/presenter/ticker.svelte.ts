import { terminals } from '../terminal/terminals.svelte.ts';
import { addCommand, endCommand } from './command-log.ts';
import type { TickerCommand } from './protocol.ts';

/** The commands that were typed since the presentation began, in any terminal. */
class Ticker {
  #commands = $state.raw<readonly TickerCommand[]>([]);
  #ends: (() => void)[] = [];

  /** The oldest first. */
  get commands(): readonly TickerCommand[] {
    return this.#commands;
  }

  /** Begins to listen. What was typed before is the user's own. */
  start(): void {
    if (this.#ends.length > 0) return;
    this.#ends = [
      terminals.onCommand.add((id, command) => {
        const name = terminals.layout.tabs.find((tab) => tab.id === id)?.name ?? id;
        this.#commands = addCommand(this.#commands, { id, name }, command);
      }),
      terminals.onCommandEnd.add((id, exitCode) => {
        this.#commands = endCommand(this.#commands, id, exitCode);
      }),
    ];
  }

  /** Ends that, and forgets all. */
  stop(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#commands = [];
  }
}

export const ticker = new Ticker();
