/** A port that a service of a swarm has published: every node has it, and whichever is asked, each of them may answer. */
import { expect, test } from 'vitest';
import { machineRuns, READY, run, shoot, useApp } from './browser.ts';

const app = useApp({ serviceWorkers: 'allow' });

test('a published port of a service on three nodes is answered by different nodes', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.getByRole('button', { name: 'Add or remove nodes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Nodes' });
  await dialog.getByRole('button', { name: '1 manager, 2 workers' }).click();
  await dialog.getByText('The swarm is there').waitFor(READY);
  await page.keyboard.press('Escape');
  await run(
    page,
    `docker service create -q -d --name who --mode global --hostname 'on-{{.Node.Hostname}}' -p 8080:80 drydock/whoami:v1`,
  );
  await run(page, 'until [ $(docker service ps who | grep -c Running) = 3 ]; do sleep 1; done; clear');

  const ports = page.getByRole('list', { name: 'Open ports' });
  await ports.getByRole('button', { name: 'node2:8080' }).click();
  const shown = page.locator('section.preview iframe:not([hidden])').contentFrame();
  const answering = async (): Promise<string> =>
    /on-node\d/.exec(await shown.getByText('Hostname: on-node').innerText({ timeout: 60_000 }))?.[0] ?? '';
  const seen = new Set<string>();
  for (let i = 0; seen.size < 3 && i < 20; i++) {
    seen.add(await answering());
    await page.getByRole('button', { name: 'Load again' }).click();
  }
  expect([...seen].sort()).toEqual(['on-node1', 'on-node2', 'on-node3']);
  expect(await page.getByLabel('Address').inputValue()).toBe('node2:8080/');

  await page.getByLabel('Address').fill('node3:8080/health');
  await page.keyboard.press('Enter');
  await shown.getByText('OK').waitFor({ timeout: 60_000 });
  await shoot(page, 'preview-nodes');
  await run(page, 'docker service rm who');
  await page.getByText('None is open.').waitFor({ timeout: 60_000 });
  expect(app.takeErrors().filter((text) => !text.includes('502'))).toEqual([]);
  await page.close();
});
