/** What a user keeps: the machine after a reload, at a checkpoint, and from another tab. */
import { expect, test } from 'vitest';
import { machineRuns, makeCheckpoint, run, saveSession, screen, shoot, shows, useApp } from './browser.ts';

const app = useApp();

test('after a reload the machine goes on, its programs running', async () => {
  const page = await app.open('/playground', 'kept');
  await machineRuns(page);
  await run(page, 'n=41; docker run -d --name web nginx:alpine');
  await saveSession(page);
  await page.reload();
  await machineRuns(page);
  await shows(page, /docker run -d --name web/);
  await run(page, 'echo "n is $((n + 1))"; docker ps --format "{{.Names}} is {{.State}}"');
  expect(await screen(page)).toMatch(/n is 42[^]*web is running/);
  await shoot(page, 'continued');

  // A checkpoint, something broken, and back.
  await makeCheckpoint(page, 'all is well');
  await page.keyboard.press('Escape');
  await run(page, 'docker rm -f web; rm -rf /etc/docker');
  await makeCheckpoint(page, 'broken');
  await page.getByRole('slider', { name: 'Checkpoint' }).press('Home');
  await page.getByRole('dialog').getByText('all is well').waitFor();
  await shoot(page, 'rewind');
  await page.getByRole('button', { name: 'Go back to it' }).click();
  await page.getByText('Back at: all is well').waitFor({ timeout: 120_000 });
  await run(page, 'clear; docker ps --format "{{.Names}} again {{.State}}"');
  await shows(page, /web again running/);

  // Another tab on the same session.
  await saveSession(page);
  const second = await app.open('/playground', 'kept');
  await second
    .getByRole('heading', { name: 'This session is open in another tab' })
    .waitFor({ timeout: 60_000 });
  await shoot(second, 'elsewhere');
  await second.getByRole('button', { name: 'Take it over' }).click();
  await machineRuns(second);
  await page.getByRole('heading', { name: 'This session runs in another tab' }).waitFor({ timeout: 60_000 });
  await page.close();

  await second.goto(`${app.app.url}#/sessions`);
  await second.getByRole('heading', { name: 'Playground' }).waitFor();
  await shoot(second, 'sessions');
  expect(app.takeErrors()).toEqual([]);
  await second.close();
});
