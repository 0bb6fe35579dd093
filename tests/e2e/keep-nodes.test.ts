/** What a user keeps of several nodes: a reload, one that is off, and one that was removed. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { BOOTED, machineRuns, READY, run, saveSession, screen, shoot, shows, useApp } from './browser.ts';

const app = useApp();

/** Waits until the node is shown so. */
const isShown = (page: Page, name: string, state: string, deadline = READY): Promise<void> =>
  page.getByRole('button', { name: new RegExp(`^${name} ${state}`) }).waitFor(deadline);

/** Runs a command in the terminal of a node. */
async function runOn(page: Page, name: string, command: string): Promise<string> {
  await page.getByRole('button', { name: new RegExp(`^${name} running`) }).click();
  // A shell that has just begun forgets what was typed before its prompt.
  await shows(page, `root@${name}:~#`);
  await run(page, `clear; hostname; ${command}`);
  return screen(page);
}

async function choose(page: Page, name: string, command: string): Promise<void> {
  await page.getByRole('button', { name: `What can be done with ${name}` }).click();
  await page.getByRole('menuitem', { name: command }).click();
}

test('nodes come back as they were, and one that was removed can be had back', async () => {
  const page = await app.open('/playground', 'kept');
  await machineRuns(page);
  await page.keyboard.press('Control+Shift+K');
  await page.keyboard.type('Add or remove nodes');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: /256 MB/ }).check();
  await page.getByRole('button', { name: 'Add node2' }).click();
  await page.keyboard.press('Escape');
  await isShown(page, 'node2', 'running');
  expect(await runOn(page, 'node2', 'n=41; echo two > /root/two; sync')).toMatch(/^node2$/m);
  await saveSession(page);

  await page.reload();
  await isShown(page, 'node1', 'running');
  await isShown(page, 'node2', 'running');
  expect(await runOn(page, 'node2', 'echo "$n $(cat /root/two)"')).toMatch(/^node2$[^]*^41 two$/m);
  await shoot(page, 'nodes-continued');
  await choose(page, 'node2', 'Pull the plug of node2');
  await isShown(page, 'node2', 'powered off');
  await saveSession(page);

  await page.reload();
  await isShown(page, 'node1', 'running');
  await isShown(page, 'node2', 'powered off');
  await choose(page, 'node2', 'Remove node2');
  await page.getByRole('button', { name: 'Remove node2' }).click();
  await page.getByText('node2 is removed').waitFor();
  await machineRuns(page);

  await page.keyboard.press('Control+Shift+Z');
  const slider = page.getByRole('slider', { name: 'Checkpoint' });
  await slider.press('Home');
  const dialog = page.getByRole('dialog');
  // The system may have written to a disk between the last save and the reload: that disk is kept, too.
  const disk = dialog.getByText('The disk as it was last');
  const removal = dialog.getByText('Before removing node2');
  await disk.or(removal).waitFor();
  if (await disk.isVisible()) await slider.press('ArrowRight');
  await removal.waitFor();
  await dialog.getByText('node1, node2').waitFor();
  await shoot(page, 'nodes-rewind');
  await page.getByRole('button', { name: 'Go back to it' }).click();
  await isShown(page, 'node1', 'running');
  await isShown(page, 'node2', 'powered off');
  await choose(page, 'node2', 'Power on node2');
  await isShown(page, 'node2', 'running', BOOTED);
  expect(await runOn(page, 'node2', 'cat /root/two')).toMatch(/^node2$[^]*^two$/m);

  await page.goto(`${app.app.url}#/sessions`);
  await page.getByText(/· 2 nodes ·/).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
