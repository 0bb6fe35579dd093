import { readStored, writeStored } from './storage.ts';

/** Terminal font sizes in CSS pixels: below 8 letters merge, above 32 a line of 80 fits no screen. */
export const FONT_SIZE = { smallest: 8, usual: 14, largest: 32 };

interface Stored {
  fontSize: number;
  screenReader: boolean;
}

const USUAL: Stored = { fontSize: FONT_SIZE.usual, screenReader: false };

/** What the user chose for the terminals; kept by the browser. */
class Preferences {
  #stored = $state.raw<Stored>(readStored('preferences', isStored, USUAL));

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

function isStored(value: unknown): value is Stored {
  if (typeof value !== 'object' || value === null) return false;
  const { fontSize, screenReader } = value as Partial<Record<keyof Stored, unknown>>;
  return (
    typeof fontSize === 'number' &&
    fontSize >= FONT_SIZE.smallest &&
    fontSize <= FONT_SIZE.largest &&
    typeof screenReader === 'boolean'
  );
}

export const preferences = new Preferences();
