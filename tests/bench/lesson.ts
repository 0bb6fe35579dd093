/** What a lesson costs beside the machine: processor time when no task is open, and the keys while checks run. */
import type { BrowserContext, Page } from 'playwright-core';
import { median } from './commands.ts';
import { measureEchoes } from './echo.ts';
import type { Metric } from './metric.ts';
import { rendererSeconds } from './renderer.ts';
import { leave, open } from './visit.ts';

/** A step without tasks, and one with some that are not done. */
const READING = '/lesson/first-container/1';
const OPEN_TASKS = '/lesson/first-container/2';

/** How long the page is left alone first, until the boot pack is in and the guest is quiet, and then watched. */
const QUIET_MILLISECONDS = 20_000;
const WATCH_MILLISECONDS = 60_000;

/** Long enough for five rounds of checks at their shortest pauses. */
const TYPING_MILLISECONDS = 20_000;

/** @param url of the app */
export async function measureLesson(context: BrowserContext, url: string): Promise<Metric[]> {
  const at = async <T>(route: string, measure: (page: Page) => Promise<T>): Promise<T> => {
    const page = await context.newPage();
    await open(page, url, route);
    await page.waitForTimeout(QUIET_MILLISECONDS);
    const measured = await measure(page);
    await leave(page, url);
    return measured;
  };
  const idleShare = async (page: Page): Promise<number> => {
    const before = rendererSeconds();
    await page.waitForTimeout(WATCH_MILLISECONDS);
    return (rendererSeconds() - before) / (WATCH_MILLISECONDS / 1000);
  };
  const echoes = (page: Page): Promise<number[]> =>
    measureEchoes(page, page.waitForTimeout(TYPING_MILLISECONDS));

  const playground = await at('/playground', async (page) => ({
    share: await idleShare(page),
    echoes: await echoes(page),
  }));
  const reading = await at(READING, idleShare);
  const checked = await at(OPEN_TASKS, echoes);
  return [
    {
      id: 'lesson-idle',
      title: 'processor time per second in a lesson without an open task, beyond that of the playground',
      seconds: reading - playground.share,
      goal: '≤ 0.01 s',
    },
    { id: 'echo-quiet', title: 'key → echo in the playground', seconds: median(playground.echoes) },
    { id: 'echo-checks', title: 'key → echo while tasks are checked', seconds: median(checked) },
    {
      id: 'echo-quiet-worst',
      title: 'key → echo in the playground, slowest key',
      seconds: Math.max(...playground.echoes),
    },
    {
      id: 'echo-checks-worst',
      title: 'key → echo while tasks are checked, slowest key',
      seconds: Math.max(...checked),
      goal: '≤ 0.1 s',
    },
  ];
}
