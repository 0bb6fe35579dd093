/** The hub in a visitor's browser: with the network off, and over a reload. */
import { expect, test } from 'vitest';
import { machineRuns, READY, shows, type, useApp } from './browser.ts';

const app = useApp();

test('without a network a learner pulls, builds, pushes and finds it again after a reload', async () => {
  const images = await app.open('/images');
  for (const name of ['redis', 'busybox'])
    await images
      .getByRole('button', { name: new RegExp(`^Make ${name} available offline`) })
      .first()
      .click();
  await expect
    .poll(() => images.getByText('Available offline').count(), { timeout: READY.timeout })
    .toBeGreaterThanOrEqual(2);
  await images.close();

  const page = await app.open('/playground');
  await machineRuns(page);
  // The pack brings what the first commands read from the disk; what it has not, the visitor has used before.
  await type(
    page,
    'clear; docker run --rm busybox true; docker search redis; skopeo --version; docker buildx version',
  );
  await shows(page, /buildx .*\d\.\d/);
  await app.chromium.context.setOffline(true);

  await type(page, 'clear; docker pull redis');
  await shows(page, /Status: Downloaded newer image for redis:latest/);
  await type(page, 'clear; docker run -d --name store redis && sleep 5; docker exec store redis-cli ping');
  await shows(page, /^PONG/m);
  await type(page, `clear; docker login -u gordon -p secret 2>/dev/null`);
  await shows(page, /Login Succeeded/);
  await type(
    page,
    `clear; printf 'FROM redis\\nRUN echo mine > /mine\\n' | docker build -q -t gordon/mine -`,
  );
  await shows(page, /^sha256:[0-9a-f]{64}/m);
  await type(page, 'clear; docker push -q gordon/mine && docker rmi gordon/mine | head -1');
  await shows(page, /Untagged: gordon\/mine/);
  await type(page, 'clear; docker run --rm gordon/mine cat /mine; docker search --limit 1 redis');
  await shows(page, /^mine[^]*redis/m);

  await app.chromium.context.setOffline(false);
  await page.reload();
  await machineRuns(page);
  await app.chromium.context.setOffline(true);
  await type(page, 'clear; docker run --rm gordon/mine cat /mine');
  await shows(page, /^mine/m);
  await app.chromium.context.setOffline(false);
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
