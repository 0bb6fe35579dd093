import { z } from '../../worker/schema.ts';
import { readStored, writeStored } from './storage.ts';

/** Terminal font sizes in CSS pixels: below 8 letters merge, above 32 a line of 80 fits no screen. */
export const FONT_SIZE = { smallest: 8, usual: 14, largest: 32 };

const storedSchema = z.object({
  fontSize: z.number().check(z.gte(FONT_SIZE.smallest), z.lte(FONT_SIZE.largest)),
  screenReader: z.boolean(),
});

type Stored = z.output<typeof storedSchema>;

const USUAL: Stored = { fontSize: FONT_SIZE.usual, screenReader: false };

/** What the user chose for the terminals; kept by the browser. */
class Preferences {
  #stored = $state.raw<Stored>(z.catch(storedSchema, USUAL).parse(readStored('preferences')));

  get fontSize(): number {
    return this.#stored.fontSize;
  }

  set fontSize(size: number) {
    this.#change({ fontSize: Math.min(Math.max(size, FONT_SIZE.smallest), FONT_SIZE.largest) });
  }

  /** Whether terminals describe their output to screen readers (it slows them down). */
  get screenReader(): boolean {
    return this.#stored.screenReader;
  }

  set screenReader(on: boolean) {
    this.#change({ screenReader: on });
  }

  #change(change: Partial<Stored>): void {
    this.#stored = { ...this.#stored, ...change };
    writeStored('preferences', this.#stored);
  }
}

export const preferences = new Preferences();
