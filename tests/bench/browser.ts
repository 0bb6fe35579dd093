/** The figures that a visitor sees: the built app in headless Chromium, with a cold and a warm HTTP cache. */
import type { BrowserContext, Page, Request } from 'playwright-core';
import { launchChromium, type ServedApp } from '../served-app.ts';
import { COMMANDS, FIRST_CONTAINER, median, repeat, timed } from './commands.ts';
import { measureEchoes } from './echo.ts';
import { measureKeeping } from './keep.ts';
import { measureLesson } from './lesson.ts';
import type { Metric } from './metric.ts';
import { measureNodes } from './nodes.ts';
import { PULLS } from './pulls.ts';
import { peakRendererBytes } from './renderer.ts';
import { measureTools } from './tools.ts';
import { DEADLINE, leave, open, type Drydock } from './visit.ts';

const WARM_VISITS = 10;

/** @param report told what is being measured */
export async function measureBrowser(
  app: ServedApp,
  report: (doing: string) => void,
): Promise<{ browser: string; metrics: Metric[] }> {
  // Without 3D the terminal is drawn by the DOM, where `measureEcho` sees it change.
  const { context, close } = await launchChromium(['--disable-3d-apis']);
  const metrics: Metric[] = [];
  try {
    report('first visit');
    const before = app.sentBytes();
    const received = countReceived(context);
    const cold = await open(await context.newPage(), app.url);
    metrics.push({
      id: 'first-visit-bytes',
      title: 'bytes until the prompt',
      bytes: await received(),
      goal: '≤ 28 MB',
    });
    metrics.push({ id: 'prompt-cold', title: 'navigation → prompt, nothing cached', seconds: cold.seconds });
    await run(cold.page, FIRST_CONTAINER);
    metrics.push({
      id: 'first-container-bytes',
      title: 'bytes until the first container has run',
      bytes: app.sentBytes() - before,
      goal: '≤ 40 MB',
    });

    const prompts: number[] = [];
    const firstRuns: Cost[] = [];
    let page = cold.page;
    for (let visit = 1; visit <= WARM_VISITS; visit++) {
      report(`warm visit ${visit} of ${WARM_VISITS}`);
      await leave(page, app.url);
      const warm = await open(await context.newPage(), app.url);
      page = warm.page;
      prompts.push(warm.seconds);
      firstRuns.push(await run(page, FIRST_CONTAINER));
    }
    const runHere = (script: string): Promise<Cost> => run(page, script);
    const idle = medianOf(await repeat({ script: 'true', times: 3 }, runHere));
    const commandMetric = (id: string, title: string, cost: Cost, goal?: string): Metric => ({
      id,
      title,
      seconds: cost.seconds,
      instructions: Math.round(cost.instructions - idle.instructions),
      ...(goal && { goal }),
    });
    metrics.push({
      id: 'prompt-warm',
      title: 'navigation → prompt, HTTP cache warm',
      seconds: median(prompts),
      goal: '≤ 2 s',
    });
    metrics.push(commandMetric('run-first', `${FIRST_CONTAINER}, first`, medianOf(firstRuns), '≤ 4 s'));
    for (const each of [...COMMANDS, ...PULLS]) {
      report(each.title);
      metrics.push(commandMetric(each.id, each.title, medianOf(await repeat(each, runHere)), each.goal));
    }
    report('keys');
    metrics.push({
      id: 'echo',
      title: 'key → echo while a container starts',
      seconds: median(await measureEchoes(page, run(page, FIRST_CONTAINER))),
      goal: '≤ 0.1 s',
    });
    metrics.push({
      id: 'memory',
      title: 'peak memory of the renderer',
      bytes: peakRendererBytes(),
      goal: '≤ 900 MB',
    });
    report('a lesson');
    await leave(page, app.url);
    metrics.push(...(await measureLesson(context, app.url)));
    report('a session that is kept');
    metrics.push(...(await measureKeeping(context, app.url)));
    report('a swarm');
    metrics.push(...(await measureNodes(context, app.url)));
    report('a page, files and the live view');
    metrics.push(...(await measureTools(app.url)));
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

interface Cost {
  seconds: number;
  instructions: number;
}

async function run(page: Page, script: string): Promise<Cost> {
  const { before, after, result } = await page.evaluate(
    async ([wrapped, timeout]) => {
      const { session } = (globalThis as unknown as { drydock: Drydock }).drydock;
      const before = await session.current.readStatistics();
      const result = await session.exec(wrapped, { timeout });
      return { before, after: await session.current.readStatistics(), result };
    },
    [timed(script), DEADLINE / 1000] as const,
  );
  if (result.exitCode !== 0) throw new Error(`${script}: exit code ${result.exitCode}: ${result.stderr}`);
  return {
    seconds: Number(result.stdout),
    instructions: (after?.instructions ?? 0) - (before?.instructions ?? 0),
  };
}

function medianOf(costs: Cost[]): Cost {
  return {
    seconds: median(costs.map(({ seconds }) => seconds)),
    instructions: median(costs.map(({ instructions }) => instructions)),
  };
}
