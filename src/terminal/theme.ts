/**
 * The terminals' colours in both themes, matched to tokens.css. Every colour that is readable as text has
 * a contrast of 4.5:1 or more to the background; xterm.js corrects the rest (black on dark, white on light,
 * and what programs combine) by its `minimumContrastRatio`.
 */
import type { ITheme } from '@xterm/xterm';

export type ThemeName = 'light' | 'dark';

export const MINIMUM_CONTRAST = 4.5;

export const TERMINAL_THEMES = {
  light: {
    background: '#fbfcfd',
    foreground: '#1c242c',
    cursor: '#0b6e82',
    cursorAccent: '#fbfcfd',
    selectionBackground: '#b5dbe3',
    selectionInactiveBackground: '#dbe4e8',
    black: '#1c242c',
    red: '#b3261e',
    green: '#17713a',
    yellow: '#855800',
    blue: '#0b5cad',
    magenta: '#8a3b9e',
    cyan: '#0b6e82',
    white: '#e3e8ec',
    brightBlack: '#5d6873',
    brightRed: '#c42b1c',
    brightGreen: '#1d7a40',
    brightYellow: '#8f5f00',
    brightBlue: '#1567c0',
    brightMagenta: '#9a45b0',
    brightCyan: '#11768b',
    brightWhite: '#ffffff',
  },
  dark: {
    background: '#0e1317',
    foreground: '#d7dfe6',
    cursor: '#58c4d8',
    cursorAccent: '#0e1317',
    selectionBackground: '#25505c',
    selectionInactiveBackground: '#27323a',
    black: '#1d262d',
    red: '#ef7b72',
    green: '#6cc98b',
    yellow: '#deb567',
    blue: '#74aef5',
    magenta: '#ce94e0',
    cyan: '#58c4d8',
    white: '#c5ced6',
    brightBlack: '#7f8c98',
    brightRed: '#ff978f',
    brightGreen: '#8ee0a8',
    brightYellow: '#f0cd8a',
    brightBlue: '#9bc6ff',
    brightMagenta: '#e0b3ee',
    brightCyan: '#85dceb',
    brightWhite: '#f5f8fa',
  },
} as const satisfies Record<ThemeName, ITheme>;

/** Colours of search matches; the addon wants six digits. */
export const SEARCH_COLOURS = {
  light: { match: '#ffe7a3', active: '#ffc34d', ruler: '#b37700' },
  dark: { match: '#5c4a17', active: '#a87b12', ruler: '#deb567' },
} as const satisfies Record<ThemeName, object>;
