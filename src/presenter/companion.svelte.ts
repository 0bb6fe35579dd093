import { CompanionLink, type LinkState } from './companion-link.ts';
import { forgetPresenting } from './tab-memory.ts';
import type { Request, Role, Scene, Screen } from './protocol.ts';

/** Who shows what the presenter's terminal shows. */
export interface ScreenListener {
  /** The terminal as it is now; undefined where none is open. */
  onScreen: (screen: Screen | undefined) => void;
  onOutput: (bytes: Uint8Array) => void;
}

/** What a window beside the presenter's knows of it. It has to be closed. */
export class Companion {
  #state = $state.raw<LinkState>('seeking');
  #scene = $state.raw<Scene>();
  #scroll = $state.raw(0);
  readonly #link: CompanionLink;

  constructor(channelId: string, role: Role, listener?: ScreenListener) {
    forgetPresenting();
    window.addEventListener('pagehide', this.#leave);
    this.#link = new CompanionLink(channelId, role, {
      onState: (state) => (this.#state = state),
      onNews: (message) => {
        if (message.type === 'scene') this.#scene = message.scene;
        else if (message.type === 'scroll') this.#scroll = message.share;
        else if (message.type === 'screen') listener?.onScreen(message.screen);
        else if (message.type === 'output') listener?.onOutput(message.bytes);
      },
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The last that was heard; undefined before anything was. */
  get scene(): Scene | undefined {
    return this.#scene;
  }

  /** How far the presenter has scrolled the lesson's text, from 0 to 1. */
  get scroll(): number {
    return this.#scroll;
  }

  /** Asks the presenter's window to do something. */
  ask(request: Request): void {
    this.#link.ask(request);
  }

  /** Ends the connection. */
  close(): void {
    window.removeEventListener('pagehide', this.#leave);
    this.#link.close();
  }

  readonly #leave = (): void => {
    this.#link.leave();
  };
}
