/**
 * Walks through a lesson as a reader who clicks every command: each is typed into its terminal, in the order of the text,
 * and must end well. The shell says so itself: before each prompt it prints its last exit code, in a sequence that
 * terminals do not show (OSC, ECMA-48 8.3.89).
 */
import { stripVTControlCharacters } from 'node:util';
import type { ConsoleIndex, MachineEvent } from '../../worker/protocol.ts';
import type { Exec } from '../engine/check.ts';
import { pause, type Pause } from '../engine/clock.ts';
import { fillCommand } from '../engine/values.ts';
import { allBlocks, type Block, type Lesson, type Step } from '../format/lesson.ts';

type Command = Extract<Block, { kind: 'run' }>;

/** What the walk needs of a machine; `Machine` has it. */
export interface WalkMachine {
  exec: Exec;
  send: (console: ConsoleIndex, bytes: Uint8Array) => void;
  subscribe: (listener: (event: MachineEvent) => void) => () => void;
}

export interface CommandFinding {
  /** The title of the step. */
  step: string;
  command: string;
  ok: boolean;
  /** What was wrong, and the end of what the terminal showed. */
  message: string;
}

/** Deadline of a command in seconds: the slowest of a lesson is a build. */
const COMMAND_SECONDS = 300;

/** What a command that keeps the terminal gets to show something, and what a program gets to end in after Ctrl-C. */
const STAY_MILLISECONDS = 4000;

/** Characters of the terminal's output that a message quotes. */
const QUOTED = 400;

/**
 * Raised when the walk demands more or other things, or commands are typed in another way: what was walked before then
 * is walked again.
 */
export const WALK_RULES = 1;

/** Before each prompt, with the last exit code. */
const SHOW_CODE = 'printf "\\033]7777;%d\\007" "$?"';
const SHOWN_CODE = '\\x1b\\]7777;(\\d+)\\x07';
const AT_PROMPT = new RegExp(SHOWN_CODE);
/** After a command of several lines, which has several prompts or one; the last prompt follows. */
const SHOW_END = 'printf "\\033]7778\\007"';
const AFTER_END = new RegExp(`\\x1b\\]7778\\x07[^]*${SHOWN_CODE}`);

/** Clicks all commands of `lesson` on a machine on which nothing was done. */
export async function walkLesson(
  machine: WalkMachine,
  lesson: Lesson,
  wait: Pause = pause,
): Promise<CommandFinding[]> {
  const terminals = new Map<number, Terminal>();
  const findings: CommandFinding[] = [];
  try {
    for (const { step, command } of commandsOf(lesson)) {
      const number = command.terminal ?? 1;
      let terminal = terminals.get(number);
      if (!terminal) {
        terminal = new Terminal(machine, (number - 1) as ConsoleIndex, wait);
        terminals.set(number, terminal);
        await terminal.prepare();
      }
      const message = await run(machine, terminal, lesson, command);
      findings.push({ step: step.title, command: command.command, ok: message === '', message });
    }
  } finally {
    for (const terminal of terminals.values()) terminal.close();
  }
  return findings;
}

function commandsOf({ steps }: Lesson): { step: Step; command: Command }[] {
  return steps.flatMap((step) =>
    allBlocks(step.blocks).flatMap((block) =>
      block.kind === 'run' && (block.mode === 'run' || block.mode === 'interrupt')
        ? [{ step, command: block }]
        : [],
    ),
  );
}

/** Clicks a command; resolves with what was wrong, '' for nothing. */
async function run(
  machine: WalkMachine,
  terminal: Terminal,
  lesson: Lesson,
  command: Command,
): Promise<string> {
  const exec: Exec = (script, options) => machine.exec(script, options);
  const text = await fillCommand(exec, lesson, command.command).catch((error: unknown) => error as Error);
  return typeof text === 'string' ? terminal.run(text, command) : text.message;
}

class Terminal {
  #output = '';
  #arrived: (() => void) | undefined;
  readonly #decoder = new TextDecoder();
  readonly close: () => void;

  constructor(
    private readonly machine: WalkMachine,
    private readonly console: ConsoleIndex,
    private readonly wait: Pause,
  ) {
    this.close = machine.subscribe((event) => {
      if (event.type !== 'output' || event.console !== console) return;
      this.#output += this.#decoder.decode(event.bytes, { stream: true });
      this.#arrived?.();
    });
  }

  async prepare(): Promise<void> {
    this.#type(` PROMPT_COMMAND='${SHOW_CODE}'\r`);
    if ((await this.#exitCode(AT_PROMPT)) === undefined)
      throw new Error(`Terminal ${this.console + 1} has no shell.`);
  }

  /** Types a command; resolves with what was wrong, '' for nothing. */
  async run(text: string, { mode, outcome }: Command): Promise<string> {
    if (mode === 'interrupt') {
      this.#type('\x03');
      await this.wait(STAY_MILLISECONDS);
    }
    this.#output = '';
    this.#type(`${text.replaceAll('\n', '\r')}\r`);
    if (outcome === 'stays') {
      await this.wait(STAY_MILLISECONDS);
      return AT_PROMPT.test(this.#output) ? this.#fault('it ended, and should have kept the terminal') : '';
    }
    const several = text.includes('\n');
    if (several) this.#type(` ${SHOW_END}\r`);
    const code = await this.#exitCode(several ? AFTER_END : AT_PROMPT);
    if (code === undefined) {
      this.#type('\x03');
      await this.wait(STAY_MILLISECONDS);
      return this.#fault(
        `it had not ended after ${COMMAND_SECONDS} s. One that keeps the terminal is marked “run stays”, and the next one “run interrupt”`,
      );
    }
    if (outcome === 'fails') return code === 0 ? this.#fault('it succeeded, and was meant to fail') : '';
    return code === 0 ? '' : this.#fault(`exit code ${code}`);
  }

  #type(text: string): void {
    this.machine.send(this.console, new TextEncoder().encode(text));
  }

  /** The first exit code that is not 0 until `shown` is seen, or 0; undefined when that is not seen in time. */
  async #exitCode(shown: RegExp): Promise<number | undefined> {
    const deadline = new AbortController();
    const over = this.wait(COMMAND_SECONDS * 1000, deadline.signal).then(() => 'over' as const);
    try {
      for (;;) {
        if (shown.test(this.#output)) {
          const codes = [...this.#output.matchAll(new RegExp(SHOWN_CODE, 'g'))];
          return codes.map(([, code]) => Number(code)).find((code) => code !== 0) ?? 0;
        }
        const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
        if ((await Promise.race([over, arrived])) === 'over') return undefined;
      }
    } finally {
      deadline.abort();
    }
  }

  #fault(what: string): string {
    const shown = stripVTControlCharacters(this.#output)
      .replaceAll('\r', '')
      .replaceAll(SHOW_END, '')
      .trim()
      .slice(-QUOTED);
    return `${what}\n${shown}`;
  }
}
