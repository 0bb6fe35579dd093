/**
 * The terminals of the machine: their layout and their views. Like the machine they outlive the page that
 * shows them. Each view is made when its terminal is first shown and lives until the terminal is closed.
 */
import type { ConsoleIndex } from '../../worker/protocol.ts';
import { preferences } from '../app/preferences.svelte.ts';
import { Listeners } from '../app/listeners.ts';
import { cycleRegions } from '../app/regions.ts';
import { session } from '../machine/session.svelte.ts';
import { CONSOLES } from '../machine/session-state.ts';
import {
  closeTab,
  FIRST_LAYOUT,
  freeConsole,
  joinTabs,
  neighbour,
  openTab,
  renameTab,
  showTab,
  splitTabs,
  type TerminalLayout,
} from './layout.ts';
import type { ThemeName } from './theme.ts';
import { TerminalView } from './view.ts';

/** Output that has been silent for so long has come to rest: the prompt is back, or a program waits. */
const REST_MILLISECONDS = 700;

/** What a program that Ctrl-C ends gets to end in, before the shell reads on. */
const INTERRUPT_MILLISECONDS = 400;

/** How a command is typed: with Enter, without it, or with it after a Ctrl-C. */
export type TypingMode = 'run' | 'paste' | 'interrupt';

/** A view, and how to end the output that goes to it. */
interface HeldView {
  view: TerminalView;
  detach: () => void;
}

export class Terminals {
  #layout = $state.raw<TerminalLayout>(FIRST_LAYOUT);
  /** The tab whose name is being edited. */
  renaming = $state.raw<ConsoleIndex>();
  /** The terminal with an open search bar. */
  searching = $state.raw<ConsoleIndex>();
  /** By console. */
  readonly #views: (HeldView | undefined)[] = [];
  readonly #onAction = new Listeners();
  /** By console: whether what the user put in last were characters of a line that is not entered yet. */
  readonly #typing: boolean[] = [];
  /** Grows until the user does something: the beat of a `ping` is no news after a while. */
  #restLength = REST_MILLISECONDS;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The machine to which a line was entered last. */
  #usedMachine: number | undefined;

  constructor() {
    session.onFresh(() => {
      for (const held of this.#views) held?.view.reset();
    });
  }

  get layout(): TerminalLayout {
    return this.#layout;
  }

  /** Whether another terminal can be opened. */
  get full(): boolean {
    return freeConsole(this.#layout) === undefined;
  }

  /** The view of the terminal that has, or last had, the keyboard. */
  get focusedView(): TerminalView | undefined {
    return this.#layout.focused === undefined ? undefined : this.#views[this.#layout.focused]?.view;
  }

  /** The view of `console`, made on first use. */
  view(console: ConsoleIndex, theme: ThemeName): TerminalView {
    const existing = this.#views[console];
    if (existing) return existing.view;
    const { fontSize, screenReader } = preferences;
    const view = new TerminalView(
      this.#nameOf(console),
      { theme, fontSize, screenReader },
      {
        onInput: (bytes) => {
          this.#input(console, bytes);
        },
        onResize: (columns, rows) => {
          session.resize(console, columns, rows);
        },
        onFocus: () => {
          this.show(console);
        },
        onLeave: cycleRegions,
      },
    );
    const detach = session.attach(console, (bytes, late) => {
      view.write(bytes, late);
      if (!this.#typing[console]) this.#awaitRest();
    });
    this.#views[console] = { view, detach };
    return view;
  }

  /**
   * Calls `listener` when the machine may have changed by what is done in the terminals: when the user enters a
   * line, and when output has come to rest that is not the echo of their typing. Returns what ends that.
   */
  onAction(listener: () => void): () => void {
    return this.#onAction.add(listener);
  }

  open(): void {
    this.#layout = openTab(this.#layout);
    this.focus();
  }

  split(): void {
    this.#layout = splitTabs(this.#layout);
    this.focus();
  }

  join(): void {
    this.#layout = joinTabs(this.#layout);
    this.focus();
  }

  show(console: ConsoleIndex): void {
    if (this.#layout.focused !== console || !this.#layout.shown.includes(console)) {
      this.#layout = showTab(this.#layout, console);
    }
  }

  showNeighbour(direction: 1 | -1): void {
    const console = neighbour(this.#layout, direction);
    if (console === undefined) return;
    this.show(console);
    this.focus();
  }

  rename(console: ConsoleIndex, name: string): void {
    this.#layout = renameTab(this.#layout, console, name);
    this.#views[console]?.view.rename(this.#nameOf(console));
  }

  /** Closes a terminal and ends what runs in it; rejects if the machine could not do that. */
  async close(console: ConsoleIndex): Promise<void> {
    this.#layout = closeTab(this.#layout, console);
    if (this.searching === console) this.searching = undefined;
    const entry = this.#views[console];
    this.#views[console] = undefined;
    entry?.detach();
    entry?.view.dispose();
    session.clearOutput(console);
    this.focus();
    if (session.phase === 'running') await session.restartConsole(console);
  }

  /** Gives the keyboard to the focused terminal, once it is on the screen. */
  focus(): void {
    requestAnimationFrame(() => {
      if (this.renaming === undefined) this.focusedView?.focus();
    });
  }

  /** What each console shows, for a saved session. */
  get screens(): string[] {
    return CONSOLES.map((console) => this.#views[console]?.view.screen ?? session.pendingOutput(console));
  }

  /** Whether a line was entered in any terminal of the present machine. */
  get isMachineUsed(): boolean {
    return this.#usedMachine === session.machineId;
  }

  /** Types a command into `console`, by default the focused terminal; opens one if there is none. */
  run(command: string, mode: TypingMode = 'run', console = this.#layout.focused): void {
    if (console === undefined || this.#layout.tabs.every((tab) => tab.console !== console)) {
      this.#layout = openTab(this.#layout);
      console = this.#layout.focused;
    }
    if (console === undefined) return;
    this.show(console);
    const target = console;
    const type = (text: string): void => {
      this.#input(target, new TextEncoder().encode(text));
    };
    const line = `${command.replaceAll('\n', '\r')}${mode === 'paste' ? '' : '\r'}`;
    if (mode !== 'interrupt') {
      type(line);
      return;
    }
    type('\x03');
    setTimeout(type, INTERRUPT_MILLISECONDS, line);
  }

  #nameOf(console: ConsoleIndex): string {
    return this.#layout.tabs.find((tab) => tab.console === console)?.name ?? '';
  }

  #input(console: ConsoleIndex, bytes: Uint8Array): void {
    session.send(console, bytes);
    const typing = bytes.every((byte) => byte >= 0x20);
    this.#typing[console] = typing;
    if (!typing) this.#restLength = REST_MILLISECONDS;
    if (!bytes.includes(13)) return;
    this.#usedMachine = session.machineId;
    this.#onAction.emit();
  }

  #awaitRest(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#restLength *= 2;
      this.#onAction.emit();
    }, this.#restLength);
  }
}

export const terminals = new Terminals();
