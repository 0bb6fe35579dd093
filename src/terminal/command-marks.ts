/**
 * Tells what is typed in a terminal and how it ended, from the marks that the shells of our machines print (OSC 133: B
 * where a prompt ends, C when a command begins, D with its exit code). What was typed is read off the screen, so nothing
 * is told that was typed without echo, such as a password.
 *
 * 1. B notes the place. It is a marker of xterm.js, which moves with its line when the terminal is resized.
 * 2. C has the command between that place and the cursor's line.
 * 3. Until D, what has the terminal may be a program that asks for lines itself: a shell in a container, `psql`. It prints
 *    no marks. When Enter is typed behind what looks like a prompt, the line is read once the cursor has left it, since
 *    the machine is slow and its echo comes late.
 */
import type { IDisposable, IMarker, Terminal } from '@xterm/xterm';
import { lineAt, promptOf, typedText } from './typed-text.ts';

/** A line that was typed: to the machine's shell, or to a program that runs in it. */
export interface TypedCommand {
  readonly text: string;
  readonly to: 'shell' | 'program';
}

/** Who hears of commands. */
export interface CommandEvents {
  onCommand: (command: TypedCommand) => void;
  /** The shell's last command has ended; how is unknown after a reset of the machine. */
  onCommandEnd: (exitCode: number | undefined) => void;
}

/** The echo of an Enter is on the screen by then, or the program does not echo. */
const ECHO_MILLISECONDS = 5000;

/** What has the terminal: no shell that prints marks, one that waits for a command, or a command. */
type Stage = 'unmarked' | 'prompt' | 'running';

/** Watches one terminal. */
export class CommandMarks {
  readonly #terminal: Terminal;
  readonly #events: CommandEvents;
  readonly #isLate: () => boolean;
  readonly #subscriptions: IDisposable[];
  #stage: Stage = 'unmarked';
  #start: { marker: IMarker; column: number } | undefined;
  /** Whether the command that runs was told of. */
  #told = false;
  /** Lines that the user has entered behind a program's prompt, and that are not read yet. */
  #entered = { lines: 0, prompt: '', until: 0 };

  /** @param isLate whether output that is shown now is a replay: its commands are none */
  constructor(terminal: Terminal, events: CommandEvents, isLate: () => boolean) {
    this.#terminal = terminal;
    this.#events = events;
    this.#isLate = isLate;
    this.#subscriptions = [
      terminal.parser.registerOscHandler(133, (data) => {
        this.#mark(data);
        return false;
      }),
      terminal.onLineFeed(() => {
        this.#leaveLine();
      }),
    ];
  }

  /** The user has entered so many lines; what they hold may not be on the screen yet. */
  enter(lines: number): void {
    const { active } = this.#terminal.buffer;
    if (this.#stage !== 'running' || active.type === 'alternate') return;
    const prompt = promptOf(lineAt(active, this.#cursorLine, active.cursorX));
    if (prompt !== undefined) this.#entered = { lines, prompt, until: performance.now() + ECHO_MILLISECONDS };
  }

  /** The machine begins anew. */
  reset(): void {
    this.#end(undefined);
    this.#forgetStart();
    this.#stage = 'unmarked';
  }

  /** Ends the watching. */
  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#forgetStart();
  }

  #mark(data: string): void {
    const [mark, code] = data.split(';');
    if (mark === 'B') this.#notePrompt();
    // Lines that were pasted as one are run one by one, each with a mark, and were told as one.
    else if (mark === 'C' && this.#stage !== 'running') this.#begin();
    // The prompt is printed anew at each resize, and with it the last exit code.
    else if (mark === 'D' && this.#stage === 'running') {
      this.#end(code !== undefined && /^\d{1,3}$/.test(code) ? Number(code) : undefined);
      this.#stage = 'unmarked';
    }
  }

  #notePrompt(): void {
    const { active } = this.#terminal.buffer;
    this.#forgetStart();
    if (active.type === 'alternate') return;
    this.#start = { marker: this.#terminal.registerMarker(0), column: active.cursorX };
    this.#stage = 'prompt';
  }

  #begin(): void {
    const text = this.#typed;
    this.#forgetStart();
    this.#entered.lines = 0;
    this.#stage = 'running';
    // As the shell's history has it: what begins with a space is kept to oneself.
    this.#told = !this.#isLate() && text !== '' && !text.startsWith(' ');
    if (this.#told) this.#events.onCommand({ text, to: 'shell' });
  }

  #end(exitCode: number | undefined): void {
    this.#entered.lines = 0;
    if (!this.#told) return;
    this.#told = false;
    this.#events.onCommandEnd(exitCode);
  }

  #leaveLine(): void {
    if (this.#entered.lines === 0) return;
    const { active } = this.#terminal.buffer;
    if (active.type === 'alternate' || performance.now() > this.#entered.until) {
      this.#entered.lines = 0;
      return;
    }
    const line = lineAt(active, this.#cursorLine - 1);
    if (!line.startsWith(this.#entered.prompt)) return;
    this.#entered.lines--;
    const text = line.slice(this.#entered.prompt.length).trim();
    if (text !== '' && !this.#isLate()) this.#events.onCommand({ text, to: 'program' });
  }

  /** What was typed at the shell's prompt; '' where that is not on the screen any more. */
  get #typed(): string {
    const { active } = this.#terminal.buffer;
    if (this.#start) {
      const { marker, column } = this.#start;
      return marker.isDisposed ? '' : typedText(active, { line: marker.line, column }, this.#cursorLine);
    }
    // A screen that was restored has its prompt, but not the mark.
    const line = lineAt(active, this.#cursorLine - 1);
    const prompt = promptOf(line);
    return prompt === undefined ? '' : line.slice(prompt.length).trimEnd();
  }

  get #cursorLine(): number {
    const { baseY, cursorY } = this.#terminal.buffer.active;
    return baseY + cursorY;
  }

  #forgetStart(): void {
    this.#start?.marker.dispose();
    this.#start = undefined;
  }
}
