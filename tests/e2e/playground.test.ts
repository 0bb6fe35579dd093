import { expect, test } from 'vitest';
import { machineRuns, shows, type, useApp } from './browser.ts';

const app = useApp();

test('a visitor opens a playground, types, runs containers, and starts over', async () => {
  const page = await app.open('/');
  await page.getByRole('link', { name: 'Open a playground' }).click();
  await machineRuns(page);
  await shows(page, /root@node1:~# *$/m);
  for (let i = 0; i < 10; i++) {
    await type(page, `clear; docker run --rm busybox echo "hi $((${i} + 100))"`);
    await shows(page, new RegExp(`^hi ${i + 100}`, 'm'));
  }
  await type(page, 'touch /root/mine; ls');
  await shows(page, /^mine/m);

  await page.getByRole('button', { name: /reset/i }).first().click();
  await page.getByRole('alertdialog').getByRole('button', { name: /reset/i }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
  await machineRuns(page);
  await type(page, 'ls /root | wc -l');
  await shows(page, /^0/m);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
