import { clickerPlace } from './clicker-place.ts';
import { clickerAction, type ClickerAction } from './clicker.ts';
import type { Companion } from './companion.svelte.ts';

/**
 * Passes a key of a presenter's remote on to the presenter's window, where it is one that turns steps or makes the screen
 * black: the remote types into whatever window has the focus. What else it means here is the result.
 */
export function passOn(event: KeyboardEvent, companion: Companion): ClickerAction | undefined {
  if (event.isComposing || event.defaultPrevented) return undefined;
  const action = clickerAction(event, clickerPlace(event.target, false));
  if (action !== 'next' && action !== 'previous' && action !== 'blank') return action;
  event.preventDefault();
  event.stopPropagation();
  if (action === 'blank') companion.ask(companion.scene?.state === 'blank' ? 'unblank' : 'blank');
  else companion.ask(action);
  return undefined;
}
