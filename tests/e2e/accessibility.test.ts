import { describe, expect, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, useApp } from './browser.ts';

const app = useApp();

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
