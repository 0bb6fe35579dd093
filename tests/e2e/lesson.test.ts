import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { machineRuns, screen, useApp } from './browser.ts';

const app = useApp();

/** Enough for the slowest command of the lesson on a busy host. */
const COMMAND = { timeout: 120_000 };

/** Waits until the shell shows a prompt with nothing typed after it. */
async function promptIsBack(page: Page): Promise<void> {
  await expect
    .poll(async () => (await screen(page)).trimEnd().split('\n').at(-1), { ...COMMAND, interval: 100 })
    .toMatch(/^root@node1:\S+#$/);
}

async function openLesson(): Promise<Page> {
  const page = await app.open('/lesson/first-container');
  await page.getByRole('heading', { name: 'A machine of your own' }).waitFor();
  await machineRuns(page);
  return page;
}

const done = (page: Page, task: string) => page.locator(`[data-task="${task}"].passed`);

test('the lesson can be finished by somebody who only clicks', async () => {
  const page = await openLesson();
  for (;;) {
    const tasks = page.locator('[data-task]');
    for (const button of await page.getByRole('button', { name: /^Run / }).all()) {
      await promptIsBack(page);
      await button.click();
    }
    await promptIsBack(page);
    for (const task of await tasks.all()) {
      const id = (await task.getAttribute('data-task')) ?? '';
      await done(page, id).waitFor(COMMAND);
    }
    const next = page.getByRole('button', { name: 'Next', exact: true });
    if (await next.isDisabled()) break;
    await next.click();
  }
  await page.getByRole('heading', { name: 'Lesson finished' }).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
