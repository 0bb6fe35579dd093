/**
 * The parts of the page that F6 and Ctrl+Shift+arrow go through. A part is an element with `data-region`;
 * the focus goes to its terminal where it has one, else to the part itself.
 */

/** Moves the focus to the next (1) or previous (-1) region on the screen. */
export function cycleRegions(direction: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.checkVisibility() && !region.closest('[inert]'),
  );
  if (regions.length === 0) return;
  const current = regions.findIndex((region) => region.contains(document.activeElement));
  const start = current === -1 && direction === -1 ? 0 : current;
  const next = regions[(start + direction + regions.length) % regions.length];
  const target = next?.querySelector<HTMLElement>('.xterm-helper-textarea') ?? next;
  target?.focus();
}
