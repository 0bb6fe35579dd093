/** The page of the hub's images, and what a machine beside it makes of what is done there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, READY, shows, type, useApp } from './browser.ts';

const app = useApp();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-archives-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const catalogue = (page: Page): Locator => page.getByRole('heading', { name: /^Catalogue/ });
const transfers = (page: Page): Locator => page.getByRole('region', { name: 'Transfers' });

async function openImages(): Promise<Page> {
  const page = await app.open('/images');
  await catalogue(page).waitFor();
  return page;
}

/** Chooses a file for the hub. */
async function upload(page: Page, file: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload an archive' }).click();
  await (await chooser).setFiles(file);
}

/** Saves an image of the catalogue as a file. */
async function save(page: Page, image: string): Promise<string> {
  await page.goto(`${app.app.url}#/images/${image}`);
  const download = page.waitForEvent('download');
  await page
    .getByRole('button', { name: new RegExp(`^Download ${image}:`) })
    .first()
    .click();
  const saved = await download;
  const file = join(folder, saved.suggestedFilename());
  await saved.saveAs(file);
  await page.goto(`${app.app.url}#/images`);
  await catalogue(page).waitFor();
  return file;
}

describe('the catalogue', () => {
  test('is searched by name, use and tag, from the keyboard', async () => {
    const page = await openImages();
    await page.keyboard.press('/');
    await page.keyboard.type('web server');
    await page.getByRole('heading', { name: 'nginx', exact: true }).waitFor();
    await page.getByRole('heading', { name: 'busybox', exact: true }).waitFor({ state: 'hidden' });
    await page.getByRole('textbox', { name: 'Search the images' }).fill('no-such-image');
    await page.getByText('No image fits').waitFor();
    await page.getByRole('button', { name: 'Show all images' }).click();
    await page.getByRole('heading', { name: 'busybox', exact: true }).waitFor();
    expect(app.takeErrors()).toEqual([]);
    await page.close();
  });

  test('says of an image what it really is, which ports it opens and what its licence is', async () => {
    const page = await app.open('/images/nginx');
    await page.getByRole('heading', { level: 1, name: 'nginx' }).waitFor();
    await page.getByText('Stand-in', { exact: true }).waitFor();
    await page.getByText('/usr/share/nginx/html').waitFor();
    await page.getByText('80/tcp', { exact: true }).waitFor();
    await page.getByText('BSD-2-Clause').waitFor();
    await page.getByText('docker pull nginx:latest', { exact: true }).waitFor();
    await page.getByRole('button', { name: '1.26', exact: true }).click();
    await page.getByText('docker pull nginx:1.26', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All images' }).click();
    await catalogue(page).waitFor();
    expect(app.takeErrors()).toEqual([]);
    await page.close();
  });

  test('has an answer for an image that is not there', async () => {
    const page = await app.open('/images/mongo');
    await page.getByRole('heading', { name: 'The hub has no mongo' }).waitFor();
    await page.getByRole('link', { name: 'Add your own' }).click();
    await page.getByText('npm run catalogue -- import').waitFor();
    await page.close();
  });
});

test('an image that is kept offline is pulled without its files on the site, by the machine that ran all the while', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  // What a pull reads of the machine's own disk is here from then on.
  await type(page, 'docker pull memcached');
  await shows(page, /Status: Downloaded newer image for memcached/);
  await type(page, 'clear; greeting="still the same shell"');
  await page.getByRole('link', { name: 'Images', exact: true }).click();
  await page.getByRole('button', { name: /^Keep offline .*: redis$/ }).click();
  await page.getByRole('button', { name: 'Remove redis from offline use' }).waitFor();

  // Not the whole network: the machine reads its own disk from the site too.
  await page.context().route('**/catalogue/blobs/*', (route) => route.abort());
  try {
    await page.getByRole('button', { name: 'Run docker pull redis in the terminal' }).click();
    await shows(page, /Status: Downloaded newer image for redis:latest/);
  } finally {
    await page.context().unroute('**/catalogue/blobs/*');
  }
  await type(page, 'clear; echo "$greeting"');
  await shows(page, /^still the same shell/m);

  await page.getByRole('link', { name: 'Images', exact: true }).click();
  await page.getByRole('button', { name: 'Remove redis from offline use' }).click();
  await page.getByRole('button', { name: /^Keep offline .*: redis$/ }).waitFor();
  await page.close();
});

test('a download can be cancelled, and what is not there is fetched again', async () => {
  const page = await app.open('/offline');
  const keepAll = page.getByRole('button', { name: /^Keep all images offline/ });
  await keepAll.click();
  await transfers(page)
    .getByRole('button', { name: /^Cancel/ })
    .click();
  await transfers(page).waitFor({ state: 'hidden' });
  await keepAll.click();
  await page.getByText('All images can be pulled without a network').waitFor(READY);
  await page.getByRole('button', { name: 'Remove The whole catalogue from offline use' }).click();
  await page.getByText(/^None of the catalogue/).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a full browser is named, and what was there before stays', async () => {
  const page = await openImages();
  await page.getByRole('button', { name: /^Keep offline .*: memcached$/ }).click();
  await page.getByRole('button', { name: 'Remove memcached from offline use' }).waitFor();
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  const used = await page.evaluate(() => navigator.storage.estimate().then(({ usage = 0 }) => usage));
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + 1_000_000 });
  await page.getByRole('button', { name: /^Keep offline .*: mariadb$/ }).click();
  await transfers(page).getByText('The browser has no room').waitFor();
  await page.screenshot({ path: '/tmp/full.png' });
  await page.getByRole('button', { name: 'Remove memcached from offline use' }).waitFor();
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await transfers(page).getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Remove mariadb from offline use' }).waitFor();
  await page.close();
});

describe('archives', () => {
  test('go out of the hub and come in under another name, are pulled, and can be deleted', async () => {
    const page = await openImages();
    const file = await save(page, 'hello-world');
    expect(file).toMatch(/hello-world-latest\.oci\.tar$/);

    await upload(page, file);
    await page.getByText('is an image of the catalogue').waitFor();
    await page.getByLabel('Name to give it').fill('ann/hello:mine');
    await page.getByRole('button', { name: 'Upload under this name' }).click();
    await transfers(page).getByText('docker pull ann/hello:mine').waitFor();
    await page.getByRole('link', { name: 'ann/hello' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'ann/hello' }).waitFor();

    const playground = await app.open('/playground');
    await machineRuns(playground);
    await type(playground, 'docker run --rm ann/hello:mine');
    await shows(playground, /Hello from Docker!/);
    await playground.close();

    await page.getByRole('button', { name: 'Delete ann/hello:mine' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'ann/hello' }).waitFor({ state: 'hidden' });
    expect(app.takeErrors()).toEqual([]);
    await page.close();
  });

  test('are dropped on the page', async () => {
    const page = await openImages();
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['This is a letter, not an archive.'], 'letter.tar'));
      return data;
    });
    await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
    await page.getByText('Drop the archive').waitFor();
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
    await page.getByText('Drop the archive').waitFor({ state: 'hidden' });
    await transfers(page).getByText('letter.tar').waitFor();
    await page.close();
  });

  test('that are none are refused with words, and nothing is kept of them', async () => {
    const page = await openImages();
    const file = join(folder, 'letter.tar');
    writeFileSync(file, 'This is a letter, not an archive. '.repeat(100));
    await upload(page, file);
    await page.getByRole('alert').getByText('Nothing of this file was kept').waitFor();
    await page.getByText('Nothing yet.').waitFor();
    await transfers(page).getByRole('button', { name: 'Dismiss' }).click();
    await transfers(page).waitFor({ state: 'hidden' });
    await page.close();
  });
});

test('a pull of an image that is not there is answered with what there is', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await type(page, 'docker pull redis:0.1');
  const line = page.getByRole('contentinfo').getByText('The hub has no redis:0.1');
  await line.waitFor(READY);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await line.waitFor({ state: 'hidden' });
  await type(page, 'docker pull no-such-image');
  await page.getByRole('contentinfo').getByText('The hub has no no-such-image').waitFor(READY);
  await page.getByRole('contentinfo').getByRole('link', { name: 'All images' }).click();
  await catalogue(page).waitFor();
  await page.close();
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    [1440, 900],
    [360, 740],
  ])('at %i × %i axe finds no serious fault, and nothing is wider than the window', async (width, height) => {
    for (const route of ['/images', '/images/nginx', '/add-images']) {
      const page = await app.open(route);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (route !== '/add-images') await page.getByText('docker pull nginx').first().waitFor();
      expect(await faults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.close();
    }
  });
});
