import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { machineRuns, useApp } from './browser.ts';

const app = useApp();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The faults that axe calls serious or critical, in short. */
async function faults(page: Page): Promise<string[]> {
  // Not as a script of the page: its content security policy allows none from elsewhere.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'] });
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    [1440, 900],
    [390, 844],
  ])('at %i × %i axe finds no serious fault', async (width, height) => {
    const start = await app.open('/');
    await start.emulateMedia({ colorScheme });
    await start.setViewportSize({ width, height });
    await start.getByRole('heading', { level: 1 }).waitFor();
    expect(await faults(start)).toEqual([]);
    await start.close();

    const lesson = await app.open('/lesson/first-container');
    await lesson.emulateMedia({ colorScheme });
    await lesson.setViewportSize({ width, height });
    await machineRuns(lesson);
    expect(await faults(lesson)).toEqual([]);
    await lesson.close();
  });
});
