import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useApp } from './browser.ts';
import { COMMAND, done, openLesson, promptIsBack } from './lesson-page.ts';

const app = useApp();

/** Goes to a step by the list of commands. */
async function step(page: Page, number: number): Promise<void> {
  await page.keyboard.press('Control+Shift+K');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(`Step ${number}:`);
  await page.keyboard.press('Enter');
  await page.getByText(`Step ${number} of 6`).waitFor();
}

/** Goes to the terminal, region by region, and types a line. */
async function type(page: Page, line: string): Promise<void> {
  const inTerminal = () => page.evaluate(() => document.activeElement?.closest('.xterm') !== null);
  for (let i = 0; i < 5 && !(await inTerminal()); i++) await page.keyboard.press('F6');
  expect(await inTerminal(), 'F6 leads to the terminal').toBe(true);
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

test('the lesson is finished by keyboard only, with other commands that are right, and not with wrong ones', async () => {
  const page = await openLesson(app);
  const message = (task: string) => page.locator(`[data-task="${task}"] .message`);

  await step(page, 3);
  await type(page, 'docker run -d --name other busybox sleep 600');
  await promptIsBack(page);
  await message('background')
    .filter({ hasText: 'There is no container named first. Running now: other.' })
    .waitFor(COMMAND);
  await type(page, 'docker create --name first busybox tail -f /dev/null && docker start first');
  await done(page, 'background').waitFor(COMMAND);

  await step(page, 4);
  await type(page, 'docker exec first echo hello > /greeting');
  await promptIsBack(page);
  await message('greeting').filter({ hasText: 'there is one on the machine' }).waitFor(COMMAND);
  await type(page, 'echo hi > /tmp/g; docker cp /tmp/g first:/greeting');
  await done(page, 'greeting').waitFor(COMMAND);

  await step(page, 5);
  await type(page, 'docker run -d --name web -p 8080:80 busybox sleep 1d');
  await promptIsBack(page);
  await message('web').filter({ hasText: 'nothing answers there' }).waitFor(COMMAND);
  await type(
    page,
    'docker rm -f web; docker run -d --name web -p 8080:8000 -v /etc:/pages busybox httpd -f -p 8000 -h /pages -c /dev/null',
  );
  await promptIsBack(page);
  await message('web').filter({ hasText: 'with status 404' }).waitFor(COMMAND);
  await type(page, 'docker exec web sh -c "echo page > /pages/index.html"');
  await done(page, 'web').waitFor(COMMAND);

  await step(page, 6);
  await type(page, 'docker container rm -f $(docker ps -aq)');
  await done(page, 'tidy').waitFor(COMMAND);

  await step(page, 2);
  await type(page, 'docker run --rm hello-world | head -3');
  await done(page, 'hello').waitFor(COMMAND);
  await step(page, 6);
  await page.getByRole('heading', { name: 'Lesson finished' }).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
