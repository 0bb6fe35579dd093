/** The figures that a visitor sees: the built app in headless Chromium, with a cold and a warm HTTP cache. */
import type { BrowserContext, Page, Request } from 'playwright-core';
import { launchChromium, type ServedApp } from '../served-app.ts';
import { COMMANDS, median, timed, type Metric } from './metric.ts';

/** What the app puts on `globalThis.drydock` for the console, tests and this. */
interface Drydock {
  readonly session: {
    readonly phase: string;
    readonly exec: (
      script: string,
      options: { timeout: number },
    ) => Promise<{ stdout: string; exitCode: number; stderr: string }>;
    statistics: { instructions: number } | undefined;
    readStatistics: () => Promise<{ instructions: number } | undefined>;
  };
}

const DEADLINE = 300_000;

const FIRST_CONTAINER = 'docker run --rm busybox true';

export async function measureBrowser(app: ServedApp): Promise<{ browser: string; metrics: Metric[] }> {
  const { context, close } = await launchChromium();
  const metrics: Metric[] = [];
  const blank = { seconds: null, instructions: null, bytes: null, goal: null, qemuRatio: null };
  try {
    const before = app.sentBytes();
    const received = countReceived(context);
    const cold = await open(await context.newPage(), app.url);
    metrics.push({
      ...blank,
      id: 'first-visit-bytes',
      title: 'bytes until the prompt',
      bytes: await received(),
      goal: '≤ 28 MB',
    });
    metrics.push({
      ...blank,
      id: 'prompt-cold',
      title: 'navigation → prompt, nothing cached',
      seconds: cold.seconds,
    });
    await run(cold.page, FIRST_CONTAINER);
    metrics.push({
      ...blank,
      id: 'first-container-bytes',
      title: 'bytes until the first container has run',
      bytes: app.sentBytes() - before,
      goal: '≤ 40 MB',
    });
    await cold.page.close();

    const warmTimes: number[] = [];
    let page: Page | undefined;
    for (let i = 0; i < 5; i++) {
      await page?.close();
      const warm = await open(await context.newPage(), app.url);
      warmTimes.push(warm.seconds);
      page = warm.page;
    }
    metrics.push({
      ...blank,
      id: 'prompt-warm',
      title: 'navigation → prompt, HTTP cache warm',
      seconds: median(warmTimes),
      goal: '≤ 2 s',
    });
    if (!page) throw new Error('no page');

    const idle = await run(page, 'true');
    for (const { id, title, script, before, times, goal } of COMMANDS) {
      if (before) await run(page, before);
      const results = [];
      for (let i = 0; i < times; i++) results.push(await run(page, script));
      metrics.push({
        ...blank,
        id,
        title,
        goal,
        seconds: median(results.map(({ seconds }) => seconds)),
        instructions: Math.round(median(results.map(({ instructions }) => instructions)) - idle.instructions),
      });
    }
    return { browser: `Chromium ${context.browser()?.version() ?? ''}`.trim(), metrics };
  } finally {
    await close();
  }
}

/** Counts the bytes of all files that are in; what is still under way behind the prompt is not. */
function countReceived(context: BrowserContext): () => Promise<number> {
  const finished: Promise<number>[] = [];
  const count = (request: Request): void => {
    finished.push(
      request
        .sizes()
        .then(({ responseHeadersSize, responseBodySize }) => responseHeadersSize + responseBodySize),
    );
  };
  context.on('requestfinished', count);
  return async () => {
    context.off('requestfinished', count);
    return (await Promise.all(finished)).reduce((sum, bytes) => sum + bytes, 0);
  };
}

/** Opens a playground; the time runs from navigation to the answer of the terminal's shell. */
async function open(page: Page, url: string): Promise<{ page: Page; seconds: number }> {
  const start = performance.now();
  await page.goto(`${url}#/playground`);
  await page.waitForFunction(
    () => (globalThis as unknown as { drydock?: Drydock }).drydock?.session.phase === 'running',
    undefined,
    {
      timeout: DEADLINE,
      polling: 20,
    },
  );
  return { page, seconds: (performance.now() - start) / 1000 };
}

async function run(page: Page, script: string): Promise<{ seconds: number; instructions: number }> {
  const { before, after, result } = await page.evaluate(
    async ([wrapped, timeout]) => {
      const { session } = (globalThis as unknown as { drydock: Drydock }).drydock;
      const before = await session.readStatistics();
      const result = await session.exec(wrapped, { timeout });
      return { before, after: await session.readStatistics(), result };
    },
    [timed(script), DEADLINE / 1000] as const,
  );
  if (result.exitCode !== 0) throw new Error(`${script}: exit code ${result.exitCode}: ${result.stderr}`);
  return {
    seconds: Number(result.stdout),
    instructions: (after?.instructions ?? 0) - (before?.instructions ?? 0),
  };
}
