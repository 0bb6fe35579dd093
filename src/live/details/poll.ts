/** How often what is looked at closely is asked for again, in milliseconds: each costs the machine some 0.3 Mi. */
export const POLL_MILLISECONDS = 2000;

/**
 * Calls `ask` now, and again a while after it has ended, until what is returned is called; not while the page is hidden,
 * or what it is for is.
 */
export function poll(milliseconds: number, isShown: () => boolean, ask: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = true;
  const turn = async (): Promise<void> => {
    if (document.visibilityState === 'visible' && isShown()) await ask();
    if (isWanted) timer = setTimeout(() => void turn(), milliseconds);
  };
  void turn();
  return () => {
    isWanted = false;
    clearTimeout(timer);
  };
}
