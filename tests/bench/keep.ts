/** What it costs to keep a session: the way back to it, the pause for a checkpoint, and the room that it takes. */
import type { BrowserContext, Page } from 'playwright-core';
import { median } from './commands.ts';
import type { Metric } from './metric.ts';

/** What the app puts on `globalThis.drydock` about the session that is kept. */
interface Kept {
  readonly keeping: {
    readonly save: (kind: 'latest' | 'checkpoint') => Promise<void>;
    readonly summary:
      { readonly bytes: number; readonly moments: readonly { kind: string; pause: number }[] } | undefined;
  };
}

/** A lesson that can be finished by clicking all that its text has to be run. */
const LESSON = '/lesson/first-container';

/** For one command of it, in milliseconds. */
const COMMAND_MILLISECONDS = 600_000;

const RETURNS = 5;

/**
 * @param open opens a route of the app, and resolves when the machine runs
 * @param leave closes a page, and has the next one begin with a machine of its own
 */
export async function measureKeeping(
  context: BrowserContext,
  open: (page: Page, route: string) => Promise<unknown>,
  leave: (page: Page) => Promise<void>,
): Promise<Metric[]> {
  const page = await context.newPage();
  await open(page, LESSON);
  await followLesson(page);
  const returns: number[] = [];
  const pauses: number[] = [];
  for (let i = 0; i < RETURNS; i++) {
    await save(page, 'checkpoint');
    await save(page, 'latest');
    const { moments } = await kept(page);
    pauses.push(...moments.slice(-2).map(({ pause }) => pause / 1000));
    const begun = performance.now();
    await page.reload();
    await page.waitForFunction(isRunning, undefined, { timeout: COMMAND_MILLISECONDS, polling: 20 });
    returns.push((performance.now() - begun) / 1000);
  }
  const { bytes, moments } = await kept(page);
  await leave(page);
  return [
    {
      id: 'continue',
      title: `reload → the machine goes on after a lesson, cache warm`,
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

function isRunning(): boolean {
  return (
    (globalThis as unknown as { drydock?: { session: { phase: string } } }).drydock?.session.phase ===
    'running'
  );
}

function save(page: Page, kind: 'latest' | 'checkpoint'): Promise<void> {
  return page.evaluate(
    (wanted) => (globalThis as unknown as { drydock: Kept }).drydock.keeping.save(wanted),
    kind,
  );
}

function kept(page: Page): Promise<{ bytes: number; moments: { kind: string; pause: number }[] }> {
  return page.evaluate(() => {
    const { bytes = 0, moments = [] } =
      (globalThis as unknown as { drydock: Kept }).drydock.keeping.summary ?? {};
    return { bytes, moments: moments.map(({ kind, pause }) => ({ kind, pause })) };
  });
}
