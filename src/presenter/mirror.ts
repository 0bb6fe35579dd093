/**
 * A terminal to look at only, on a second screen. It has as many columns and rows as the presenter's, since what programs
 * print is laid out for those, and letters as large as fit.
 */
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { TERMINAL_FONT, terminalOptions } from '../terminal/options.ts';
import { TERMINAL_THEMES, type ThemeName } from '../terminal/theme.ts';
import type { Screen } from './protocol.ts';

/** Font sizes in CSS pixels; letters of a third of a screen help nobody. */
const FONT_SIZE = { smallest: 6, largest: 72 };

/** The size of a letter is rounded to pixels: the first guess may be off. */
const GUESSES = 3;

/** Has a terminal forget everything (RIS). */
const RESET = '\x1bc';

/** Shows one terminal at a time. */
export class Mirror {
  readonly #area: HTMLElement;
  readonly #terminal: Terminal;
  readonly #observer: ResizeObserver;

  /** @param area is filled, and has a size of its own */
  constructor(area: HTMLElement, theme: ThemeName) {
    this.#area = area;
    const nothing = (): void => undefined;
    this.#terminal = new Terminal({
      ...terminalOptions({ theme, fontSize: 20, screenReader: false }, nothing, nothing),
      disableStdin: true,
    });
    this.#observer = new ResizeObserver(() => {
      this.#fit();
    });
    void this.#open();
  }

  /** Shows a terminal from its present state on; undefined for none. */
  show(screen: Screen | undefined): void {
    if (screen) this.#terminal.resize(screen.columns, screen.rows);
    // In turn: what was told before may not be on the screen yet.
    this.#terminal.write(RESET + (screen?.text ?? ''));
    if (screen) this.#fit();
  }

  /** Shows more output. */
  write(bytes: Uint8Array): void {
    this.#terminal.write(bytes);
  }

  /** Applies another theme. */
  set theme(theme: ThemeName) {
    this.#terminal.options.theme = TERMINAL_THEMES[theme];
  }

  /** Takes it off the page. */
  close(): void {
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  async #open(): Promise<void> {
    // Cells are measured once: the font has to be there first.
    await document.fonts.load(`20px ${TERMINAL_FONT}`).catch(() => undefined);
    if (!this.#area.isConnected) return;
    this.#terminal.open(this.#area);
    // The cursor is drawn from the first focus on, which this terminal never gets.
    this.#terminal.textarea?.dispatchEvent(new FocusEvent('focus'));
    this.#observer.observe(this.#area);
  }

  #fit(): void {
    const screen = this.#area.querySelector<HTMLElement>('.xterm-screen');
    if (!screen || this.#area.clientWidth === 0) return;
    for (let i = 0; i < GUESSES; i++) {
      const { offsetWidth, offsetHeight } = screen;
      if (offsetWidth === 0 || offsetHeight === 0) return;
      const scale = Math.min(this.#area.clientWidth / offsetWidth, this.#area.clientHeight / offsetHeight);
      const wanted = Math.floor((this.#terminal.options.fontSize ?? 20) * scale * 4) / 4;
      const size = Math.min(Math.max(wanted, FONT_SIZE.smallest), FONT_SIZE.largest);
      if (size === this.#terminal.options.fontSize) return;
      this.#terminal.options.fontSize = size;
    }
  }
}
