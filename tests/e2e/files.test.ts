/** Files of a machine and of a container beside the terminals, as a learner sees and changes them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.ts';
import { drop, machineRuns, run, shoot, shows, type, useApp } from './browser.ts';

const app = useApp();

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const;

const tree = (page: Page): Locator => page.getByRole('tree');
const row = (page: Page, name: string | RegExp): Locator =>
  tree(page).getByRole('treeitem').filter({ hasText: name });
const editor = (page: Page): Locator => page.locator('.cm-content');
const status = (page: Page): Locator => page.locator('.status .saved');
const save = (page: Page): Promise<void> => page.keyboard.press('Control+s');

/** Guest instructions that the machine has executed. */
function instructions(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { drydock } = globalThis as unknown as {
      drydock: { session: { nodes: { readStatistics(): Promise<{ instructions: number }> }[] } };
    };
    return (await drydock.session.nodes[0]?.readStatistics())?.instructions ?? 0;
  });
}

/** Pictures of the pane in both themes and at all sizes, and what axe has against it. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of SIZES) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await shoot(page, `files-${name}-${colorScheme}-${width}`);
      expect(await faults(page), `${name} ${colorScheme} ${width}`).toEqual([]);
    }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test('a file is made, edited, saved, renamed, deleted and brought back', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.keyboard.press('Control+Shift+O');
  await row(page, /^root/).waitFor({ timeout: 60_000 });
  await row(page, '.bashrc').waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-key')))
    .toBe('/root');
  await look(page, 'tree');

  await run(page, "printf 'FROM nginx\\nCOPY . /site\\n' > /root/Dockerfile");
  await row(page, 'Dockerfile').click();
  await expect.poll(() => editor(page).innerText()).toContain('COPY . /site');
  await editor(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('RUM echo hi');
  await expect.poll(() => status(page).innerText()).toBe('Not saved');
  await page.getByText(/Line 3: Unknown instruction: RUM/).waitFor();
  await page.keyboard.press('Control+Home');
  await look(page, 'lint');
  await editor(page).click();
  await save(page);
  await expect.poll(() => status(page).innerText(), { timeout: 60_000 }).toBe('Saved');
  await run(page, 'cat Dockerfile');
  await shows(page, /^RUM echo hi/m);
  expect(app.takeErrors()).toEqual([]);
  console.log(await instructions(page));
  await page.close();
});
