import { paneSchema, type Pane, type Spotlight } from './protocol.ts';
import { nextSpotlight } from './spotlight.ts';

/** The spotlight of this window. A pane is an element with `data-spot`. */
class Light {
  #on = $state.raw<Spotlight>('none');

  /** The pane that stands out. */
  get on(): Spotlight {
    return this.#on;
  }

  /** Goes to the next pane on the screen, and after the last one out. */
  cycle(): void {
    this.#on = nextSpotlight(this.#on, panesOnScreen());
  }

  /** Goes to `pane`. */
  shine(pane: Pane): void {
    this.#on = pane;
  }

  /** Goes out. */
  out(): void {
    this.#on = 'none';
  }
}

/** The pane that `target` is in. */
export function paneOf(target: EventTarget | null): Pane | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-spot]') : null;
  return paneSchema.safeParse(element?.dataset['spot']).data;
}

function panesOnScreen(): Pane[] {
  return [...document.querySelectorAll('[data-spot]')]
    .filter((element) => element.getClientRects().length > 0)
    .flatMap((element) => paneOf(element) ?? []);
}

export const light = new Light();
