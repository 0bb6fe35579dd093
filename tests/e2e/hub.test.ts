/** The hub in a visitor's browser. */
import { test } from 'vitest';
import { machineRuns, shows, type, useApp } from './browser.ts';

const app = useApp();

test('a pull of what is not there says what there is instead', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await type(page, 'clear; docker pull mongo');
  await shows(page, /pull access denied for mongo/);
  const hint = page.getByRole('contentinfo').getByText(/The hub has no mongo/);
  await hint.waitFor();
  await page.close();
  app.takeErrors();
});
