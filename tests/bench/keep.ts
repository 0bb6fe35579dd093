/** What it costs to keep a session: the way back to it, the pause for a checkpoint, and the room that it takes. */
import type { BrowserContext, Page } from 'playwright-core';
import { median } from './commands.ts';
import type { Metric } from './metric.ts';
import { leave, open, untilRunning, type Drydock } from './visit.ts';

/** A lesson that can be finished by clicking all that its text has to be run. */
const LESSON = '/lesson/first-container';

/** For one command of it, in milliseconds. */
const COMMAND_MILLISECONDS = 600_000;

const RETURNS = 5;

/** @param url of the app */
export async function measureKeeping(context: BrowserContext, url: string): Promise<Metric[]> {
  const page = await context.newPage();
  await open(page, url, LESSON);
  await followLesson(page);
  const returns: number[] = [];
  const pauses: number[] = [];
  for (let i = 0; i < RETURNS; i++) {
    await save(page, 'checkpoint');
    await save(page, 'latest');
    const { moments } = await kept(page);
    pauses.push(...moments.slice(-2).map(({ pause }) => pause / 1000));
    returns.push(await untilRunning(page, () => page.reload()));
  }
  const { bytes, moments } = await kept(page);
  await leave(page, url);
  return [
    {
      id: 'continue',
      title: 'reload → the machine goes on after a lesson, cache warm',
      seconds: median(returns),
      goal: '≤ 5 s',
    },
    { id: 'checkpoint-pause', title: 'pause for a checkpoint', seconds: median(pauses), goal: '≤ 1 s' },
    {
      id: 'checkpoint-pause-worst',
      title: 'pause for a checkpoint, longest',
      seconds: Math.max(...pauses),
      goal: '≤ 1 s',
    },
    {
      id: 'session-bytes',
      title: `a session of one lesson, with ${moments.length} checkpoints`,
      bytes,
      goal: '≤ 150 MB',
    },
  ];
}

/** Runs everything that the lesson has to be run, step by step; the app saves meanwhile as it does for everybody. */
async function followLesson(page: Page): Promise<void> {
  for (;;) {
    for (const button of await page.getByRole('button', { name: /^Run / }).all()) {
      await promptIsBack(page);
      await button.click();
    }
    await promptIsBack(page);
    const next = page.getByRole('button', { name: 'Next', exact: true });
    if (await next.isDisabled()) return;
    await next.click();
  }
}

async function promptIsBack(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      /root@node1:\S+#\s*$/.test((document.querySelector('.xterm-rows')?.textContent ?? '').trimEnd() + ' '),
    undefined,
    { timeout: COMMAND_MILLISECONDS, polling: 100 },
  );
}

function save(page: Page, kind: 'latest' | 'checkpoint'): Promise<void> {
  return page.evaluate(
    (wanted) => (globalThis as unknown as { drydock: Drydock }).drydock.keeping.save(wanted),
    kind,
  );
}

function kept(page: Page): Promise<{ bytes: number; moments: { kind: string; pause: number }[] }> {
  return page.evaluate(() => {
    const { bytes = 0, moments = [] } =
      (globalThis as unknown as { drydock: Drydock }).drydock.keeping.summary ?? {};
    return { bytes, moments: moments.map(({ kind, pause }) => ({ kind, pause })) };
  });
}
