import { expect, test } from 'vitest';
import { type, useApp } from './browser.ts';
import { COMMAND, done, openLesson, promptIsBack } from './lesson-page.ts';

const app = useApp();

test('the lesson accepts other commands that are right, and not those that are wrong', async () => {
  const page = await openLesson(app);
  const step = (name: RegExp) => page.getByRole('button', { name }).click();
  const message = (task: string) => page.locator(`[data-task="${task}"] .message`);

  await step(/^Step 3/);
  await type(page, 'docker run -d --name other busybox sleep 600');
  await promptIsBack(page);
  await message('background')
    .filter({ hasText: 'There is no container named first. Running now: other.' })
    .waitFor(COMMAND);
  await type(page, 'docker create --name first busybox tail -f /dev/null && docker start first');
  await done(page, 'background').waitFor(COMMAND);

  await step(/^Step 4/);
  await type(page, 'docker exec first echo hello > /greeting');
  await promptIsBack(page);
  await message('greeting').filter({ hasText: 'there is one on the machine' }).waitFor(COMMAND);
  await type(page, 'echo hi > /tmp/g; docker cp /tmp/g first:/greeting');
  await done(page, 'greeting').waitFor(COMMAND);

  await step(/^Step 5/);
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

  await step(/^Step 6/);
  await type(page, 'docker container rm -f $(docker ps -aq)');
  await done(page, 'tidy').waitFor(COMMAND);

  await step(/^Step 2/);
  await type(page, 'docker run --rm hello-world | head -3');
  await done(page, 'hello').waitFor(COMMAND);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
