/** What a page, the files and the live view cost while they are open beside the terminals. */
import type { Page } from 'playwright-core';
import { launchChromium } from '../served-app.ts';
import { median } from './commands.ts';
import { measureEchoes } from './echo.ts';
import type { Metric } from './metric.ts';
import { leave, open, type Drydock } from './visit.ts';

/** How long the machine is left alone before it is watched. */
const QUIET_MILLISECONDS = 20_000;

/**
 * Windows in which it is watched. Now and then Go collects garbage in the Engine, in containerd, or in what it has for each
 * container, ten times as much as all else: the least busy window has none of it, but has whatever is done all the time.
 */
const WINDOWS = 9;
const WINDOW_MILLISECONDS = 10_000;

const CONTAINERS = `
docker network create front && docker volume create data
for i in 1 2 3 4 5 6; do docker run -d --name c$i --network front -v data:/data busybox sleep 10000; done
docker run -d --name web -p 8080:80 nginx`;

/** @param url of the app */
export async function measureTools(url: string): Promise<Metric[]> {
  // Pages of containers need service workers.
  const { context, close } = await launchChromium(['--disable-3d-apis'], 'allow');
  try {
    const { page } = await open(await context.newPage(), url);
    await page.evaluate(
      (script) =>
        (globalThis as unknown as { drydock: Drydock }).drydock.session.exec(script, { timeout: 240 }),
      CONTAINERS,
    );
    const closed = await idleInstructions(page);
    await page.getByRole('list', { name: 'Open ports' }).getByRole('button', { name: '8080' }).click();
    await page.frameLocator('section.preview iframe').getByText('Welcome to nginx!').waitFor();
    await page.getByRole('button', { name: 'Files' }).click();
    await page.getByRole('tree').waitFor();
    await page.getByRole('button', { name: 'Live view' }).click();
    await page.getByRole('button', { name: /^Container web running/ }).waitFor();
    const opened = await idleInstructions(page);
    const echoes = await measureEchoes(page, Promise.resolve());
    await leave(page, url);
    return [
      {
        id: 'idle-closed',
        title: 'the least busy ten of ninety idle seconds, with seven containers',
        instructions: closed,
      },
      {
        id: 'idle-open',
        title: 'the same with a page, files and the live view open',
        instructions: opened,
        goal: '≤ 1.02 ×',
      },
      {
        id: 'echo-open',
        title: 'key → echo with a page, files and the live view open',
        seconds: median(echoes),
        goal: '≤ 0.1 s',
      },
    ];
  } finally {
    await close();
  }
}

/** Instructions that the machine executes in the least busy window while nothing happens. */
async function idleInstructions(page: Page): Promise<number> {
  await page.waitForTimeout(QUIET_MILLISECONDS);
  const windows: number[] = [];
  for (let i = 0; i < WINDOWS; i++) {
    const before = await instructions(page);
    await page.waitForTimeout(WINDOW_MILLISECONDS);
    windows.push((await instructions(page)) - before);
  }
  return Math.min(...windows);
}

async function instructions(page: Page): Promise<number> {
  const statistics = await page.evaluate(() =>
    (globalThis as unknown as { drydock: Drydock }).drydock.session.current.readStatistics(),
  );
  if (!statistics) throw new Error('the machine does not run');
  return statistics.instructions;
}
