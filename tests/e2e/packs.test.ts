/** Lesson packs: looked at before they are added, kept by the browser, and refused when they are bad. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { drop, machineRuns, shows, useApp } from './browser.ts';
import { bomb, crowd } from './zip-attacks.ts';

const app = useApp();
const folder = mkdtempSync(join(tmpdir(), 'drydock-packs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const lesson = (body: string, id = 'hello') => `---
id: ${id}
title: A lesson from a pack
summary: It came in a zip.
minutes: 5
author: An instructor
licence: MIT
images: ['busybox:latest', 'mongo:7']
---

## The step

${body}
`;

/** Draws a line, and would run a script if anybody let it. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="globalThis.bad = 1"><script>globalThis.bad = 1; top.bad = 1</script><rect width="9" height="9"/></svg>`;

async function store(name: string, blob: Blob): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(await blob.arrayBuffer()));
  return path;
}

async function zip(name: string, files: Record<string, string>): Promise<string> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [path, text] of Object.entries(files)) await writer.add(path, new TextReader(text));
  return store(name, await writer.close());
}

async function choose(page: Page, path: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /Add a lesson pack|Choose a zip/ }).click();
  await (await chooser).setFiles(path);
}

/** Ids of the packs that the browser keeps. */
async function keptPacks(page: Page): Promise<unknown[]> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === 'drydock-packs')) return [];
    return new Promise<unknown[]>((resolve, reject) => {
      const opening = indexedDB.open('drydock-packs');
      opening.onerror = () => {
        reject(opening.error ?? new Error('IndexedDB does not open'));
      };
      opening.onsuccess = () => {
        const keys = opening.result.transaction('packs').objectStore('packs').getAllKeys();
        keys.onsuccess = () => {
          opening.result.close();
          resolve(keys.result);
        };
      };
    });
  });
}

test('a pack is looked at, added, used, found again after a reload, and removed with a way back', async () => {
  const good = await zip('course.zip', {
    'course/hello/lesson.md': lesson('![A square](square.svg)\n\n```run\necho from the pack\n```'),
    'course/hello/square.svg': SVG,
  });
  const page = await app.open('/');
  await choose(page, good);
  await page.getByRole('heading', { name: 'A lesson from a pack' }).waitFor();
  await page.getByText('Needs the images busybox:latest, mongo:7').waitFor();
  await page.getByText('The hub does not have mongo:7').waitFor();
  expect(
    await page.evaluate(
      () => (globalThis as { drydock?: { session: { phase: string } } }).drydock?.session.phase,
    ),
  ).toBe('idle');
  await page.getByRole('button', { name: 'Add to my lessons' }).click();
  await machineRuns(page);
  await page.getByRole('button', { name: /^Run echo from the pack/ }).click();
  await shows(page, /^from the pack$/m);
  const picture = page.getByAltText('A square');
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(0);
  await page.reload();
  await page.getByRole('button', { name: /^Run echo from the pack.*already used/ }).waitFor();
  expect(await page.evaluate(() => 'bad' in globalThis)).toBe(false);

  await page.goto(`${app.app.url}#/`);
  await page.getByRole('link', { name: /A lesson from a pack/ }).waitFor();
  await page.getByRole('button', { name: 'Remove the pack course.zip' }).click();
  await page.getByRole('link', { name: /A lesson from a pack/ }).waitFor({ state: 'detached' });
  expect(await keptPacks(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: /A lesson from a pack/ }).waitFor();
  expect(await keptPacks(page)).toEqual(['course']);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a link names a pack', async () => {
  const path = await zip('linked.zip', { 'lesson.md': lesson('Words.') });
  const page = await app.open('/');
  await page.route('**/packs/linked.zip', (route) => route.fulfill({ path }));
  await page.goto(`${app.app.url}?pack=packs/linked.zip`);
  await page.getByRole('button', { name: 'Add to my lessons' }).waitFor();
  await page.goto(`${app.app.url}?pack=${encodeURIComponent('javascript:alert(1)')}`);
  await page.getByRole('alert').getByText('must begin with https://').waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a pack of another site is fetched if that allows it', async () => {
  const path = await zip('elsewhere.zip', { 'lesson.md': lesson('Words.') });
  const page = await app.open('/');
  await page.route('https://open.example/*', (route) =>
    route.fulfill({ path, headers: { 'access-control-allow-origin': '*' } }),
  );
  await page.goto(`${app.app.url}?pack=https://open.example/elsewhere.zip`);
  await page.getByRole('button', { name: 'Add to my lessons' }).waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.route('https://closed.example/*', (route) =>
    route.fulfill({ path, headers: { 'access-control-allow-origin': 'https://closed.example' } }),
  );
  await page.goto(`${app.app.url}?pack=https://closed.example/elsewhere.zip`);
  await page.getByRole('alert').getByText('does not let other sites fetch the pack (CORS)').waitFor();
  expect(app.takeErrors().join()).toContain('CORS policy');
  await page.close();
});

test('a folder that is dropped on the page is a pack', async () => {
  const course = join(folder, 'my-course');
  mkdirSync(join(course, 'hello'), { recursive: true });
  writeFileSync(join(course, 'hello', 'lesson.md'), lesson('![A square](square.svg)'));
  writeFileSync(join(course, 'hello', 'square.svg'), SVG);
  const page = await app.open('/');
  await page.getByRole('button', { name: 'Add a lesson pack' }).waitFor();
  await drop(page, course);
  await page.getByRole('heading', { name: 'A lesson from a pack' }).waitFor();
  await page.getByText('my-course').first().waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test.each<[string, Record<string, string> | (() => Blob | Promise<Blob>), string]>([
  ['script', { 'lesson.md': lesson('<script>globalThis.bad = 1</script>') }, 'HTML cannot be used'],
  ['event', { 'lesson.md': lesson('<img src=x onerror="globalThis.bad = 1">') }, 'HTML cannot be used'],
  ['link', { 'lesson.md': lesson('[Click](javascript:globalThis.bad=1)') }, 'expected a link to https://'],
  ['escape', { 'lesson.md': lesson('Words.'), 'x/../../y.md': 'x' }, 'must stay within the pack'],
  ['bomb of 2 GB', () => bomb(2 ** 31), 'bomb.txt comes to 2147 MB'],
  ['bomb that lies about its size', () => bomb(100), 'The file is not a zip, or it is damaged'],
  ['100 000 files', () => crowd(1e5), 'The pack has more than 1000 files'],
  ['empty', { 'readme.txt': 'x' }, 'There is no lesson in the pack'],
])('a bad pack (%s) is refused, and touches nothing', async (name, files, message) => {
  const page = await app.open('/');
  const before = await keptPacks(page);
  const path =
    typeof files === 'function' ? await store(`${name}.zip`, await files()) : await zip(`${name}.zip`, files);
  await choose(page, path);
  await page.getByRole('alert').getByText(message).waitFor();
  expect(await page.evaluate(() => 'bad' in globalThis)).toBe(false);
  expect(await keptPacks(page)).toEqual(before);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
