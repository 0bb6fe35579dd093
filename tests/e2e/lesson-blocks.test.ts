/** What a lesson may have besides text, commands and tasks, on a lesson that has one of each. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineRuns, screen, shows, type, useApp } from './browser.ts';
import { COMMAND, done } from './lesson-page.ts';

const app = useApp({ lessons: join(import.meta.dirname, 'labs') });

test('commands are run, pasted, run after Ctrl+C and copied, with values from the machine', async () => {
  const page = await app.open('/lesson/everything');
  await app.chromium.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await machineRuns(page);
  const click = (name: RegExp) => page.getByRole('button', { name }).click();

  await click(/^Run echo kernel/);
  await shows(page, /^kernel \d+\.\d+\.\d+\S* ends$/m);
  await click(/^Paste echo pasted/);
  await shows(page, /# echo pasted\s*$/);
  await page.keyboard.press('Enter');
  await shows(page, /^pasted$/m);
  await click(/^Run sleep/);
  await shows(page, /# sleep 1d\s*$/);
  await click(/^Press Ctrl\+C and run echo interrupted/);
  await shows(page, /^interrupted$/m);
  await click(/^Copy echo copied/);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('echo copied');
  await expect.poll(() => page.getByRole('button', { name: /already used/ }).count()).toBe(5);

  await page.getByText('Why so?').click();
  await click(/^Run echo from the aside/);
  await shows(page, /^from the aside$/m);
  await page.getByRole('tab', { name: 'Two' }).click();
  await page.getByText('The second.').waitFor();
  await click(/^Run echo from a tab/);
  await shows(page, /^from a tab$/m);
  const picture = page.getByAltText('A blue box with words');
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('quizzes say whether an answer is right, and remember it', async () => {
  const page = await app.open('/lesson/everything/2');
  const quiz = (id: string) => page.locator(`[data-quiz="${id}"]`);
  const answer = (id: string) => quiz(id).getByRole('button', { name: 'Answer' }).click();

  await quiz('choice').getByLabel('The wrong one').check();
  await answer('choice');
  await quiz('choice').getByText('Not quite').waitFor();
  await quiz('choice').getByRole('button', { name: 'Try again' }).click();
  await quiz('choice').getByLabel('The right one').check();
  await answer('choice');
  await quiz('choice').getByText('It is right.').waitFor();

  await quiz('several').getByLabel('This', { exact: true }).check();
  await quiz('several').getByLabel('And this').check();
  await answer('several');
  await quiz('several').getByText('Two are.').waitFor();

  // It begins as Second, First, Third.
  await quiz('order').getByRole('button', { name: 'Move line 2 up' }).focus();
  await page.keyboard.press('Enter');
  await answer('order');
  await quiz('order').getByText('As they say.').waitFor();
  await quiz('order').getByText('Right', { exact: true }).waitFor();

  await quiz('fill').getByLabel('Your answer').last().fill('docker  container ls');
  await page.keyboard.press('Enter');
  await quiz('fill').getByText('Either.').waitFor();

  await page.reload();
  await quiz('choice').getByText('Right', { exact: true }).waitFor();
  await quiz('fill').getByText('Right', { exact: true }).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('tasks wait for others, are timed, get their situation, and are done for who asks', async () => {
  const page = await app.open('/lesson/everything/3');
  await machineRuns(page);
  const task = (id: string) => page.locator(`[data-task="${id}"]`);
  await task('two').getByText('Opens after task 1').waitFor();
  await task('one').getByText('There is no /tmp/one.').waitFor(COMMAND);
  await type(page, 'touch /tmp/uno');
  await task('one').getByText('in Italian').waitFor(COMMAND);
  await task('one').getByRole('button', { name: /^Hint/ }).click();
  await task('one').getByText('In English.').waitFor();
  await type(page, 'touch /tmp/one');
  await done(page, 'one').waitFor(COMMAND);

  await task('two').getByText('There is no /tmp/two.').waitFor(COMMAND);
  await task('two').getByRole('button', { name: 'Show the solution' }).click();
  await task('two').getByRole('button', { name: 'Solve it for me' }).click();
  await done(page, 'two').waitFor(COMMAND);
  await task('two').getByText('Done, solution used').waitFor();

  await task('extra').getByRole('button', { name: 'Begin: 1 minute' }).click();
  await task('extra').getByRole('timer').waitFor();
  await type(page, 'touch /tmp/extra');
  await done(page, 'extra').waitFor(COMMAND);
  await task('extra')
    .getByText(/^Took 0:\d\d$/)
    .waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('who jumps ahead has what comes before done on a fresh machine; a step is started over', async () => {
  const page = await app.open('/playground');
  await page.evaluate(() => {
    localStorage.clear();
  });
  await page.goto(`${app.app.url}?lesson=everything&step=4`);
  await machineRuns(page);
  await page.getByRole('heading', { name: 'After' }).waitFor();
  const note = page.getByRole('complementary', { name: 'Tasks before this step' });
  await note.getByText('tasks 1, 2 are not done on this machine').waitFor();
  await note.getByRole('button', { name: 'Do what comes before for me' }).click();
  await note.waitFor({ state: 'detached', ...COMMAND });
  await page.getByRole('button', { name: /^Run ls/ }).click();
  await shows(page, /one.*situation.*two/s);
  await type(page, 'touch /tmp/last');
  await done(page, 'last').waitFor(COMMAND);
  await page.getByRole('heading', { name: 'Lesson finished' }).waitFor();

  await page.keyboard.press('Control+Shift+K');
  await page.keyboard.type('Start this step over');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Start the step over' }).click();
  await note.waitFor();
  await note.waitFor({ state: 'detached', ...COMMAND });
  await page.locator('[data-task="last"]').getByText('There is no /tmp/last.').waitFor(COMMAND);
  expect(await screen(page)).not.toContain('touch /tmp/last');
  await type(page, 'ls /tmp');
  await shows(page, /one.*situation.*two/s);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
