/** A swipe to the side, told from a scroll and from a tap. */

interface Point {
  x: number;
  y: number;
}

/** Shorter movements are taps of an unsteady finger. */
const LEAST_PIXELS = 60;

/** Where a finger swiped from `start` to `end`; undefined when it did something else. */
export function swipeDirection(start: Point, end: Point): 'left' | 'right' | undefined {
  const across = end.x - start.x;
  const along = end.y - start.y;
  if (Math.abs(across) < LEAST_PIXELS || Math.abs(across) < 2 * Math.abs(along)) return undefined;
  return across < 0 ? 'left' : 'right';
}

/** Whether a swipe that begins at `target` belongs to something that scrolls sideways itself. */
export function scrollsSideways(target: EventTarget | null): boolean {
  for (let element = target instanceof Element ? target : null; element; element = element.parentElement) {
    const { overflowX } = getComputedStyle(element);
    if (element.scrollWidth > element.clientWidth && /auto|scroll/.test(overflowX)) return true;
  }
  return false;
}
