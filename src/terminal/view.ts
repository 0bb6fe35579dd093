/**
 * One terminal on the screen: xterm.js with its addons, in an element of its own. The element moves from
 * pane to pane and waits outside the page while the terminal is hidden, so that its scrollback, selection
 * and renderer outlive what shows it.
 */
import { ClipboardAddon } from '@xterm/addon-clipboard';
import { FitAddon } from '@xterm/addon-fit';
import { SerializeAddon } from '@xterm/addon-serialize';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { EDIT_COMMAND, parseEditRequest, type EditRequest } from '../files/edit-request.ts';
import { CommandMarks, type CommandEvents } from './command-marks.ts';
import { TERMINAL_FONT, terminalOptions, type TerminalAppearance } from './options.ts';
import { SEARCH_COLOURS, TERMINAL_THEMES, type ThemeName } from './theme.ts';

/** A pane that is being laid out is a few pixels wide for a moment, into which the shell would draw its prompt anew. */
const FEWEST_COLUMNS = 10;

/** Dragging a divider resizes dozens of times a second; each resize makes the shell draw its line again. */
const RESIZE_MILLISECONDS = 120;

/** No output takes longer to be taken in, in milliseconds. */
const SETTLE_MILLISECONDS = 2000;

/** Lines above the screen that a saved session keeps. */
const SAVED_LINES = 300;

export interface TerminalEvents extends CommandEvents {
  /** The user typed or pasted. */
  onInput: (bytes: Uint8Array) => void;
  onResize: (columns: number, rows: number) => void;
  /** What is shown has changed in another way than by output. */
  onRedraw: () => void;
  onFocus: () => void;
  /** The user follows a link. */
  onOpen: (address: string) => void;
  /** A program asks for a file to be opened in the editor. */
  onEdit: (request: EditRequest) => void;
  /** The user pressed F6 (-1: with Shift), which leaves the terminal. */
  onLeave: (direction: 1 | -1) => void;
}

/** What a search found: the number of the current match, from 1, and how many there are. */
export interface SearchResult {
  current: number;
  count: number;
}

export class TerminalView {
  /** What was selected last in any terminal: a middle click pastes it. */
  static #lastSelection = '';
  readonly element = document.createElement('div');
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #serialize = new SerializeAddon();
  readonly #search = new SearchAddon({ highlightLimit: 500 });
  readonly #marks: CommandMarks;
  readonly #events: TerminalEvents;
  readonly #observer: ResizeObserver;
  #theme: ThemeName;
  /** Pieces of late output that are not shown yet. */
  #mute = 0;
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;
  /** Changes what the user types, once: the key bar's Ctrl. */
  transformInput: ((text: string) => string) | undefined;

  constructor(name: string, appearance: TerminalAppearance, events: TerminalEvents) {
    this.#events = events;
    this.#theme = appearance.theme;
    this.element.className = 'terminal-view';
    this.#terminal = new Terminal(
      terminalOptions(
        appearance,
        (address) => {
          this.element.title = address;
        },
        events.onOpen,
      ),
    );
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.loadAddon(this.#serialize);
    this.#terminal.loadAddon(
      new WebLinksAddon((_event, address) => {
        events.onOpen(address);
      }),
    );
    this.#terminal.loadAddon(
      new ClipboardAddon(undefined, { readText: () => '', writeText: writeClipboard }),
    );
    this.#terminal.parser.registerOscHandler(EDIT_COMMAND, (data) => {
      const request = this.#mute === 0 ? parseEditRequest(data) : undefined;
      if (request) events.onEdit(request);
      return true;
    });
    this.#marks = new CommandMarks(this.#terminal, events, () => this.#mute > 0);
    this.#terminal.onData((text) => {
      if (this.#mute > 0) return;
      const changed = this.transformInput?.(text) ?? text;
      events.onInput(new TextEncoder().encode(changed));
    });
    this.#terminal.onBinary((text) => {
      events.onInput(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    });
    this.#terminal.onResize(({ cols, rows }) => {
      events.onRedraw();
      clearTimeout(this.#resizeTimer);
      this.#resizeTimer = setTimeout(() => {
        events.onResize(cols, rows);
      }, RESIZE_MILLISECONDS);
    });
    this.#terminal.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    this.#terminal.onSelectionChange(() => {
      if (this.selection !== '') TerminalView.#lastSelection = this.selection;
    });
    this.element.addEventListener('auxclick', (event) => {
      // Linux has this built into the browser.
      if (event.button === 1 && !/linux/i.test(navigator.platform)) this.paste(TerminalView.#lastSelection);
    });
    this.#observer = new ResizeObserver(() => {
      this.fit();
    });
    this.rename(name);
  }

  /** Shows the terminal in `parent`. */
  async attach(parent: HTMLElement): Promise<void> {
    parent.append(this.element);
    this.#observer.observe(this.element);
    if (!this.#terminal.element) {
      // Cells are measured once, and the renderer keeps a texture of glyphs: the font has to be there first.
      await document.fonts
        .load(`${this.#terminal.options.fontSize ?? 14}px ${TERMINAL_FONT}`)
        .catch(() => undefined);
      if (this.element.parentElement !== parent) return;
      this.#open();
    }
    this.fit();
  }

  /** Takes the terminal off the screen; it goes on taking output. */
  detach(parent: HTMLElement): void {
    if (this.element.parentElement !== parent) return;
    this.#observer.disconnect();
    this.element.remove();
  }

  /** Makes the terminal as large as its element. */
  fit(): void {
    if (!this.#terminal.element || this.element.offsetParent === null) return;
    const columns = this.#fit.proposeDimensions()?.cols ?? 0;
    if (columns >= FEWEST_COLUMNS) this.#fit.fit();
  }

  /**
   * Shows output. Questions in `late` output (where is the cursor?) get no answer: a shell would take it as typed. Nor
   * is a file opened for it.
   */
  write(bytes: Uint8Array, late = false): void {
    if (!late) {
      this.#terminal.write(bytes);
      return;
    }
    this.#mute++;
    this.#terminal.write(bytes, () => this.#mute--);
  }

  /** Types `text` as if the user had. */
  type(text: string): void {
    this.#terminal.scrollToBottom();
    this.#events.onInput(new TextEncoder().encode(text));
  }

  /** Inserts `text` as pasted: a shell that asked for it does not run its lines one by one. */
  paste(text: string): void {
    this.#terminal.paste(text);
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Forgets everything shown, and every mode that programs set. */
  reset(): void {
    this.#marks.reset();
    this.#terminal.reset();
    this.#events.onRedraw();
  }

  /** The user has entered so many lines. */
  enter(lines: number): void {
    this.#marks.enter(lines);
  }

  /** Calls `listener` when all output so far is on the screen, and before any that comes later. */
  whenShown(listener: () => void): void {
    this.#terminal.write('', listener);
  }

  /** How many columns and rows the terminal has. */
  get size(): { columns: number; rows: number } {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** Waits until what was written is shown: xterm.js takes it in later. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      this.whenShown(resolve);
      setTimeout(resolve, SETTLE_MILLISECONDS);
    });
  }

  /** What the terminal shows and the last of what it showed, as output that brings a fresh terminal there. */
  get screen(): string {
    return this.#serialize.serialize({ scrollback: SAVED_LINES });
  }

  /** Leaves only the line with the prompt. */
  clear(): void {
    this.#terminal.clear();
    this.#events.onRedraw();
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  selectAll(): void {
    this.#terminal.selectAll();
  }

  /** Whether a full-screen program has the terminal (an editor, `top`): it wants the function keys. */
  get fullScreenProgram(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get applicationCursor(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  rename(name: string): void {
    this.element.dataset['name'] = name;
    this.#terminal.textarea?.setAttribute('aria-label', `Terminal ${name}`);
  }

  /** Applies a change of the user's preferences. */
  show({ theme, fontSize, screenReader }: TerminalAppearance): void {
    const { options } = this.#terminal;
    if (theme !== this.#theme) options.theme = TERMINAL_THEMES[theme];
    if (screenReader !== options.screenReaderMode) options.screenReaderMode = screenReader;
    if (fontSize !== options.fontSize) {
      options.fontSize = fontSize;
      this.fit();
    }
    this.#theme = theme;
  }

  /**
   * Selects the next (1) or previous (-1) place where `text` stands; `incremental` stays on one that still fits.
   * The match is the selection, painted in the colour of an active match while the search bar has the focus.
   */
  find(text: string, direction: 1 | -1, incremental = false): void {
    const { match, active, ruler } = SEARCH_COLOURS[this.#theme];
    const decorations = {
      matchBackground: match,
      activeMatchBackground: active,
      matchOverviewRuler: ruler,
      activeMatchColorOverviewRuler: ruler,
    };
    this.#terminal.options.theme = { ...TERMINAL_THEMES[this.#theme], selectionInactiveBackground: active };
    if (direction === 1) this.#search.findNext(text, { incremental, decorations });
    else this.#search.findPrevious(text, { decorations });
  }

  /** Calls `listener` with what a search found; returns what ends that. */
  onFound(listener: (result: SearchResult) => void): () => void {
    const subscription = this.#search.onDidChangeResults(({ resultIndex, resultCount }) => {
      listener({ current: resultIndex + 1, count: resultCount });
    });
    return () => {
      subscription.dispose();
    };
  }

  endSearch(): void {
    this.#search.clearDecorations();
    this.#terminal.options.theme = TERMINAL_THEMES[this.#theme];
  }

  dispose(): void {
    clearTimeout(this.#resizeTimer);
    this.#observer.disconnect();
    this.#marks.dispose();
    this.#terminal.dispose();
    this.element.remove();
  }

  /** False for keys that are not the terminal's. */
  #handleKey(event: KeyboardEvent): boolean {
    if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey || this.fullScreenProgram)
      return true;
    if (event.type === 'keydown') {
      event.preventDefault();
      this.#events.onLeave(event.shiftKey ? -1 : 1);
    }
    return false;
  }

  #open(): void {
    this.#terminal.open(this.element);
    this.#terminal.textarea?.addEventListener('focus', this.#events.onFocus);
    this.rename(this.element.dataset['name'] ?? '');
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => {
        webgl.dispose();
      });
      this.#terminal.loadAddon(webgl);
    } catch {
      // No WebGL here: xterm.js draws with DOM elements.
    }
  }
}

/** Puts `text` on the clipboard; a browser that refuses leaves it as it was, and so does one that has none without HTTPS. */
async function writeClipboard(_selection: unknown, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The selection can still be copied with the keys.
  }
}
