/** Scripts in the machine of a page, beside its terminals. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

interface Drydock {
  session: {
    exec(
      script: string,
      options: { timeout: number },
    ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  };
}

/** Runs a script; resolves with what it prints. */
export async function exec(
  page: Page,
  script: string,
  end: 'succeeds' | 'may-fail' = 'succeeds',
): Promise<string> {
  const { exitCode, stdout, stderr } = await page.evaluate(
    (command) =>
      (globalThis as unknown as { drydock: Drydock }).drydock.session.exec(command, { timeout: 240 }),
    script,
  );
  if (end === 'succeeds') expect(exitCode, stderr).toBe(0);
  return stdout;
}
