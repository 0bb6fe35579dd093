/** The first lesson beside its machine, as tests use it. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { machineRuns, screen, type TestApp } from './browser.ts';

/** Enough for the slowest command of the lesson on a busy host. */
export const COMMAND = { timeout: 120_000 };

/** Waits until the shell shows a prompt with nothing typed after it. */
export async function promptIsBack(page: Page): Promise<void> {
  await expect
    .poll(async () => (await screen(page)).trimEnd().split('\n').at(-1), { ...COMMAND, interval: 100 })
    .toMatch(/^root@node1:\S+#$/);
}

/** Opens the first lesson and waits until its machine runs. */
export async function openLesson(app: TestApp): Promise<Page> {
  const page = await app.open('/lesson/first-container');
  await page.getByRole('heading', { name: 'A machine of your own' }).waitFor();
  await machineRuns(page);
  return page;
}

/** The card of a task that has passed. */
export const done = (page: Page, task: string): Locator => page.locator(`[data-task="${task}"].passed`);
