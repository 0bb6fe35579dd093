/** Drydock on a plane: after a first visit, with what the user has kept, and no network at all. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { READY, machineRuns, saveSession, shows, type, useApp } from './browser.ts';

const app = useApp({ serviceWorkers: 'allow' });

/** All that a learner does with an image and the hub. */
async function exercise(page: Page, image: string, name: string): Promise<void> {
  await type(page, `clear; docker pull ${image}`);
  await shows(page, `Status: Downloaded newer image for ${image}:latest`);
  await type(
    page,
    `clear; docker run -d --name ${image} ${image} && docker exec ${image} cat /etc/os-release`,
  );
  await shows(page, /PRETTY_NAME=.*Drydock/);
  await type(page, 'clear; docker login -u gordon -p secret 2>/dev/null');
  await shows(page, /Login Succeeded/);
  await type(
    page,
    `clear; printf 'FROM ${image}\\nRUN echo mine > /tmp/mine\\n' | docker build -q -t made - && docker tag made ${name}`,
  );
  await shows(page, /^sha256:[0-9a-f]{64}/m);
  await type(page, `clear; docker push -q ${name} && docker rmi made ${name} | head -1`);
  await shows(page, 'Untagged: made');
  await type(
    page,
    `clear; docker run --rm --entrypoint cat ${name} /tmp/mine; docker search --limit 1 ${image}`,
  );
  await shows(page, new RegExp(`^mine[^]*${image}`, 'm'));
}

/** Ends the network, and whatever the browser's own cache might have in its place. */
async function disconnect(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  app.app.disconnect();
  await expect(page.evaluate(() => fetch('machine/manifest.json', { cache: 'no-store' }))).rejects.toThrow();
}

test('with the network off a learner pulls, builds, pushes, and finds it again after a reload', async () => {
  const images = await app.open('/images');
  await images.getByRole('button', { name: /^Keep offline .*: memcached$/ }).click();
  await images.getByRole('link', { name: 'All that works offline' }).click();
  await images.getByRole('button', { name: /^Keep the machine offline/ }).click();
  await images.getByRole('button', { name: 'Remove The machine from offline use' }).waitFor(READY);
  await images.getByRole('button', { name: 'Remove memcached:latest from offline use' }).waitFor(READY);
  await images.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  expect(app.takeErrors()).toEqual([]);
  await disconnect(images);
  await images.close();

  const page = await app.open('/playground', 'kept');
  await machineRuns(page);
  await exercise(page, 'memcached', 'gordon/mine');

  await saveSession(page);
  await page.reload();
  await machineRuns(page);
  await type(page, 'clear; docker run --rm --entrypoint cat gordon/mine /tmp/mine');
  await shows(page, /^mine/m);
  await page.getByRole('link', { name: 'Offline', exact: true }).click();
  await page.getByText('The machine starts and runs without a network').waitFor();
  await page.close();
});
