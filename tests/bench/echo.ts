/** How long a key press takes to appear in the terminal while the machine works. */
import type { Page } from 'playwright-core';

const KEYS = 20;
const PAUSE_MILLISECONDS = 200;

interface Observed extends Window {
  echoes: number[];
}

/** Presses keys until `work` has ended, at least twenty; resolves with the seconds of each. The terminal is drawn by the DOM. */
export async function measureEchoes(page: Page, work: Promise<unknown>): Promise<number[]> {
  await page.locator('.xterm-helper-textarea').first().focus();
  await page.evaluate(() => {
    const own = globalThis as unknown as Observed;
    own.echoes = [];
    let pressed: number | undefined;
    addEventListener('keydown', (event) => (pressed = event.timeStamp), { capture: true });
    const rows = document.querySelector('.xterm-rows');
    if (!rows) throw new Error('the terminal is not drawn by the DOM');
    let shown = rows.textContent;
    new MutationObserver(() => {
      if (rows.textContent === shown) return;
      shown = rows.textContent;
      if (pressed !== undefined) own.echoes.push(performance.now() - pressed);
      pressed = undefined;
    }).observe(rows, { subtree: true, childList: true, characterData: true });
  });
  let ended = false as boolean;
  void work.finally(() => (ended = true));
  for (let i = 0; i < KEYS || !ended; i++) {
    await page.keyboard.press(i % 2 ? 'Backspace' : 'a');
    await page.waitForTimeout(PAUSE_MILLISECONDS);
  }
  await work;
  const echoes = await page.evaluate(() => (globalThis as unknown as Observed).echoes);
  return echoes.map((milliseconds) => milliseconds / 1000);
}
