import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { BOOTED, machineRuns, READY, run, shoot, shows, type, useApp } from './browser.ts';

const app = useApp();

/** Chooses an entry of a node's menu. */
async function choose(page: Page, node: string, entry: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: `What can be done with ${node}` }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** Ends the worker that runs a node's machine, as a fault in it would. */
async function breakDown(page: Page, node: string): Promise<void> {
  const workers = page.workers();
  const names = await Promise.all(workers.map((worker) => worker.evaluate(() => self.name)));
  await workers[names.indexOf(node)]?.evaluate(() => {
    setTimeout(() => {
      throw new Error('struck');
    });
  });
}

test('a swarm of three nodes is formed by a click, loses two and gets them back', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.getByRole('button', { name: 'Add or remove nodes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Nodes' });
  await dialog.getByRole('button', { name: '1 manager, 2 workers' }).click();
  await dialog.getByText('The swarm is there').waitFor(READY);
  await shoot(page, 'nodes-dialog');
  await page.keyboard.press('Escape');

  await type(page, 'docker node ls');
  await shows(page, /node3 +Ready/);
  await page.getByRole('button', { name: 'node3 running' }).click();
  await shows(page, /root@node3:~# *$/m);
  await run(page, 'hostname -i');
  await shows(page, /^192\.168\.86\.103/m);

  await choose(page, 'node3', 'Capture the network traffic of node3');
  await run(page, 'ping -c 2 node1');
  const downloading = page.waitForEvent('download');
  await choose(page, 'node3', /Save the captured traffic/);
  const file = await (await downloading).path();
  expect(readFileSync(file).subarray(0, 4).toString('hex')).toBe('d4c3b2a1');

  await choose(page, 'node3', 'Pull the plug of node3');
  await page.getByText('node3 is powered off').waitFor();
  await shoot(page, 'nodes-off');
  await page.getByRole('button', { name: 'node1 running' }).click();
  await run(page, 'until docker node ls | grep -q Down; do sleep 1; done; docker node ls');
  await shows(page, /node3 +Down/);
  await page.getByRole('button', { name: 'node3 powered off' }).click();
  await page.getByRole('button', { name: 'Power on' }).click();
  await page.getByRole('contentinfo').getByText('node3 running').waitFor(BOOTED);
  await page.getByRole('button', { name: 'node1 running' }).click();
  await run(page, 'clear; until [ $(docker node ls | grep -c Ready) = 3 ]; do sleep 1; done; docker node ls');
  await shows(page, /node3 +Ready/);

  await breakDown(page, 'node2');
  await page.getByRole('button', { name: 'node2 failed' }).click();
  await page
    .getByRole('alert')
    .getByText(/struck/)
    .first()
    .waitFor();
  await shoot(page, 'nodes-failed');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('contentinfo').getByText('node2 running').waitFor(READY);
  await page.getByRole('button', { name: 'node1 running' }).click();
  await run(page, 'clear; until [ $(docker node ls | grep -c Ready) = 3 ]; do sleep 1; done; docker node ls');
  await shows(page, /node2 +Ready/);

  await choose(page, 'node3', 'Remove node3…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove node3' }).click();
  await page.getByRole('button', { name: 'node3 running' }).waitFor({ state: 'detached' });
  await run(page, 'ping -c 1 -W 2 node2');
  await shows(page, /1 received/);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
