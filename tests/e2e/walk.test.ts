/** What a learner does who writes a page, packs it into an image, looks at it, and changes it: all in one window. */
import type { Page } from 'playwright-core';
import { expect, onTestFailed, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, run, shoot, shows, useApp } from './browser.ts';

const app = useApp({ serviceWorkers: 'allow' });

const SOON = { timeout: 60_000 };

const editor = (page: Page) => page.locator('.cm-content');

/** Replaces the text in the editor, and saves it. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Control+s');
  await expect.poll(() => page.locator('.status .saved').innerText(), SOON).toBe('Saved');
}

const shown = (page: Page) => page.frameLocator('section.preview iframe');

test('edit, build, open, change, rebuild', async () => {
  const page = await app.open('/playground');
  onTestFailed(() => shoot(page, 'walk-failed'));
  await machineRuns(page);
  await shows(page, /root@node1:~# *$/m);
  await run(page, 'mkdir page; cd page; edit Dockerfile');
  await page.getByRole('button', { name: 'Dockerfile' }).first().waitFor(SOON);
  await write(page, 'FROM nginx\nCOPY index.html /usr/share/nginx/html/\n');
  await shoot(page, 'walk-1-dockerfile');
  await run(page, 'edit index.html');
  await page.getByRole('button', { name: 'index.html' }).first().waitFor(SOON);
  await write(page, '<h1>The first page</h1>\n');
  await page.getByRole('tree').locator('[data-key="/root/page/index.html"]').waitFor(SOON);
  await shoot(page, 'walk-2-page');

  await run(page, 'clear; docker build -q -t page . && docker run -d --name page -p 8080:80 page');
  await shoot(page, 'walk-3-built');
  const port = page.getByRole('list', { name: 'Open ports' }).getByRole('button', { name: '8080' });
  await port.click(SOON);
  await shown(page).getByRole('heading', { name: 'The first page' }).waitFor(SOON);
  await shoot(page, 'walk-4-open');

  await page.getByRole('button', { name: 'Files' }).click();
  await write(page, '<h1>The second page</h1>\n');
  await shoot(page, 'walk-5-changed');
  await run(
    page,
    'clear; docker build -q -t page . && docker rm -f page && docker run -d --name page -p 8080:80 page',
  );
  await port.click(SOON);
  await page.getByRole('button', { name: 'Load again' }).click();
  await shown(page).getByRole('heading', { name: 'The second page' }).waitFor(SOON);
  await shoot(page, 'walk-6-rebuilt');

  await page.getByRole('button', { name: 'Live view' }).click();
  await page.getByRole('button', { name: /^Container page running page/ }).waitFor(SOON);
  await shoot(page, 'walk-7-live');
  await page.getByRole('button', { name: 'Close the live view' }).click();
  await shown(page).getByRole('heading', { name: 'The second page' }).waitFor();
  expect(await faults(page)).toEqual([]);
  expect(app.takeErrors().filter((text) => !text.includes('502'))).toEqual([]);
  await page.close();
});
