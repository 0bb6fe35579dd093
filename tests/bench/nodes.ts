/** A swarm of three nodes: how fast it is there, what it costs while nothing happens, and how it comes back. */
import type { BrowserContext, Page } from 'playwright-core';
import { median } from './commands.ts';
import type { Metric } from './metric.ts';
import { rendererSeconds } from './renderer.ts';
import { DEADLINE, leave, open, type Drydock } from './visit.ts';

const WORKERS = ['node2', 'node3'] as const;

/** How long the swarm is left alone first, until what has just happened is written and saved, and then watched. */
const QUIET_MILLISECONDS = 60_000;
const WATCH_MILLISECONDS = 120_000;

/** @param url of the app */
export async function measureNodes(context: BrowserContext, url: string): Promise<Metric[]> {
  const { page } = await open(await context.newPage(), url);
  const added = await secondsOf(async () => {
    await page.evaluate((names) => {
      const { session } = (globalThis as unknown as { drydock: Drydock }).drydock;
      for (const name of names) void session.addNode(name, 'standard');
    }, WORKERS);
    await allRun(page);
  });
  await run(page, 'node1', 'docker swarm init --advertise-addr 192.168.86.101');
  const token = await run(page, 'node1', 'docker swarm join-token -q worker');
  const joins: number[] = [];
  for (const name of WORKERS)
    joins.push(await secondsOf(() => run(page, name, `docker swarm join --token ${token} node1:2377`)));
  await page.evaluate(() => (globalThis as unknown as { drydock: Drydock }).drydock.keeping.save('latest'));
  await page.waitForTimeout(QUIET_MILLISECONDS);
  const before = rendererSeconds();
  await page.waitForTimeout(WATCH_MILLISECONDS);
  const share = (rendererSeconds() - before) / (WATCH_MILLISECONDS / 1000);
  const begun = performance.now();
  await page.reload();
  await allRun(page);
  const continued = (performance.now() - begun) / 1000;
  await run(page, 'node1', `until [ "$(docker node ls | grep -c Ready)" = 3 ]; do sleep 0.2; done`);
  const healthy = (performance.now() - begun) / 1000;
  await leave(page, url);
  return [
    { id: 'nodes-added', title: 'two nodes more → they run, cache warm', seconds: added, goal: '≤ 15 s' },
    { id: 'swarm-join', title: 'docker swarm join', seconds: median(joins), goal: '≤ 10 s' },
    {
      id: 'nodes-idle',
      title: 'processor time per second of an idle swarm, 1 manager and 2 workers',
      seconds: share,
      goal: '≤ 0.15 s',
    },
    {
      id: 'nodes-continue',
      title: 'reload → three nodes go on',
      seconds: continued,
      goal: '≤ 12 s',
    },
    { id: 'nodes-healthy', title: 'reload → three nodes are Ready', seconds: healthy, goal: '≤ 20 s' },
  ];
}

async function secondsOf(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  return (performance.now() - begun) / 1000;
}

async function allRun(page: Page): Promise<void> {
  await page.waitForFunction(
    (count) => {
      const nodes = (globalThis as unknown as { drydock?: Drydock }).drydock?.session.nodes ?? [];
      return nodes.length === count && nodes.every(({ phase }) => phase === 'running');
    },
    WORKERS.length + 1,
    { timeout: DEADLINE, polling: 20 },
  );
}

/** Runs a script on a node; resolves with its trimmed standard output. */
async function run(page: Page, node: string, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await page.evaluate(
    ([command, name, timeout]) =>
      (globalThis as unknown as { drydock: Drydock }).drydock.session.exec(command, { timeout }, name),
    [script, node, DEADLINE / 1000] as const,
  );
  if (exitCode !== 0) throw new Error(`${node}: ${script}: exit code ${exitCode}: ${stderr}`);
  return stdout.trim();
}
