/**
 * What the terminal in use prints, for second screens: the whole screen at first, and when another terminal gets the
 * keyboard or it is shown anew (a resize, a reset); in between, the output itself. It listens only while it is needed.
 */
import type { TerminalId } from '../terminal/layout.ts';
import { terminals } from '../terminal/terminals.svelte.ts';
import type { StageNews } from './stage-link.ts';

/** Dragging a divider resizes a terminal many times a second. */
const REDRAW_MILLISECONDS = 150;

/** Sends what the terminal in use shows. */
export class ScreenFeed {
  readonly #send: (news: StageNews) => void;
  readonly #ends: (() => void)[];
  /** Whether what is sent goes on from a screen. A terminal that has just been opened has none yet. */
  #state: 'nothing' | 'screen' = 'nothing';
  /** Output that belongs behind a screen that is being taken. */
  #behind: Uint8Array[] | undefined;
  /** Counts the screens: one that is overtaken by the next is not sent. */
  #take = 0;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (news: StageNews) => void) {
    this.#send = send;
    this.#ends = [
      terminals.onOutput.add((id, bytes) => {
        if (id !== terminals.layout.focused) return;
        if (this.#state === 'screen') this.#output(bytes);
        else this.sendScreen();
      }),
      terminals.onRedraw.add((id) => {
        this.#awaitRedraw(id);
      }),
      $effect.root(() => {
        const focused = $derived(terminals.layout.focused);
        $effect(() => {
          if (focused !== undefined) this.sendScreen();
          else this.#sendNothing();
        });
      }),
    ];
  }

  /** Sends the whole screen, and then what comes. */
  sendScreen(): void {
    const take = ++this.#take;
    const view = terminals.focusedView;
    if (!view) {
      this.#sendNothing();
      return;
    }
    this.#state = 'screen';
    this.#behind = [];
    view.whenShown(() => {
      if (take !== this.#take) return;
      this.#send({ type: 'screen', screen: { ...view.size, text: view.screen } });
      const behind = this.#behind ?? [];
      this.#behind = undefined;
      for (const bytes of behind) this.#output(bytes);
    });
  }

  /** Ends all listening. */
  close(): void {
    this.#take++;
    clearTimeout(this.#redraw);
    for (const end of this.#ends) end();
  }

  #output(bytes: Uint8Array): void {
    if (this.#behind) this.#behind.push(bytes);
    // A part of a larger buffer would be copied with all of that.
    else this.#send({ type: 'output', bytes: bytes.slice() });
  }

  #awaitRedraw(id: TerminalId): void {
    if (id !== terminals.layout.focused) return;
    clearTimeout(this.#redraw);
    this.#redraw = setTimeout(() => {
      this.sendScreen();
    }, REDRAW_MILLISECONDS);
  }

  #sendNothing(): void {
    this.#take++;
    this.#state = 'nothing';
    this.#behind = undefined;
    this.#send({ type: 'screen' });
  }
}
