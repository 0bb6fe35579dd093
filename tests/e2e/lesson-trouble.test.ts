/** Checks that take too long, never end or say too much leave the page and the terminals in order. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { machineRuns, shows, type, useApp } from './browser.ts';
import { COMMAND, done } from './lesson-page.ts';

const app = useApp({ lessons: join(import.meta.dirname, 'labs') });

const task = (page: Page, id: string) => page.locator(`[data-task="${id}"]`);
const NO_ANSWER = 'The check had no answer after 20 seconds. It is tried again.';

test.each([
  [1, 'slow'],
  [2, 'endless'],
])('step %i: a check that is %s is ended, and the terminal works meanwhile', async (step, id) => {
  const page = await app.open(`/lesson/trouble/${step}`);
  await machineRuns(page);
  await task(page, id).getByText('Looking').waitFor(COMMAND);
  await type(page, 'echo $((6 * 7)) answers');
  await shows(page, /^42 answers$/m);
  await task(page, id).getByText(NO_ANSWER).waitFor(COMMAND);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a check that prints ten megabytes is shown by its first line', async () => {
  const page = await app.open('/lesson/trouble/3');
  await machineRuns(page);
  await task(page, 'talkative').getByText('So many words.', { exact: true }).waitFor(COMMAND);
  await type(page, 'touch /tmp/enough');
  await done(page, 'talkative').waitFor(COMMAND);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a reset in the middle of a check begins it anew', async () => {
  const page = await app.open('/lesson/trouble/1');
  await machineRuns(page);
  await task(page, 'slow').getByText('Looking').waitFor(COMMAND);
  await page.keyboard.press('Control+Shift+Backspace');
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Reset/ })
    .click();
  await task(page, 'slow').getByText('Waits for the machine').waitFor(COMMAND);
  await machineRuns(page);
  await task(page, 'slow').getByText(NO_ANSWER).waitFor(COMMAND);
  await type(page, 'echo $((6 * 7)) answers');
  await shows(page, /^42 answers$/m);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
