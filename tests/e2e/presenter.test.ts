/** A lesson shown to a class: the mode, the remote, and the two windows beside it. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, READY, run, saveSession, screen, shoot, shows, type, useApp } from './browser.ts';
import { openLesson, promptIsBack } from './lesson-page.ts';

const app = useApp();

/** For what one window tells another. */
const SOON = { timeout: 15_000 };

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const;

const ticker = (page: Page) => page.getByRole('region', { name: 'Commands that were typed' });

const bar = (page: Page) => page.getByRole('toolbar', { name: 'Presenter' });

const spotlight = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.documentElement.dataset['spotlight']);

/** Begins to present. */
async function begin(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+Y');
  await bar(page).waitFor();
}

/** Opens a window by its button on the bar. */
async function openBeside(page: Page, button: string): Promise<Page> {
  // The bar comes when the pointer is at the upper edge.
  await page.mouse.move(700, 300);
  await page.mouse.move(700, 4);
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    bar(page).getByRole('button', { name: button }).click(),
  ]);
  await opened.waitForLoadState();
  return opened;
}

/** Looks at a window in both themes, at all sizes. */
async function inspect(page: Page, name: string): Promise<void> {
  const before = page.viewportSize() ?? { width: 1440, height: 900 };
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of SIZES) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await shoot(page, `presenter-${name}-${colorScheme}-${width}`);
      expect(await faults(page), `${name} ${colorScheme} ${width}`).toEqual([]);
    }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  // A terminal that moves to another layout loses the focus, and what is typed just then.
  await page.locator('main.narrow').waitFor({ state: 'detached' });
}

test('the mode: large type, the ticker, the spotlight and the remote', async () => {
  const page = await openLesson(app);
  await promptIsBack(page);
  const usual = await page.locator('.xterm-rows').evaluate((rows) => getComputedStyle(rows).fontSize);
  await begin(page);
  await page.getByRole('banner').waitFor({ state: 'detached' });
  await page.getByRole('contentinfo').waitFor({ state: 'detached' });
  await shoot(page, 'presenter-bar');
  expect(await faults(page)).toEqual([]);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('22px');
  expect(await page.locator('.xterm-rows').evaluate((rows) => getComputedStyle(rows).fontSize)).not.toBe(
    usual,
  );

  await ticker(page).getByText('What is typed in the terminals is shown here.').waitFor();
  await type(page, 'ls /nothing-here');
  await ticker(page).getByText('ls /nothing-here').waitFor();
  await ticker(page).getByText('Failed, code 2').waitFor(READY);
  await type(page, 'docker run -it --rm busybox sh');
  await shows(page, /^\/ #/m);
  await type(page, 'echo in-the-container');
  await ticker(page).locator('.last').getByText('echo in-the-container').waitFor();
  await ticker(page).locator('.last').getByText('Typed').waitFor();
  // What is typed before the prompt is there is not known for a command.
  await shows(page, /^in-the-container\s+\/ #\s*$/m);
  await type(page, 'read -s secret');
  await ticker(page).locator('.last').getByText('read -s secret').waitFor();
  await type(page, 'hunter2');
  await type(page, 'exit');
  await promptIsBack(page);
  expect(await ticker(page).innerText()).not.toContain('hunter2');

  const terminalWidth = (): Promise<number | undefined> =>
    page
      .locator('[data-spot=terminals]')
      .boundingBox()
      .then((box) => box?.width);
  expect(await spotlight(page)).toBe('none');
  await page.keyboard.press('Control+Shift+D');
  expect(await spotlight(page)).toBe('lesson');
  const width = await terminalWidth();
  await shoot(page, 'presenter-spotlight');
  await page.locator('[data-spot=terminals]').click({ position: { x: 60, y: 200 } });
  expect(await spotlight(page)).toBe('terminals');
  expect(await terminalWidth()).toBe(width);
  await page.keyboard.press('Control+Shift+D');
  expect(await spotlight(page)).toBe('none');

  // What is beside the terminals is lit too, as long as it is there.
  await page.keyboard.press('Control+Shift+O');
  await page.locator('[data-spot=side]').waitFor();
  for (const pane of ['lesson', 'terminals', 'side']) {
    await page.keyboard.press('Control+Shift+D');
    expect(await spotlight(page)).toBe(pane);
  }
  await shoot(page, 'presenter-side');
  await page.keyboard.press('Control+Shift+O');
  await page.locator('[data-spot=side]').waitFor({ state: 'detached' });
  await expect.poll(() => spotlight(page), SOON).toBe('none');

  // In the terminal, and outside of it.
  await page.locator('.xterm-helper-textarea').first().focus();
  await page.keyboard.press('PageDown');
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
  });
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Keep one running' }).waitFor();
  await page.keyboard.press('PageUp');
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await page.keyboard.press('b');
  const black = page.getByRole('button', { name: 'The screen is black. Show it again' });
  await black.waitFor();
  await page.keyboard.press('PageDown');
  await black.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await inspect(page, 'mode');

  // A full-screen program keeps its keys.
  await type(page, 'less /etc/services');
  await shows(page, /^\/etc\/services/m);
  const before = await screen(page);
  await page.keyboard.press('PageDown');
  await expect.poll(() => screen(page), SOON).not.toBe(before);
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await page.keyboard.press('q');
  await promptIsBack(page);

  // A reload goes on with it, and leaving gives everything back.
  await saveSession(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await bar(page).waitFor();
  await bar(page).press('Escape');
  await machineRuns(page);
  await page.getByRole('banner').waitFor();
  expect(await page.locator('.xterm-rows').evaluate((rows) => getComputedStyle(rows).fontSize)).toBe(usual);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('the speaker notes and the second screen', async () => {
  const page = await app.open('/lesson/first-container/1');
  await machineRuns(page);
  await promptIsBack(page);
  await begin(page);

  const notes = await openBeside(page, 'Open the speaker notes in a window');
  await notes.getByRole('heading', { name: 'A machine of your own' }).waitFor();
  await notes.getByText('Say at the start').waitFor();
  await page.getByText('Say at the start').waitFor({ state: 'detached' });
  await notes.getByRole('button', { name: 'Start' }).click();
  await expect.poll(() => notes.getByRole('timer').innerText(), SOON).not.toBe('0:00');
  await type(page, 'docker version');
  await notes.getByRole('listitem').filter({ hasText: 'docker version' }).getByText('Done').waitFor(READY);
  await inspect(notes, 'notes');
  await notes.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Run a container' }).waitFor();
  await notes.getByText('will the container still run afterwards').waitFor();
  await notes.keyboard.press('PageUp');
  await page.getByRole('heading', { name: 'A machine of your own' }).waitFor();

  await run(page, 'echo before-the-second-screen');
  const second = await openBeside(page, 'Open a second screen in a window');
  await second.getByRole('heading', { name: 'A machine of your own' }).waitFor();
  await shows(second, /^before-the-second-screen/m);
  await type(page, 'echo seen-$((40 + 2))');
  await shows(second, /^seen-42/m);
  await ticker(second).locator('.last').getByText('echo seen-$((40 + 2))').waitFor();
  await ticker(second).locator('.last').getByText('Done').waitFor();
  await page.keyboard.press('Control+Shift+D');
  await expect.poll(() => spotlight(second), SOON).toBe('lesson');
  await notes.getByRole('button', { name: 'Spotlight: lesson' }).click();
  await expect.poll(() => spotlight(second), SOON).toBe('terminals');
  await notes.getByRole('button', { name: 'Spotlight: terminals' }).click();
  await expect.poll(() => spotlight(second), SOON).toBe('none');
  await inspect(second, 'screen');

  // Another terminal that gets the focus is the one that is shown.
  await page.keyboard.press('Control+Shift+Enter');
  await second.getByText('node1 (2)').first().waitFor();
  await page.locator('.xterm-helper-textarea').first().focus();
  await shows(page, /root@node1/);
  await type(page, 'echo from-the-other');
  await shows(second, /^from-the-other/m);
  expect(await screen(second)).not.toContain('seen-42');

  // It has no machine of its own, and no way to one.
  expect(second.workers()).toEqual([]);
  expect(
    await second.evaluate(
      () => (globalThis as unknown as { drydock: { session: { phase: string } } }).drydock.session.phase,
    ),
  ).toBe('idle');

  // The presenter's window goes, and comes back.
  await saveSession(page);
  await page.reload();
  await bar(page).waitFor();
  await machineGoesOn(page);
  await notes.getByText('is gone').waitFor({ state: 'detached', timeout: 30_000 });
  await run(page, 'echo after-the-reload');
  await shows(second, /^after-the-reload/m);
  await page.close();
  await notes.getByText('The presenter’s window is gone.').waitFor({ timeout: 30_000 });
  await second.getByText('The presenter’s window is gone.').waitFor({ timeout: 30_000 });
  await shoot(notes, 'presenter-notes-gone');
  await notes.close();
  await second.close();
  expect(app.takeErrors()).toEqual([]);
});

/** Waits until the machine runs on; there is no status bar to say so. */
async function machineGoesOn(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      (globalThis as unknown as { drydock: { session: { phase: string } } }).drydock.session.phase ===
      'running',
    undefined,
    READY,
  );
}
