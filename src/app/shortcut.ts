/**
 * Keyboard shortcuts as text (`Ctrl+Shift+F`, `Mod+K`, `F6`), matched against key events and shown to the
 * user. `Mod` is ⌘ on a Mac and Ctrl elsewhere. Letters and digits are matched by the key's place, since
 * with Ctrl+Shift many layouts give other characters; all else by the character.
 */

type Modifier = 'Ctrl' | 'Shift' | 'Alt' | 'Mod';

/** The fields of a `KeyboardEvent` that matter here. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/** True on Apple's systems, where ⌘ does what Ctrl does elsewhere. */
export function isApple(platform: string): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

/** Whether `press` is `shortcut`. */
export function matches(shortcut: string, press: KeyPress, apple: boolean): boolean {
  const { modifiers, key } = parse(shortcut);
  const has = (modifier: Modifier): boolean => modifiers.includes(modifier);
  const character = key.length === 1 && !/[A-Z0-9]/.test(key);
  return (
    press.ctrlKey === (has('Ctrl') || (has('Mod') && !apple)) &&
    press.metaKey === (has('Mod') && apple) &&
    press.altKey === has('Alt') &&
    // A character such as ? needs Shift on some layouts and not on others.
    (character || press.shiftKey === has('Shift')) &&
    // Ctrl and + is pressed without Shift where = is on the same key.
    (press.key === key ||
      (key === '+' && press.key === '=') ||
      (/^[A-Z]$/.test(key) && press.code === `Key${key}`) ||
      press.code === `Digit${key}`)
  );
}

const APPLE_NAMES: Record<string, string> = { Ctrl: '⌃', Shift: '⇧', Alt: '⌥', Mod: '⌘' };

const KEY_NAMES: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Backspace: '⌫',
};

/** The keys of `shortcut` as they are printed on the user's keyboard, one entry a key. */
export function keyCaps(shortcut: string, apple: boolean): string[] {
  const { modifiers, key } = parse(shortcut);
  const caps = modifiers.map((modifier) => {
    if (apple) return APPLE_NAMES[modifier] ?? modifier;
    return modifier === 'Mod' ? 'Ctrl' : modifier;
  });
  return [...caps, KEY_NAMES[key] ?? key];
}

function parse(shortcut: string): { modifiers: Modifier[]; key: string } {
  const parts = shortcut.split(/\+(?=.)/);
  return { modifiers: parts.slice(0, -1) as Modifier[], key: parts.at(-1) ?? '' };
}
