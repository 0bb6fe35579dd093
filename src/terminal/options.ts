/** How every terminal is set up. */
import type { ITerminalInitOnlyOptions, ITerminalOptions } from '@xterm/xterm';
import { MINIMUM_CONTRAST, TERMINAL_THEMES, type ThemeName } from './theme.ts';
import { isWebAddress } from './web-address.ts';

export const TERMINAL_FONT =
  '"JetBrains Mono Variable", ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace';

/** Lines kept above the screen. 5000 lines of 100 characters are some 6 MB. */
const SCROLLBACK_LINES = 5000;

/** What the user chooses. */
export interface TerminalAppearance {
  theme: ThemeName;
  fontSize: number;
  screenReader: boolean;
}

/**
 * The options of xterm.js.
 * @param onLink gets the address of the link under the pointer, or nothing
 * @param onOpen gets that of a link that is followed
 */
export function terminalOptions(
  { theme, fontSize, screenReader }: TerminalAppearance,
  onLink: (address: string) => void,
  onOpen: (address: string) => void,
): ITerminalOptions & ITerminalInitOnlyOptions {
  return {
    allowProposedApi: true,
    // Blinking took a fifth of all that an idle page costs.
    cursorBlink: false,
    fontFamily: TERMINAL_FONT,
    fontSize,
    lineHeight: 1.15,
    linkHandler: {
      activate: (_event, address) => {
        onOpen(address);
      },
      // What a link shows and where it leads may differ.
      hover: (_event, address) => {
        onLink(isWebAddress(address) ? address : '');
      },
      leave: () => {
        onLink('');
      },
    },
    macOptionIsMeta: true,
    minimumContrastRatio: MINIMUM_CONTRAST,
    rightClickSelectsWord: false,
    screenReaderMode: screenReader,
    scrollback: SCROLLBACK_LINES,
    theme: TERMINAL_THEMES[theme],
  };
}
