/** A page of the built app for a test, which fails on any console error that the test did not expect. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { forgetSessions, launchChromium, serveApp, type Profile, type ServedApp } from '../served-app.ts';

/** Restoring takes seconds alone, more on a busy host. */
export const READY = { timeout: 180_000 };

/** Booting takes 40 s alone, several times that beside the tests' other machines. */
export const BOOTED = { timeout: 420_000 };

export interface TestApp {
  app: ServedApp;
  chromium: Profile;
  /**
   * Opens a page at a hash route such as `/playground`. What earlier pages have saved of their machines is forgotten,
   * unless the test is about that.
   */
  open(route: string, sessions?: 'forgotten' | 'kept'): Promise<Page>;
  /** What pages wrote to the console as errors or threw, since the last call. */
  takeErrors(): string[];
}

export interface AppOptions {
  /** Chromium's, besides the usual ones. */
  flags?: string[];
  serviceWorkers?: 'allow';
  /** A folder of lessons in the place of the app's own. */
  lessons?: string;
}

/** Serves the app and starts a browser for the tests of a file. */
export function useApp({ flags = [], serviceWorkers, lessons }: AppOptions = {}): TestApp {
  const context = {} as TestApp;
  let errors: string[] = [];
  context.takeErrors = () => {
    const taken = errors;
    errors = [];
    return taken;
  };
  context.open = async (route, sessions = 'forgotten') => {
    const page = await context.chromium.context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    if (sessions === 'forgotten') await forgetSessions(page, context.app.url);
    await page.goto(`${context.app.url}#${route}`);
    return page;
  };
  beforeAll(async () => {
    context.app = await serveApp(inject('release'), lessons);
    // Without 3D xterm.js draws with the DOM, whose text a test can read.
    context.chromium = await launchChromium(['--disable-3d-apis', ...flags], serviceWorkers);
  });
  afterAll(async () => {
    await context.chromium.close();
    await context.app.close();
  });
  return context;
}

/** Saves the whole machine of the page, as a user would before leaving. */
export async function saveSession(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+S');
  await page.getByText('The session is saved').first().waitFor({ timeout: 60_000 });
}

/** Waits until the machine of the page runs. */
export async function machineRuns(page: Page): Promise<void> {
  await page.getByRole('contentinfo').getByText('Running').waitFor(READY);
}

/** What the visible terminals show. */
export async function screen(page: Page): Promise<string> {
  return (await page.locator('.xterm-rows > div').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
}

/** Types a line into the focused terminal. */
export async function type(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').first().focus();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

/** Waits until the terminals show `text`. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  await expect.poll(() => screen(page), { timeout: 120_000, interval: 100 }).toMatch(text);
}

/** Types a command and waits until it has printed what it ends with. */
export async function run(page: Page, command: string): Promise<void> {
  const mark = 10_000_000 + Math.floor(Math.random() * 89_000_000);
  await type(page, `${command}; echo done-$((${mark} + 0))`);
  await shows(page, new RegExp(`^done-${mark}`, 'm'));
}

/** Kills the tab as a fault in the browser would. It is not to be closed then: that would never end. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // It is never answered.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Makes a checkpoint of this name; its dialog stays open. */
export async function makeCheckpoint(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+Shift+Z');
  await page.getByLabel('Name of the checkpoint').fill(name);
  await page.getByRole('button', { name: 'Make a checkpoint' }).click();
  await page.getByText(`Saved: ${name}`).waitFor({ timeout: 60_000 });
}

/** Drops files or folders from the disk on the page. */
export async function drop(page: Page, ...paths: string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', {
      type,
      x: 300,
      y: 300,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
}

const shots = process.env.DRYDOCK_SHOTS;

/** Takes a picture of the page, where somebody wants to look at it. */
export async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage });
}
