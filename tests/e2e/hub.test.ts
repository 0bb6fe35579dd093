/** The hub in a visitor's browser: without the catalogue's files on the site, and over a reload. */
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { machineRuns, READY, shows, type, useApp } from './browser.ts';

const app = useApp();

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
    `clear; printf 'FROM ${image}\\nRUN echo mine > /tmp/mine\\n' | docker build -q -t ${name} -`,
  );
  await shows(page, /^sha256:[0-9a-f]{64}/m);
  await type(page, `clear; docker push -q ${name} && docker rmi ${name} | head -1`);
  await shows(page, `Untagged: ${name}`);
  await type(
    page,
    `clear; docker run --rm --entrypoint cat ${name} /tmp/mine; docker search --limit 1 ${image}`,
  );
  await shows(page, new RegExp(`^mine[^]*${image}`, 'm'));
}

test('from what the browser keeps a learner pulls, builds, pushes and finds it again after a reload', async () => {
  const images = await app.open('/images');
  await images.getByRole('button', { name: /^Keep offline .*: redis$/ }).click();
  await images.getByRole('button', { name: 'Remove redis from offline use' }).waitFor(READY);
  await images.close();

  const page = await app.open('/playground');
  await machineRuns(page);
  // Not the whole network: the machine reads its own disk from the site too.
  await app.chromium.context.route('**/catalogue/blobs/*', (route) => route.abort());
  await exercise(page, 'redis', 'gordon/mine');

  await page.reload();
  await machineRuns(page);
  await type(page, 'clear; docker run --rm --entrypoint cat gordon/mine /tmp/mine');
  await shows(page, /^mine/m);
  await app.chromium.context.unroute('**/catalogue/blobs/*');
  await page.close();
  app.takeErrors();
});

test('a pull of what is not there says what there is instead', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await type(page, 'clear; docker pull mongo');
  await shows(page, /pull access denied for mongo/);
  const hint = page.getByRole('contentinfo').getByText(/The hub has no mongo/);
  await hint.waitFor();
  await page.close();
  app.takeErrors();
});
