/** The browser's storage runs full, or is cleared, while a machine runs. */
import type { CDPSession, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { machineRuns, run, saveSession, screen, shoot, useApp } from './browser.ts';

const app = useApp();

const origin = (): string => new URL(app.app.url).origin;

/** Lets the site have so much more than it uses now, in bytes. */
async function leaveRoom(page: Page, devtools: CDPSession, bytes: number): Promise<void> {
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: origin(), quotaSize: used + bytes });
}

/** Writes so much to the machine's disk that no compression makes smaller, in megabytes. */
const fill = (page: Page, megabytes: number, file: string): Promise<void> =>
  run(page, `clear; dd if=/dev/urandom of=/root/${file} bs=1M count=${megabytes} conv=fsync 2>/dev/null`);

test('the user is warned before storage is full, told when it is, and what is deleted makes room', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  const devtools = await page.context().newCDPSession(page);
  await fill(page, 40, 'first');
  await saveSession(page);
  await page
    .getByRole('contentinfo')
    .getByText(/^saved/)
    .waitFor();
  expect(await page.getByRole('link', { name: 'storage nearly full' }).count()).toBe(0);
  await page.goto(`${app.app.url}#/sessions`);
  await page.getByRole('button', { name: 'Duplicate' }).click();
  const rows = page.getByRole('button', { name: 'Delete' });
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(2);

  await page.goto(`${app.app.url}#/playground`);
  await machineRuns(page);
  await leaveRoom(page, devtools, 150e6);
  await saveSession(page);
  await page.getByRole('link', { name: 'storage nearly full' }).waitFor();
  await leaveRoom(page, devtools, 3e6);
  await fill(page, 20, 'second');
  await page.getByRole('link', { name: 'not saved: see why' }).waitFor({ timeout: 60_000 });
  await run(page, 'clear; docker ps -q | wc -l');
  expect(await screen(page)).toMatch(/^0$/m);

  await page.getByRole('link', { name: 'not saved: see why' }).click();
  await page.getByRole('alert').getByText('is not being saved').waitFor();
  await shoot(page, 'full');
  await page
    .locator('li', { hasNotText: 'open in this tab' })
    .getByRole('button', { name: 'Delete' })
    .click();
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(1);
  await page
    .getByRole('alert')
    .getByText('is not being saved')
    .waitFor({ state: 'detached', timeout: 120_000 });
  await page.goto(`${app.app.url}#/playground`);
  await machineRuns(page);
  await saveSession(page);
  await page.reload();
  await machineRuns(page);
  await run(page, 'clear; du -m /root/first /root/second');
  expect(await screen(page)).toMatch(/^40\s+\/root\/first\s+^20\s+\/root\/second/m);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: origin() });
  await page.close();
});

test('a session that the browser has cleared is saved again, whole', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  const devtools = await page.context().newCDPSession(page);
  await run(page, 'echo precious > /root/precious; n=41; docker run -d --name web nginx:alpine');
  await saveSession(page);
  await devtools.send('Storage.clearDataForOrigin', { origin: origin(), storageTypes: 'all' });
  await run(page, 'echo more > /root/more; sync');
  await page.getByText('The browser has cleared what was saved').waitFor({ timeout: 120_000 });
  await shoot(page, 'cleared');
  await saveSession(page);
  await page.reload();
  await machineRuns(page);
  await run(
    page,
    'clear; cat /root/precious /root/more; echo "n is $((n + 1))"; docker ps --format "{{.Names}} {{.State}}"',
  );
  expect(await screen(page)).toMatch(/^precious\s+^more\s+^n is 42\s+^web running/m);
  await page.close();
});
