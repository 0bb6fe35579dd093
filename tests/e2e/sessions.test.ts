/** The page of sessions, without a machine: what is in the list, what can be done with it, and how files come to it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { faults } from './axe.ts';
import { launchChromium } from '../served-app.ts';
import { drop, machineRuns, run, screen, shoot, useApp } from './browser.ts';
import { addFile, kept, listText, namedSession, row, sessionFile } from './session-page.ts';

const app = useApp();
const folder = mkdtempSync(join(tmpdir(), 'drydock-sessions-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function store(name: string, file: Blob): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(await file.arrayBuffer()));
  return path;
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent.trim());

test('a session is added, renamed, copied, exported, deleted, had back, and deleted for good', async () => {
  const page = await app.open('/sessions');
  await page.getByText('None yet').waitFor();
  await addFile(page, await sessionFile());
  const added = row(page, 'Test (imported)');
  await added.waitFor();
  await page.getByText('Continue starts its machine').waitFor();
  expect(await added.innerText()).toMatch(/Playground · saved just now · \d+ B · 2 checkpoints/);
  expect(await added.getByRole('figure', { name: 'What the terminal showed last' }).innerText()).toBe(
    '$ ls\nfile',
  );

  await added.getByRole('button', { name: 'Rename' }).press('Enter');
  await page.keyboard.type('never mind');
  await page.keyboard.press('Escape');
  await added.waitFor();
  expect(await focused(page)).toBe('Rename');
  await page.keyboard.press('Enter');
  await page.keyboard.type('My <b>lab</b>');
  await page.keyboard.press('Enter');
  const mine = row(page, 'My <b>lab</b>');
  await mine.waitFor();
  expect(await focused(page)).toBe('Rename');

  await mine.getByRole('button', { name: 'Duplicate' }).click();
  await row(page, 'Copy of My <b>lab</b>').waitFor();
  const download = page.waitForEvent('download');
  await mine.getByRole('button', { name: 'Export' }).click();
  expect((await download).suggestedFilename()).toBe('My blabb.drydock');
  await addFile(page, new Blob([await readFile(await (await download).path())]));
  await row(page, 'My <b>lab</b> (imported)').waitFor();

  const before = await listText(page);
  await mine.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await mine.waitFor();
  expect(await listText(page)).toBe(before);
  await mine.getByRole('button', { name: 'Delete' }).press('Enter');
  await page.getByText('“My <b>lab</b>” was deleted').last().waitFor();
  await expect
    .poll(async () => (await kept(page)).filter((one) => one.includes('"My <b>lab</b>"')), {
      timeout: 120_000,
    })
    .toEqual([]);
  await page.reload();
  await row(page, 'Copy of My <b>lab</b>').waitFor();
  expect(await mine.count()).toBe(0);
  const files = (await kept(page)).filter((one) => /^[\w-]+\//.test(one));
  expect(new Set(files.map((one) => one.split('/')[0])).size, 'two sessions have files').toBe(2);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('files that are dropped are added, one is refused, and what was deleted stays so after a reload', async () => {
  const page = await app.open('/sessions');
  await page.getByText('Or drop one on this page').waitFor();
  await drop(
    page,
    await store('one.drydock', await namedSession('One')),
    await store('none.drydock', new Blob(['no session'])),
    await store('two.drydock', await namedSession('Two')),
    folder,
  );
  await row(page, 'One (imported)').waitFor();
  await row(page, 'Two (imported)').waitFor();
  const alert = page.getByRole('alert');
  await alert.getByText('none.drydock was not added. This file is no session of Drydock').waitFor();
  await alert.getByText('could not be read. Choose it again; a folder cannot be added.').waitFor();
  await shoot(page, 'dropped', true);
  await row(page, 'One (imported)').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await page.reload();
  await row(page, 'Two (imported)').waitFor();
  expect(await row(page, 'One (imported)').count()).toBe(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await faults(page)).toEqual([]);
  }
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a link is asked about, then its file is fetched from another site that allows it', async () => {
  const page = await app.open('/sessions');
  const body = Buffer.from(await (await namedSession('Linked')).arrayBuffer());
  let fetched = 0;
  await page.route('https://open.example/*', (route) => {
    fetched++;
    return route.fulfill({ body, headers: { 'access-control-allow-origin': '*' } });
  });
  await page.goto(`${app.app.url}?session=https://open.example/linked.drydock`);
  await page.getByText('https://open.example/linked.drydock').waitFor();
  await page.getByText('None yet').waitFor();
  await shoot(page, 'link', true);
  expect(fetched).toBe(0);
  await page.getByRole('button', { name: 'Fetch it' }).click();
  await row(page, 'Linked (imported)').waitFor();
  expect(fetched).toBe(1);
  expect(new URL(page.url()).hash).toBe('#/sessions');
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a link that leads to nothing says why, and what to do', async () => {
  const page = await app.open('/sessions');
  await addFile(page, await namedSession('Mine'));
  await row(page, 'Mine (imported)').waitFor();
  const before = await kept(page);
  const cors = { 'access-control-allow-origin': '*' };
  await page.route('https://*.example/*', (route) => {
    const { host } = new URL(route.request().url());
    if (host === 'missing.example') return route.fulfill({ status: 404, headers: cors, body: 'none' });
    if (host === 'closed.example')
      return route.fulfill({
        body: 'x',
        headers: { 'access-control-allow-origin': 'https://closed.example' },
      });
    if (host === 'huge.example')
      return route.fulfill({ body: 'x', headers: { ...cors, 'content-length': '2000000000' } });
    if (host === 'other.example') return route.fulfill({ body: '<!doctype html>', headers: cors });
    return route.abort();
  });
  for (const [link, message] of [
    ['https://missing.example/a', 'missing.example answered 404 for the file. Ask for the link again'],
    [
      'https://closed.example/a',
      'closed.example could not be reached, broke off, or does not let other sites',
    ],
    ['https://gone.example/a', 'Download the file with the browser, and drop it on this page.'],
    ['https://huge.example/a', 'larger than the 1000 MB that a session may have'],
    ['https://other.example/a', 'This file is no session of Drydock.'],
    ['nowhere.drydock', '/nowhere.drydock was not added'],
  ] as const) {
    await page.goto(`${app.app.url}?session=${encodeURIComponent(link)}`);
    await page.getByRole('button', { name: 'Fetch it' }).click();
    await page.getByRole('alert').getByText(message).waitFor();
  }
  await shoot(page, 'link-refused', true);
  for (const link of [
    'javascript:alert(1)',
    'data:,x',
    'file:///etc/passwd',
    'http://x.example/a',
    'https://',
  ]) {
    await page.goto(`${app.app.url}?session=${encodeURIComponent(link)}`);
    await page.getByRole('alert').getByText('Its address must begin with https://').waitFor();
    expect(await page.getByRole('button', { name: 'Fetch it' }).count()).toBe(0);
  }
  await page.getByRole('link', { name: 'Leave it' }).click();
  await row(page, 'Mine (imported)').waitFor();
  expect(await kept(page)).toEqual(before);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('a browser that keeps nothing says so, and what is added lasts as long as the tab', async () => {
  const blocked = await launchChromium([], 'allow', 'blocked');
  const page = await blocked.context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${app.app.url}#/sessions`);
  await page.getByText('This browser keeps nothing for this page').waitFor();
  await addFile(page, await sessionFile());
  await page.getByText('It lasts until this tab is closed').waitFor();
  const added = row(page, 'Test (imported)');
  await added.getByRole('button', { name: 'Duplicate' }).click();
  const copy = row(page, 'Copy of Test (imported)');
  await copy.waitFor();
  const download = page.waitForEvent('download');
  await copy.getByRole('button', { name: 'Export' }).click();
  expect((await readFile(await (await download).path())).length).toBeGreaterThan(1000);
  await copy.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await copy.waitFor();
  await shoot(page, 'keeps-nothing', true);
  await page.reload();
  await page.getByText('None yet').waitFor();
  expect(errors).toEqual([]);
  await blocked.close();
});

describe('with a machine', () => {
  test('a browser that keeps nothing runs it all the same', async () => {
    const blocked = await launchChromium(['--disable-3d-apis'], 'allow', 'blocked');
    const page = await blocked.context.newPage();
    await page.goto(`${app.app.url}#/playground`);
    await machineRuns(page);
    await page.getByText('not saved here').waitFor();
    await run(page, 'echo "it works"');
    expect(await screen(page)).toMatch(/^it works/m);
    await blocked.close();
  });
});
