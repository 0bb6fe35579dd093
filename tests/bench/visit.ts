/** A visit to the app: from the navigation to the machine that runs, and away again. */
import type { Page } from 'playwright-core';
import { forgetSessions } from '../served-app.ts';

/** What the app puts on `globalThis.drydock` for the console, tests and this. */
export interface Drydock {
  readonly session: {
    readonly phase: string;
    readonly exec: (
      script: string,
      options: { timeout: number },
      node?: string,
    ) => Promise<{ stdout: string; exitCode: number; stderr: string }>;
    readonly nodes: readonly { readonly phase: string }[];
    readonly addNode: (name: string, profile: 'standard') => Promise<void>;
    readonly current: { readonly readStatistics: () => Promise<{ instructions: number } | undefined> };
  };
  readonly keeping: {
    readonly save: (kind: 'latest' | 'checkpoint') => Promise<void>;
    readonly summary:
      { readonly bytes: number; readonly moments: readonly { kind: string; pause: number }[] } | undefined;
  };
}

/** For whatever is waited for, in milliseconds. */
export const DEADLINE = 300_000;

/** Opens a playground or a lesson; the time runs from navigation to the answer of the terminal's shell. */
export async function open(
  page: Page,
  url: string,
  route = '/playground',
): Promise<{ page: Page; seconds: number }> {
  const seconds = await untilRunning(page, () => page.goto(`${url}#${route}`));
  return { page, seconds };
}

/** Does something and waits until the machine of the page runs; the seconds that both took. */
export async function untilRunning(page: Page, action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  await page.waitForFunction(
    () => (globalThis as unknown as { drydock?: Drydock }).drydock?.session.phase === 'running',
    undefined,
    { timeout: DEADLINE, polling: 20 },
  );
  return (performance.now() - begun) / 1000;
}

/** Closes a page, and has the next one begin with a machine of its own. */
export async function leave(page: Page, url: string): Promise<void> {
  await forgetSessions(page, url);
  await page.close();
}
