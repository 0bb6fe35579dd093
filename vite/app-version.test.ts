import { expect, test } from 'vitest';
import { appVersion } from './app-version.ts';

test('a version is a number, with the commit where that is known', () => {
  expect(appVersion()).toMatch(/^\d+\.\d+\.\d+( \([0-9a-f]{7,}\))?$/);
});
