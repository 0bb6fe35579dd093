/**
 * Walks through a lesson as a reader who clicks every command: each is typed into its terminal, in the order of the text,
 * and must end well. The shell says so itself: before each prompt it prints its last exit code, in a sequence that
 * terminals do not show (OSC, ECMA-48 8.3.89).
 */
import { stripVTControlCharacters } from 'node:util';
import type { NodeName } from '../../worker/net/lan.ts';
import type { ConsoleIndex, MachineEvent } from '../../worker/protocol.ts';
import { pause, type Pause } from '../engine/clock.ts';
import { inflict } from '../engine/faults.ts';
import { expectRunning, type LessonMachines } from '../engine/machines.ts';
import { fillCommand } from '../engine/values.ts';
import { stepClicks, type Click, type Command, type Lesson } from '../format/lesson.ts';

/** Machines with terminals to type into. */
export interface WalkMachines extends LessonMachines {
  send: (node: NodeName, console: ConsoleIndex, bytes: Uint8Array) => Promise<void>;
  subscribe: (node: NodeName, listener: (event: MachineEvent) => void) => () => void;
}

export interface CommandFinding {
  /** The title of the step. */
  step: string;
  /** Or what is written on the button of a fault. */
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

/** Clicks all commands and faults of `lesson` on machines on which nothing was done. */
export async function walkLesson(
  machines: WalkMachines,
  lesson: Lesson,
  wait: Pause = pause,
): Promise<CommandFinding[]> {
  const walk = new Walk(machines, lesson, wait);
  const findings: CommandFinding[] = [];
  try {
    for (const step of lesson.steps) {
      for (const click of stepClicks(step)) {
        if (click.kind === 'run' && (click.mode === 'paste' || click.mode === 'copy')) continue;
        const message = await walk.click(click).catch((error: unknown) => (error as Error).message);
        const command = click.kind === 'run' ? click.command : click.label;
        findings.push({ step: step.title, command, ok: message === '', message });
      }
    }
  } finally {
    walk.close();
  }
  return findings;
}

class Walk {
  readonly #terminals = new Map<NodeName, Map<ConsoleIndex, Terminal>>();

  constructor(
    private readonly machines: WalkMachines,
    private readonly lesson: Lesson,
    private readonly wait: Pause,
  ) {}

  /** Clicks a command or fault; resolves with what was wrong, '' for nothing. */
  async click(click: Click): Promise<string> {
    if (click.kind === 'run') return this.#run(click);
    for (const fault of click.faults) {
      await inflict(this.machines, fault);
      // Another shell is in the terminals of a machine that has booted.
      if (fault.fault === 'cut-power') this.#close(fault.node);
    }
    return '';
  }

  close(): void {
    for (const node of this.#terminals.keys()) this.#close(node);
  }

  async #run(command: Command): Promise<string> {
    const { node = 'node1', terminal: number = 1 } = command;
    await expectRunning(this.machines, node);
    const terminal = await this.#terminal(node, (number - 1) as ConsoleIndex);
    return terminal.run(await fillCommand(this.machines, this.lesson, command.command), command);
  }

  async #terminal(node: NodeName, console: ConsoleIndex): Promise<Terminal> {
    const own = this.#terminals.get(node) ?? new Map<ConsoleIndex, Terminal>();
    this.#terminals.set(node, own);
    const existing = own.get(console);
    if (existing) return existing;
    const terminal = new Terminal(this.machines, node, console, this.wait);
    own.set(console, terminal);
    await terminal.prepare();
    return terminal;
  }

  #close(node: NodeName): void {
    for (const terminal of this.#terminals.get(node)?.values() ?? []) terminal.close();
    this.#terminals.delete(node);
  }
}

class Terminal {
  #output = '';
  #arrived: (() => void) | undefined;
  readonly #decoder = new TextDecoder();
  readonly close: () => void;

  constructor(
    private readonly machines: WalkMachines,
    private readonly node: NodeName,
    private readonly console: ConsoleIndex,
    private readonly wait: Pause,
  ) {
    this.close = machines.subscribe(node, (event) => {
      if (event.type !== 'output' || event.console !== console) return;
      this.#output += this.#decoder.decode(event.bytes, { stream: true });
      this.#arrived?.();
    });
  }

  async prepare(): Promise<void> {
    await this.#type(` PROMPT_COMMAND='${SHOW_CODE}'\r`);
    if ((await this.#exitCode(AT_PROMPT)) === undefined)
      throw new Error(`Terminal ${this.console + 1} of ${this.node} has no shell.`);
  }

  /** Types a command; resolves with what was wrong, '' for nothing. */
  async run(text: string, { mode, outcome }: Command): Promise<string> {
    if (mode === 'interrupt') {
      await this.#type('\x03');
      await this.wait(STAY_MILLISECONDS);
    }
    this.#output = '';
    await this.#type(`${text.replaceAll('\n', '\r')}\r`);
    if (outcome === 'stays') {
      await this.wait(STAY_MILLISECONDS);
      return AT_PROMPT.test(this.#output) ? this.#fault('it ended, and should have kept the terminal') : '';
    }
    const several = text.includes('\n');
    if (several) await this.#type(` ${SHOW_END}\r`);
    const code = await this.#exitCode(several ? AFTER_END : AT_PROMPT);
    if (code === undefined) {
      await this.#type('\x03');
      await this.wait(STAY_MILLISECONDS);
      return this.#fault(
        `it had not ended after ${COMMAND_SECONDS} s. One that keeps the terminal is marked “run stays”, and the next one “run interrupt”`,
      );
    }
    if (outcome === 'fails') return code === 0 ? this.#fault('it succeeded, and was meant to fail') : '';
    return code === 0 ? '' : this.#fault(`exit code ${code}`);
  }

  #type(text: string): Promise<void> {
    return this.machines.send(this.node, this.console, new TextEncoder().encode(text));
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
