/** What the key bar of small touch screens types: keys that their keyboards lack. */

export type BarKey =
  'Tab' | 'Esc' | 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | '|' | '/' | '-' | '~';

const ESC = '\x1b';

const ARROWS: Partial<Record<BarKey, string>> = {
  ArrowUp: 'A',
  ArrowDown: 'B',
  ArrowRight: 'C',
  ArrowLeft: 'D',
};

interface KeyModes {
  /** Ctrl is held by the bar. */
  ctrl: boolean;
  /** The program asked for application cursor keys (DECCKM): full-screen programs do. */
  applicationCursor: boolean;
}

/** The characters that a key sends. */
export function keySequence(key: BarKey, { ctrl, applicationCursor }: KeyModes): string {
  const arrow = ARROWS[key];
  if (arrow) {
    if (ctrl) return `${ESC}[1;5${arrow}`;
    return applicationCursor ? `${ESC}O${arrow}` : `${ESC}[${arrow}`;
  }
  if (key === 'Tab') return '\t';
  if (key === 'Esc') return ESC;
  return ctrl ? withControl(key) : key;
}

/** What `text`, typed while the bar holds Ctrl, becomes: the control character, where there is one. */
export function withControl(text: string): string {
  const code = text.toUpperCase().charCodeAt(0);
  if (text.length !== 1) return text;
  if (text === ' ') return '\0';
  if (text === '?') return '\x7f';
  if (text === '/' || text === '-') return '\x1f';
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text;
}
