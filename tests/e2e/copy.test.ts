/** A copy to take along: what it has, by its own servers, on localhost and by plain HTTP from another computer. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, type Profile } from '../served-app.ts';
import { machineRuns, shows, type } from './browser.ts';

/** Leads to this computer, and is to the browser another one. */
const CLASSROOM = 'classroom.test';

let folder: string;
let copy: string;
let chromium: Profile;
const servers: ChildProcess[] = [];
let errors: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-copy-'));
  copy = join(folder, 'copy');
  const options = ['--tracks', 'Under the hood', '--images', 'drydock/whoami:v1', '--without-small'];
  execFileSync('npx', ['tsx', 'bin/pack.ts', ...options, '--out', copy]);
  chromium = await launchChromium(['--disable-3d-apis', `--host-resolver-rules=MAP ${CLASSROOM} 127.0.0.1`]);
});
afterAll(async () => {
  await chromium.close();
  for (const server of servers) server.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a server of the copy. Resolves with its port. */
async function serve(program: string, script: string): Promise<number> {
  const server = spawn(program, [join(copy, script), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  for await (const line of createInterface({ input: server.stdout })) {
    const port = /http:\/\/localhost:(\d+)\//.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`${script} has ended.`);
}

async function open(url: string): Promise<Page> {
  errors = [];
  const page = await chromium.context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  return page;
}

/** Pulls the image that was chosen; another one is not there. */
async function pull(page: Page): Promise<void> {
  await machineRuns(page);
  await type(page, 'clear; docker pull -q drydock/whoami:v1');
  await shows(page, /^docker\.io\/drydock\/whoami:v1/m);
  await type(page, 'clear; docker pull -q alpine 2>&1 | tail -1');
  await shows(page, /not found|does not|denied/);
}

test('Node: only the chosen lessons and images are there, and one can be pulled', async () => {
  const url = `http://localhost:${await serve(process.execPath, 'serve.mjs')}/`;
  const page = await open(url);
  const lessons = page.locator('a[href*="#/lesson/"] h4');
  await lessons.first().waitFor();
  expect(await lessons.allInnerTexts()).toEqual(['Limits and cgroups', 'Namespaces by hand']);

  await page.goto(`${url}#/images`);
  await page.getByText('whoami').first().waitFor();
  const main = await page.getByRole('main').innerText();
  expect(main).toContain('busybox');
  expect(main).not.toMatch(/alpine|nginx/);

  await page.goto(`${url}#/playground`);
  await pull(page);
  expect(errors).toEqual([]);
  await page.close();
});

test('Python, by plain HTTP from another computer: the machine runs, and the page says what it lacks', async () => {
  const url = `http://${CLASSROOM}:${await serve('python3', 'serve.py')}/`;
  const page = await open(`${url}#/playground`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await pull(page);
  await type(page, String.raw`clear; printf '\e]52;c;aGVsbG8=\a'; echo copied`);
  await shows(page, /^copied/m);
  await page.goto(`${url}#/images`);
  await page.getByText('This browser keeps no files for a page without HTTPS').waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test('nothing else is in it', () => {
  expect(readdirSync(copy).sort()).toEqual(
    [
      'LICENSE',
      'READ ME FIRST.txt',
      'THIRD-PARTY.md',
      'serve.mjs',
      'serve.py',
      'site',
      'start.bat',
      'start.sh',
    ].sort(),
  );
  const profiles = readdirSync(join(copy, 'site/machine/files')).filter((name) => name.startsWith('small'));
  expect(profiles).toEqual([]);
});
