/** A lesson on two nodes: its machines come by themselves, commands go to their node, faults are done to real machines. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { BOOTED, READY, shoot, shows, useApp } from './browser.ts';
import { COMMAND, done } from './lesson-page.ts';

const app = useApp({ lessons: join(import.meta.dirname, '../lessons/good') });

const task = (page: Page, id: string) => page.locator(`[data-task="${id}"]`);

/** Waits until the node is shown as running. */
const runs = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name: new RegExp(`^${name} running`) }).waitFor(READY);

test('the lesson is done with its nodes, its faults and the solutions', async () => {
  const page = await app.open('/lesson/two-nodes');
  const click = (name: RegExp | string) => page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: /^Run hostname/ }).waitFor();
  await runs(page, 'node1');
  await runs(page, 'node2');

  await click(/^Run hostname/);
  await shows(page, /hostname > \/root\/who\s+root@node2:~# sync \/root\/who/);
  await click(/^Run ping -c 1 @/);
  await shows(page, /root@node1:~# ping -c 1 192\.168\.86\.102[^]*1 received/);
  await click('Unplug the network cable of node2');
  await page.getByLabel('network cable unplugged').waitFor();
  await click('Plug it in again');
  await page.getByLabel('network cable unplugged').waitFor({ state: 'detached' });

  await task(page, 'note').getByText('There is no /root/note on node2.').waitFor(COMMAND);
  await task(page, 'note').getByRole('button', { name: 'Show the solution' }).click();
  await task(page, 'note').getByRole('button', { name: 'Run it' }).click();
  await shows(page, /root@node2:~# touch \/root\/note/);
  await done(page, 'note').waitFor(COMMAND);
  await shoot(page, 'lesson-nodes');

  await click('Next');
  await task(page, 'dark').getByText('node2 should be off, but node2 is running.').waitFor(COMMAND);
  await click('Pull the plug of node2');
  await task(page, 'dark').getByText('There is no “gone” in /root/log on node1.').waitFor(COMMAND);
  await task(page, 'dark').getByRole('button', { name: 'Show the solution' }).click();
  await task(page, 'dark').getByText('Pull the plug of node2', { exact: true }).waitFor();
  await task(page, 'dark').getByRole('button', { name: 'Solve it for me' }).click();
  await done(page, 'dark').waitFor(COMMAND);
  await page.getByRole('contentinfo').getByText('node2 powered off').waitFor();
  await page.getByRole('contentinfo').getByText('MIPS').waitFor({ state: 'detached' });
  await shoot(page, 'lesson-fault');

  await click('Next');
  await task(page, 'back').getByText('node2 should be running, but node2 is off.').waitFor(COMMAND);
  await expect
    .poll(() => page.getByRole('button', { name: /^Run cat/ }).getAttribute('title'))
    .toContain('off');
  await task(page, 'back').getByRole('button', { name: 'Show the solution' }).click();
  await task(page, 'back').getByRole('button', { name: 'Solve it for me' }).click();
  await done(page, 'back').waitFor(BOOTED);
  await page.getByRole('heading', { name: 'Lesson finished' }).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a node that the user removes is offered again, and not brought by itself', async () => {
  const page = await app.open('/lesson/two-nodes');
  await runs(page, 'node2');
  await page.getByRole('button', { name: 'What can be done with node2' }).click();
  await page.getByRole('menuitem', { name: 'Remove node2…' }).click();
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Remove/ })
    .click();
  const note = page.getByRole('complementary', { name: 'Machines of this lesson' });
  await note.getByText('node2 is not there').waitFor();
  await note.getByRole('button', { name: 'Start node2' }).click();
  await runs(page, 'node2');
  expect(await note.count()).toBe(0);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
