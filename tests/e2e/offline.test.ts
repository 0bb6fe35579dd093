/** Drydock on a plane: after a first visit, with what the user has kept, and no network at all. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { READY, machineRuns, saveSession, shows, type, useApp } from './browser.ts';
import { COMMAND, done } from './lesson-page.ts';

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

/** Does a step of the lesson of networks, is interrupted by a reload, and does a part of the next one. */
async function learn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run docker run -d --name alpha' }).click();
  await shows(page, /^[0-9a-f]{64}/m);
  await type(page, 'clear; docker pull memcached');
  await shows(page, 'Status: Downloaded newer image for memcached:latest');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await type(
    page,
    'clear; docker network create shop && docker run -d --name shelf --network shop busybox httpd -fh /etc',
  );
  await done(page, 'names').waitFor(COMMAND);

  await saveSession(page);
  await page.reload();
  await machineRuns(page);
  await page.getByRole('heading', { name: 'A network of your own' }).waitFor();
  await done(page, 'names').waitFor();
  await type(page, 'clear; docker ps --format "{{.Names}} {{.State}}"');
  await shows(page, /^shelf running\s+alpha running/m);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByRole('heading', { name: 'Kept apart' }).waitFor();
  await type(
    page,
    'docker network create depot && docker run -d --name clerk --network shop busybox sleep 1d',
  );
  await type(page, 'docker network connect depot clerk');
  await done(page, 'connect').waitFor(COMMAND);
}

test('with the network off a learner pulls, builds, pushes, does a lesson, and goes on after reloads', async () => {
  const images = await app.open('/images');
  await images.getByRole('button', { name: /^Keep offline .*: memcached$/ }).click();
  await images.getByRole('link', { name: 'All that works offline' }).click();
  await images.getByRole('button', { name: /: The track “Networks and storage”$/ }).click();
  await images
    .getByRole('button', { name: 'Remove The track “Networks and storage” from offline use' })
    .waitFor(READY);
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

  const lesson = await app.open('/lesson/networks', 'kept');
  await machineRuns(lesson);
  await learn(lesson);
  await lesson.close();
});
