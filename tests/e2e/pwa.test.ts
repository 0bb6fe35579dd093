/** Drydock as an app of the browser, on a host that serves files and no more, in a folder: installed, updated, repaired. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { buildApp, forgetSessions, launchChromium, type Profile } from '../served-app.ts';
import { serveStatic, type StaticSite } from '../static-site.ts';
import { faults } from './axe.ts';
import { READY, machineRuns, saveSession, shows, type } from './browser.ts';

/** The app as it is, and a newer one, which has another lesson. */
let app: string;
let newerApp: string;
let lessons: string;
let site: StaticSite;
let chromium: Profile;

/** What pages told of their policy, and which addresses they asked for. */
let violations: string[];
let addresses: string[];

beforeAll(async () => {
  lessons = mkdtempSync(join(tmpdir(), 'drydock-lessons-'));
  mkdirSync(join(lessons, 'newer'));
  writeFileSync(
    join(lessons, 'newer', 'lesson.md'),
    `---
id: newer
title: A lesson of the newer version
summary: It is here after the update.
minutes: 5
author: Nobody
licence: MIT
---

## One

Words of the newer version.
`,
  );
  app = await buildApp();
  newerApp = await buildApp(lessons);
});
afterAll(() => {
  for (const folder of [app, newerApp, lessons]) rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  site = await serveStatic(app, inject('release'));
  chromium = await launchChromium(['--disable-3d-apis'], 'allow');
  [violations, addresses] = [[], []];
  const { context } = chromium;
  context.on('request', (request) => addresses.push(request.url()));
  await context.exposeFunction('tellViolation', (what: string) => violations.push(what));
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
    tellViolation(event.effectiveDirective + ' ' + event.blockedURI);
  })`);
});
afterEach(async () => {
  await chromium.close();
  await site.close();
});

async function open(route: string): Promise<Page> {
  const page = await chromium.context.newPage();
  // A fresh machine; other pages may be open beside one that runs.
  if (route === '/playground') await forgetSessions(page, site.url);
  await page.goto(`${site.url}#${route}`);
  return page;
}

/** Waits until the service worker serves the page. */
async function appIsKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

const elsewhere = (): string[] =>
  addresses.filter((each) => !/^(data|blob):/.test(each) && !each.startsWith(site.url));

describe('in a folder of a plain host', () => {
  test('the playground starts, also from the service worker, and nothing is asked of another host', async () => {
    const page = await open('/playground');
    await machineRuns(page);
    await appIsKept(page);
    await type(page, 'echo "of $((6 * 7))"');
    await shows(page, /^of 42/m);
    await saveSession(page);
    const asked = site.asked.length;
    await page.reload();
    await machineRuns(page);
    expect(site.asked.slice(asked).filter((name) => /^(index\.html|assets\/)/.test(name))).toEqual([]);
    expect(elsewhere()).toEqual([]);
    expect(violations).toEqual([]);
  });

  test('the policy is in force, and no page breaks it', async () => {
    const page = await open('/');
    for (const [route, heading] of [
      ['/', /in this tab/],
      ['/lesson/first-container', 'A machine of your own'],
      ['/images', 'Images'],
      ['/images/busybox', 'busybox'],
      ['/add-images', 'Add images to the hub'],
      ['/offline', 'Offline'],
      ['/pack', /pack/i],
      ['/nowhere', 'There is no such page'],
    ] as const) {
      await page.goto(`${site.url}#${route}`);
      await page.getByRole('heading', { name: heading }).first().waitFor();
    }
    await page.goto(`${site.url}repair.html`);
    await page.getByRole('heading', { name: 'Repair Drydock' }).waitFor();
    expect(violations).toEqual([]);
    expect(elsewhere()).toEqual([]);

    await page.goto(`${site.url}#/`);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "owned"';
      document.body.append(script);
      const picture = document.createElement('img');
      picture.src = 'http://127.0.0.1:9/elsewhere.png';
      document.body.append(picture);
    });
    await expect.poll(() => violations.length).toBe(2);
    expect(violations.sort()).toEqual(['img-src http://127.0.0.1:9/elsewhere.png', 'script-src-elem inline']);
    expect(await page.title()).not.toBe('owned');
  });

  test('it can be installed', async () => {
    const page = await open('/');
    await appIsKept(page);
    const session = await chromium.context.newCDPSession(page);
    const { url, errors, data } = await session.send('Page.getAppManifest');
    expect(url).toBe(`${site.url}manifest.webmanifest`);
    expect(errors).toEqual([]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    // That the browser would say so, were it otherwise.
    const plain = await chromium.context.newPage();
    await plain.goto(`${site.url}repair.html`);
    const plainSession = await chromium.context.newCDPSession(plain);
    const refused = await plainSession.send('Page.getInstallabilityErrors');
    expect(refused.installabilityErrors.map(({ errorId }) => errorId)).toEqual(['no-manifest']);

    const manifest = JSON.parse(data ?? '') as {
      start_url: string;
      scope: string;
      icons: Picture[];
      screenshots: Picture[];
      shortcuts: { url: string; icons: Picture[] }[];
    };
    expect(manifest).toMatchObject({ short_name: 'Drydock', display: 'standalone' });
    const addressOf = (relative: string): string => new URL(relative, url).href;
    for (const relative of [manifest.start_url, manifest.scope, ...manifest.shortcuts.map(({ url }) => url)])
      expect(addressOf(relative).replace(/#.*/, '')).toBe(site.url);
    expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose ?? ''}`)).toEqual([
      'any any',
      '192x192 any',
      '512x512 any',
      '512x512 maskable',
    ]);
    for (const { src, sizes, type } of [
      ...manifest.icons,
      ...manifest.screenshots,
      ...manifest.shortcuts.flatMap(({ icons }) => icons),
    ]) {
      const response = await fetch(addressOf(src));
      expect(response.headers.get('content-type')).toBe(type);
      if (type === 'image/png') expect(pixelsOf(await response.arrayBuffer())).toBe(sizes);
    }
    const apple = await page.locator('link[rel=apple-touch-icon]').getAttribute('href');
    expect(pixelsOf(await (await fetch(addressOf(apple ?? ''))).arrayBuffer())).toBe('180x180');
  });

  test('a first fetch of the app that takes long shows how far it is', async () => {
    const goOn = site.hold(/^assets\/Workspace-.*\.js$/);
    const page = await open('/');
    await page.getByText('Keeping Drydock for use without a network').waitFor();
    await page.getByText(/^\d+ of \d+ files$/).waitFor();
    goOn();
    await appIsKept(page);
    await page.getByText('Keeping Drydock for use without a network').waitFor({ state: 'hidden' });
  });
});

test.each(['light', 'dark'] as const)('in the %s theme axe finds no serious fault', async (colorScheme) => {
  const page = await open('/offline');
  await page.emulateMedia({ colorScheme });
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.goto(`${site.url}#/offline`);
    await page.getByRole('button', { name: /The track “Images”$/ }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.goto(`${site.url}repair.html`);
    await page.getByRole('heading', { name: 'Repair Drydock' }).waitFor();
    expect(await faults(page)).toEqual([]);
  }
});

interface Picture {
  src: string;
  sizes: string;
  type: string;
  purpose?: string;
}

/** Width and height, as they stand in the head of a PNG. */
function pixelsOf(png: ArrayBuffer): string {
  const head = new DataView(png, 16);
  return `${head.getUint32(0)}x${head.getUint32(4)}`;
}

/** The built file of the page of images, which is fetched when that is first looked at. */
const imagesPageOf = (folder: string): string | undefined =>
  readdirSync(join(folder, 'assets')).find((name) => /^ImagesPage-.*\.js$/.test(name));

describe('when a newer version comes to the site', () => {
  test('a tab is offered it, goes on with its machine, and shows it when asked', async () => {
    const page = await open('/playground');
    await machineRuns(page);
    await appIsKept(page);
    await type(page, 'greeting="still the same shell"');
    site.deploy(newerApp);
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()));
    const reload = page.getByRole('button', { name: 'Reload now' });
    await reload.waitFor();
    await type(page, 'clear; echo "$greeting"');
    await shows(page, /^still the same shell/m);
    await reload.click();
    await page.getByRole('link', { name: 'Drydock, start page' }).click();
    await page.getByText('A lesson of the newer version').waitFor();
    expect(await page.evaluate(() => caches.keys())).not.toContain(`drydock-earlier-${site.url}`);
  });

  test('a tab goes on with its own when another tab takes it', async () => {
    expect(imagesPageOf(app)).not.toBe(imagesPageOf(newerApp));
    const old = await open('/playground');
    await machineRuns(old);
    await appIsKept(old);
    await type(old, 'greeting="still the same shell"');
    site.deploy(newerApp);

    const other = await open('/');
    await other.getByRole('button', { name: 'Reload now' }).click();
    await other.getByText('A lesson of the newer version').waitFor();
    await old.getByText('Another tab has taken a new version of Drydock.').waitFor();

    // A part of its own version, which only the service worker still has.
    await old.getByRole('link', { name: 'Images', exact: true }).click();
    await old.getByRole('heading', { name: /^Catalogue/ }).waitFor();
    // A part that nobody has any more.
    await old.evaluate((name) => caches.delete(name), `drydock-earlier-${site.url}`);
    await old.getByRole('link', { name: 'Offline', exact: true }).click();
    await old.getByText('This tab shows an earlier version, and the site has it no more.').waitFor();
    await old.getByText('Your machine goes on meanwhile.').waitFor();
    await old.getByRole('link', { name: /return to it/ }).click();
    await type(old, 'clear; echo "$greeting"');
    await shows(old, /^still the same shell/m);

    await saveSession(old);
    await old.reload();
    await machineRuns(old);
    await old.getByRole('link', { name: 'Drydock, start page' }).click();
    await old.getByText('A lesson of the newer version').waitFor();
  });
});

test('the repair page removes the copy of the app, and nothing that is the user’s', async () => {
  const page = await open('/');
  await appIsKept(page);
  await page.evaluate(async () => {
    await caches.open('drydock-machine');
    await caches.open('workbox-precache-v2-http://localhost/another/');
    await (await navigator.storage.getDirectory()).getFileHandle('mine', { create: true });
    localStorage.setItem('mine', 'here');
    indexedDB.open('mine');
  });
  const databases = () =>
    page.evaluate(() => indexedDB.databases().then((all) => all.map(({ name }) => name).sort()));
  await expect.poll(databases).toContain('mine');
  const before = await databases();

  const asked = site.asked.length;
  await page.goto(`${site.url}repair.html`);
  expect(site.asked.slice(asked)).toContain('repair.html');
  await page.getByText(`The service worker of ${site.url}`).waitFor();
  await page.getByRole('button', { name: 'Remove the copy of the app' }).click();
  await page.getByText(`Removed the service worker of ${site.url}.`).waitFor();
  await page.getByText('Nothing: this browser has no copy of the app.').waitFor();
  expect(await page.evaluate(() => caches.keys())).toEqual([
    'drydock-machine',
    'workbox-precache-v2-http://localhost/another/',
  ]);
  expect(await page.evaluate(() => localStorage.getItem('mine'))).toBe('here');
  expect(await databases()).toEqual(before);
  await page.evaluate(() => navigator.storage.getDirectory().then((folder) => folder.getFileHandle('mine')));
  await page.getByRole('link', { name: 'Open Drydock' }).click();
  await appIsKept(page);
});

test('where the app’s program cannot be loaded, the page says so and leads to the repair', async () => {
  await chromium.context.route(/\/assets\/index-.*\.js$/, (route) => route.abort());
  const page = await open('/');
  await page.getByText('Drydock could not be loaded.').waitFor();
  await page.getByRole('link', { name: 'repair page' }).click();
  await page.getByRole('heading', { name: 'Repair Drydock' }).waitFor();
});

test('a track of lessons is kept with the machine, cancelled, taken up where it was, and removed', async () => {
  const page = await open('/offline');
  const subject = 'The track “Containers”';
  await page.getByRole('button', { name: new RegExp(`^Keep offline .*: ${subject}$`) }).click();
  const chunks = (): string[] => site.asked.filter((name) => name.startsWith('machine/chunks/'));
  await expect.poll(() => chunks().length, READY).toBeGreaterThan(200);
  await page.getByRole('button', { name: `Cancel fetching: ${subject}` }).click();
  const rest = page.getByRole('button', { name: new RegExp(`^Keep the rest .*: ${subject}$`) });
  await rest.waitFor();
  await rest.click();
  await page.getByRole('button', { name: `Remove ${subject} from offline use` }).waitFor(READY);
  const asked = chunks();
  // What was under way when it was cancelled is all that is asked for again.
  expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(16);
  await page.getByRole('link', { name: 'hello-world:latest' }).waitFor();

  await page.getByRole('button', { name: `Remove ${subject} from offline use` }).click();
  await rest.waitFor();
  await page.getByRole('link', { name: 'hello-world:latest' }).waitFor({ state: 'hidden' });
  await page.getByText('The machine starts and runs without a network').waitFor();
});
