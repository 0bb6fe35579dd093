/**
 * The keys of a presenter's remote, which is a small keyboard: PageDown and PageUp, on some the arrows; `.` or B for a
 * black screen; F5 and Escape, in turn, for its button that begins and ends a show. Pure.
 */
import type { KeyPress } from '../app/shortcut.ts';

/** What a key of the remote asks for. */
export type ClickerAction = 'next' | 'previous' | 'blank' | 'full-screen' | 'leave';

/**
 * Where the focus is, as far as the remote is concerned: nowhere in particular, on the presenter's bar, in a terminal, in
 * a terminal that a full-screen program has, in a field, or in something else that has its own use for such keys.
 */
export type ClickerPlace = 'page' | 'bar' | 'terminal' | 'program' | 'field' | 'control';

/** What `press` at `place` means; undefined where the key is not the remote's. */
export function clickerAction(press: KeyPress, place: ClickerPlace): ClickerAction | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || press.shiftKey) return undefined;
  const isPage = place === 'page' || place === 'bar';
  // The terminal itself scrolls with Shift.
  if (isPage || place === 'terminal') {
    if (press.key === 'PageDown') return 'next';
    if (press.key === 'PageUp') return 'previous';
  }
  if (!isPage) return undefined;
  switch (press.key) {
    case 'ArrowRight':
      return 'next';
    case 'ArrowLeft':
      return 'previous';
    case 'F5':
      return 'full-screen';
    case 'Escape':
      return 'leave';
    case '.':
      return 'blank';
    default:
      // The remote sends the place of B, whatever is printed there.
      return press.code === 'KeyB' ? 'blank' : undefined;
  }
}
