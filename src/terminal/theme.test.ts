import { expect, test } from 'vitest';
import { MINIMUM_CONTRAST, TERMINAL_THEMES, type ThemeName } from './theme.ts';

/** Relative luminance, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** As text these are left to xterm.js; they are here for what programs paint behind text. */
const BACKDROPS: Record<ThemeName, string[]> = { light: ['white', 'brightWhite'], dark: ['black'] };

test.each(['light', 'dark'] as const)('text is readable in the %s theme', (name) => {
  const { background, cursorAccent, selectionBackground, selectionInactiveBackground, ...colours } =
    TERMINAL_THEMES[name];
  for (const [colour, value] of Object.entries(colours)) {
    if (BACKDROPS[name].includes(colour)) continue;
    expect.soft(contrast(value, background), colour).toBeGreaterThanOrEqual(MINIMUM_CONTRAST);
  }
  expect(contrast(colours.foreground, selectionBackground)).toBeGreaterThanOrEqual(MINIMUM_CONTRAST);
  expect(contrast(colours.foreground, selectionInactiveBackground)).toBeGreaterThanOrEqual(MINIMUM_CONTRAST);
  expect(contrast(colours.cursor, cursorAccent)).toBeGreaterThanOrEqual(3);
});
