import { z } from '../../worker/schema.ts';
import { preferences } from '../app/preferences.svelte.ts';
import { readStored, writeStored } from '../app/storage.ts';
import { light } from './light.svelte.ts';
import type { PresenterState } from './protocol.ts';
import { readTabMemory, remember } from './tab-memory.ts';
import { ticker } from './ticker.svelte.ts';

/** Sizes of the text on the page in CSS pixels: what stands on pages is 16, and at 32 a line of the lesson has 30 letters. */
const TEXT_SIZE = { smallest: 16, usual: 22, largest: 32, step: 2 };

const textSizeSchema = z.number().check(z.gte(TEXT_SIZE.smallest), z.lte(TEXT_SIZE.largest));

const STORED = 'presenter-text-size';

/**
 * Whether this tab shows its workspace to a class. It goes on from lesson to lesson, and when the page is loaded again: a
 * remote has a key that does that. It ends with the tab.
 */
class Presenter {
  #state = $state.raw<PresenterState>('off');
  #textSize = $state.raw<number>(z.catch(textSizeSchema, TEXT_SIZE.usual).parse(readStored(STORED)));

  constructor() {
    if (readTabMemory().presents) this.begin();
  }

  get state(): PresenterState {
    return this.#state;
  }

  /** Whether it presents, be it in black. */
  get isOn(): boolean {
    return this.#state !== 'off';
  }

  /** The size of the text on the page, in CSS pixels. */
  get textSize(): number {
    return this.#textSize;
  }

  /** Begins to present. */
  begin(): void {
    this.#state = 'on';
    preferences.audience = 'class';
    ticker.start();
    remember({ presents: true });
  }

  /** Ends it: all is as it was before. */
  leave(): void {
    this.#state = 'off';
    preferences.audience = 'self';
    ticker.stop();
    light.out();
    remember({ presents: false });
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
  }

  /** Begins, or ends. */
  toggle(): void {
    if (this.isOn) this.leave();
    else this.begin();
  }

  /** Shows nothing but black. */
  blank(): void {
    if (this.isOn) this.#state = 'blank';
  }

  /** Shows again what black hid. */
  unblank(): void {
    if (this.isOn) this.#state = 'on';
  }

  /** Makes all text larger (1) or smaller (-1), that of the terminals too. */
  zoom(direction: 1 | -1): void {
    const size = this.#textSize + direction * TEXT_SIZE.step;
    this.#textSize = Math.min(Math.max(size, TEXT_SIZE.smallest), TEXT_SIZE.largest);
    writeStored(STORED, this.#textSize);
    preferences.fontSize += direction * TEXT_SIZE.step;
  }
}

export const presenter = new Presenter();
