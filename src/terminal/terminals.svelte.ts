/**
 * The terminals of the machines: their layout and their views. Like the machines they outlive the page that
 * shows them. Each view is made when its terminal is first shown and lives until the terminal is closed.
 */
import type { NodeName } from '../../worker/net/lan.ts';
import { preferences } from '../app/preferences.svelte.ts';
import { Listeners } from '../app/listeners.ts';
import { cycleRegions } from '../app/regions.ts';
import { editFromTerminal } from '../files/edit-from-terminal.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import { session } from '../machine/session.svelte.ts';
import { CONSOLES } from '../machine/node-state.ts';
import {
  addTab,
  closeNode,
  closeTab,
  consoleOf,
  FIRST_LAYOUT,
  freeTerminal,
  joinTabs,
  neighbour,
  nodeOf,
  openTab,
  renameTab,
  showTab,
  splitTabs,
  terminalId,
  type TerminalId,
  type TerminalLayout,
} from './layout.ts';
import type { TypedCommand } from './command-marks.ts';
import { openLink } from './links.ts';
import type { ThemeName } from './theme.ts';
import { TerminalView } from './view.ts';

/** Output that has been silent for so long has come to rest: the prompt is back, or a program waits. */
const REST_MILLISECONDS = 700;

/** What a program that Ctrl-C ends gets to end in, before the shell reads on. */
const INTERRUPT_MILLISECONDS = 400;

/** A program that was started by a line asks for its file within this, in milliseconds. */
const ENTERED_MILLISECONDS = 10_000;

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
  renaming = $state.raw<TerminalId>();
  /** The terminal with an open search bar. */
  searching = $state.raw<TerminalId>();
  readonly #views: Partial<Record<TerminalId, HeldView | undefined>> = {};
  readonly #onAction = new Listeners();
  /** When a line was last entered in them, in milliseconds since 1970. */
  readonly #entered: Partial<Record<TerminalId, number>> = {};
  /** What is typed in the terminals, as the shells tell it. */
  readonly onCommand = new Listeners<[id: TerminalId, command: TypedCommand]>();
  /** The shell's command in a terminal has ended. */
  readonly onCommandEnd = new Listeners<[id: TerminalId, exitCode: number | undefined]>();
  /** Output that was given to a terminal's view. */
  readonly onOutput = new Listeners<[id: TerminalId, bytes: Uint8Array]>();
  /** A terminal shows something else, and not by output. */
  readonly onRedraw = new Listeners<[id: TerminalId]>();
  /** Those in which what the user put in last were characters of a line that is not entered yet. */
  readonly #typing: Partial<Record<TerminalId, boolean>> = {};
  /** Grows until the user does something: the beat of a `ping` is no news after a while. */
  #restLength = REST_MILLISECONDS;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The machine to which a line was entered last. */
  #usedMachine: number | undefined;

  constructor() {
    session.onFresh((node) => {
      for (const id of this.#held) if (nodeOf(id) === node) this.#views[id]?.view.reset();
    });
    session.onNodes((names) => {
      this.#arrange(names);
    });
  }

  get layout(): TerminalLayout {
    return this.#layout;
  }

  /** Whether no other terminal of the node in use can be opened. */
  get full(): boolean {
    return freeTerminal(this.#layout, session.current.name) === undefined;
  }

  /** The view of the terminal that has, or last had, the keyboard. */
  get focusedView(): TerminalView | undefined {
    return this.#layout.focused && this.#views[this.#layout.focused]?.view;
  }

  /** The view of a terminal, made on first use. */
  view(id: TerminalId, theme: ThemeName): TerminalView {
    const existing = this.#views[id];
    if (existing) return existing.view;
    const { fontSize, screenReader } = preferences;
    const view = new TerminalView(
      this.#nameOf(id),
      { theme, fontSize, screenReader },
      {
        onInput: (bytes) => {
          this.#input(id, bytes);
        },
        onResize: (columns, rows) => {
          nodeFor(id)?.resize(consoleOf(id), columns, rows);
        },
        onRedraw: () => {
          this.onRedraw.emit(id);
        },
        onCommand: (command) => {
          this.onCommand.emit(id, command);
        },
        onCommandEnd: (exitCode) => {
          this.onCommandEnd.emit(id, exitCode);
        },
        onFocus: () => {
          this.show(id);
        },
        onOpen: (address) => {
          openLink(address, nodeOf(id));
        },
        onEdit: (request) => {
          // Of a program that nobody has just started here, the keyboard is not taken from what is being typed.
          const isAsked =
            this.#layout.focused === id && Date.now() - (this.#entered[id] ?? 0) < ENTERED_MILLISECONDS;
          editFromTerminal(request, isAsked ? 'editor' : 'stays');
        },
        onLeave: cycleRegions,
      },
    );
    const attached = nodeFor(id)?.attach(consoleOf(id), (bytes, late) => {
      view.write(bytes, late);
      this.onOutput.emit(id, bytes);
      if (!this.#typing[id]) this.#awaitRest();
    });
    this.#views[id] = { view, detach: attached ?? (() => undefined) };
    return view;
  }

  /**
   * Calls `listener` when the machine may have changed by what is done in the terminals: when the user enters a
   * line, and when output has come to rest that is not the echo of their typing. Returns what ends that.
   */
  onAction(listener: () => void): () => void {
    return this.#onAction.add(listener);
  }

  /** Opens another terminal of the node in use. */
  open(): void {
    this.#setLayout(openTab(this.#layout, session.current.name));
    this.focus();
  }

  /** Has the nodes be those with `names`: the first terminal of each has a tab, those of others are closed. */
  #arrange(names: readonly NodeName[]): void {
    let layout = this.#layout;
    for (const { id } of layout.tabs) if (!names.includes(nodeOf(id))) layout = closeNode(layout, nodeOf(id));
    for (const name of names)
      if (layout.tabs.every(({ id }) => nodeOf(id) !== name)) layout = addTab(layout, terminalId(name, 0));
    for (const id of this.#held) if (!names.includes(nodeOf(id))) this.#forget(id);
    const [first] = layout.tabs;
    this.#setLayout(layout.shown.length === 0 && first ? showTab(layout, first.id) : layout);
  }

  split(): void {
    this.#setLayout(splitTabs(this.#layout));
    this.focus();
  }

  join(): void {
    this.#setLayout(joinTabs(this.#layout));
    this.focus();
  }

  show(id: TerminalId): void {
    if (this.#layout.focused !== id || !this.#layout.shown.includes(id))
      this.#setLayout(showTab(this.#layout, id));
  }

  /** Shows a terminal of `node`: the one on the screen, if there is one. */
  showNode(node: NodeName): void {
    const { shown, tabs } = this.#layout;
    const id = shown.find((each) => nodeOf(each) === node) ?? tabs.find((tab) => nodeOf(tab.id) === node)?.id;
    if (id) this.show(id);
    else this.#setLayout(openTab(this.#layout, node));
    this.focus();
  }

  showNeighbour(direction: 1 | -1): void {
    const id = neighbour(this.#layout, direction);
    if (id === undefined) return;
    this.show(id);
    this.focus();
  }

  rename(id: TerminalId, name: string): void {
    this.#setLayout(renameTab(this.#layout, id, name));
    this.#views[id]?.view.rename(this.#nameOf(id));
  }

  /** Closes a terminal and ends what runs in it; rejects if the machine could not do that. */
  async close(id: TerminalId): Promise<void> {
    this.#setLayout(closeTab(this.#layout, id));
    this.#forget(id);
    const node = nodeFor(id);
    node?.clearOutput(consoleOf(id));
    this.focus();
    if (node?.phase === 'running') await node.restartConsole(consoleOf(id));
  }

  /** Gives the keyboard to the focused terminal, once it is on the screen. */
  focus(): void {
    requestAnimationFrame(() => {
      if (this.renaming === undefined) this.focusedView?.focus();
    });
  }

  /** Waits until the terminals show all output that has come. */
  async settle(): Promise<void> {
    await Promise.all(this.#held.flatMap((id) => this.#views[id]?.view.settle() ?? []));
  }

  /** What each console of `node` shows, for a saved session. */
  screens(node: NodeName): string[] {
    return CONSOLES.map(
      (console) =>
        this.#views[terminalId(node, console)]?.view.screen ??
        session.find(node)?.pendingOutput(console) ??
        '',
    );
  }

  /** Whether a line was entered in any terminal of the present machines. */
  get isMachineUsed(): boolean {
    return this.#usedMachine === session.machineId;
  }

  /**
   * Types a command into a terminal: into `id`, else into one of `node`, else into the one in use. Opens it if it is not
   * open.
   */
  run(
    command: string,
    mode: TypingMode = 'run',
    { id, node }: { id?: TerminalId; node?: NodeName } = {},
  ): void {
    if (id) this.#setLayout(addTab(this.#layout, id));
    const target = id ?? this.#terminalOf(node);
    if (!target) return;
    this.show(target);
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

  /** The terminal in use, if it is one of `node`; else one of its own, opened if there is none. */
  #terminalOf(node: NodeName = session.current.name): TerminalId | undefined {
    const { focused, shown, tabs } = this.#layout;
    const own = [...(focused ? [focused] : []), ...shown, ...tabs.map(({ id }) => id)];
    const found = own.find((id) => nodeOf(id) === node);
    if (found) return found;
    this.#setLayout(openTab(this.#layout, node));
    return this.#layout.focused;
  }

  #setLayout(layout: TerminalLayout): void {
    this.#layout = layout;
    if (layout.focused) session.setCurrent(nodeOf(layout.focused));
  }

  /** The terminals with a view. */
  get #held(): TerminalId[] {
    return Object.keys(this.#views) as TerminalId[];
  }

  #forget(id: TerminalId): void {
    if (this.searching === id) this.searching = undefined;
    const held = this.#views[id];
    this.#views[id] = undefined;
    held?.detach();
    held?.view.dispose();
  }

  #nameOf(id: TerminalId): string {
    return this.#layout.tabs.find((tab) => tab.id === id)?.name ?? '';
  }

  #input(id: TerminalId, bytes: Uint8Array): void {
    nodeFor(id)?.send(consoleOf(id), bytes);
    const typing = bytes.every((byte) => byte >= 0x20);
    this.#typing[id] = typing;
    if (!typing) this.#restLength = REST_MILLISECONDS;
    if (!bytes.includes(13)) return;
    this.#entered[id] = Date.now();
    this.#views[id]?.view.enter(bytes.filter((byte) => byte === 13).length);
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

function nodeFor(id: TerminalId): MachineNode | undefined {
  return session.find(nodeOf(id));
}

export const terminals = new Terminals();
