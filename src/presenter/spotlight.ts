/** Where the light goes next. Pure. */
import type { Pane, Spotlight } from './protocol.ts';

/** The pane after `current` among those on the screen, in their order there; after the last one, none. */
export function nextSpotlight(current: Spotlight, panes: readonly Pane[]): Spotlight {
  // A pane that stands alone needs no light.
  if (panes.length < 2) return 'none';
  if (current === 'none') return panes[0] ?? 'none';
  return panes[panes.indexOf(current) + 1] ?? 'none';
}
