import { expect, test } from 'vitest';
import { useApp } from './browser.ts';
import { COMMAND, done, openLesson, promptIsBack } from './lesson-page.ts';

const app = useApp();

test('the lesson can be finished by somebody who only clicks', async () => {
  const page = await openLesson(app);
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
