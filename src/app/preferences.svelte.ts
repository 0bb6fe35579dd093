import { z } from '../../worker/schema.ts';
import { readStored, writeStored } from './storage.ts';

/** Terminal font sizes in CSS pixels: below 8 letters merge, above 32 a line of 80 fits no screen. */
const FONT_SIZE = { smallest: 8, largest: 32 };

/** Who looks at the terminals: the user alone, or a class at the other end of a room. */
export type Audience = 'self' | 'class';

const USUAL_FONT_SIZE: Record<Audience, number> = { self: 14, class: 20 };

const fontSize = z.number().check(z.gte(FONT_SIZE.smallest), z.lte(FONT_SIZE.largest));

const storedSchema = z.object({
  fontSize,
  /** The size for a class. */
  classFontSize: z._default(fontSize, USUAL_FONT_SIZE.class),
  screenReader: z.boolean(),
});

type Stored = z.output<typeof storedSchema>;

const USUAL: Stored = {
  fontSize: USUAL_FONT_SIZE.self,
  classFontSize: USUAL_FONT_SIZE.class,
  screenReader: false,
};

/** What the user chose for the terminals; kept by the browser. */
class Preferences {
  #stored = $state.raw<Stored>(z.catch(storedSchema, USUAL).parse(readStored('preferences')));
  /** For whom the font size is that is read and changed here. */
  audience = $state.raw<Audience>('self');

  get fontSize(): number {
    return this.audience === 'class' ? this.#stored.classFontSize : this.#stored.fontSize;
  }

  set fontSize(wanted: number) {
    const size = Math.min(Math.max(wanted, FONT_SIZE.smallest), FONT_SIZE.largest);
    this.#change(this.audience === 'class' ? { classFontSize: size } : { fontSize: size });
  }

  /** The font size of who has chosen none. */
  get usualFontSize(): number {
    return USUAL_FONT_SIZE[this.audience];
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
