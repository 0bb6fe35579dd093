/** Files that are no sessions, or bad ones: each is refused with a word on what to do, and nothing of it stays. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { memoryOf } from '../../worker/keep/record.ts';
import { SESSION_LIMITS } from '../../worker/keep/session-file.ts';
import { TAMPERED } from '../../worker/keep/tampering.ts';
import { shoot, useApp } from './browser.ts';
import { addFile, kept, listText, namedSession, row, sessionFile } from './session-page.ts';
import { bomb, crowd } from './zip-attacks.ts';

const app = useApp();
const folder = mkdtempSync(join(tmpdir(), 'drydock-hostile-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What there is to be done about each kind of refusal. */
const ADVICE = {
  'no session': 'This file is no session of Drydock. Choose one that Drydock has exported.',
  damaged: 'This session is damaged. Get the file again from where you have it.',
  'too large':
    'This session is too large: a file may have 1000 MB. Remove checkpoints where it was saved, and export it again.',
  'another version':
    'This session was saved by another version of Drydock. Reload the page for the newest one, and try again.',
};

/** A page with a session of the user's own. */
async function openWithSession(): Promise<Page> {
  const page = await app.open('/sessions');
  await addFile(page, await namedSession('Mine'));
  await row(page, 'Mine (imported)').waitFor();
  return page;
}

/** Has files refused one after the other, and nothing else be changed by any of them. */
async function areRefused(
  page: Page,
  files: [name: string, file: Blob | string, advice: keyof typeof ADVICE][],
): Promise<void> {
  const [list, held] = [await listText(page), await kept(page)];
  for (const [name, file, advice] of files) {
    await addFile(page, file, name);
    await page.getByRole('alert').getByText(`${name} was not added. ${ADVICE[advice]}`).waitFor();
    expect(await listText(page), name).toBe(list);
    expect(await kept(page), name).toEqual(held);
  }
  expect(app.takeErrors()).toEqual([]);
}

test('what is no session, cut off, damaged or too large is refused', async () => {
  const page = await openWithSession();
  const good = new Uint8Array(await (await sessionFile()).arrayBuffer());
  const flipped = good.map((byte, i) => (i === 60 ? byte ^ 0x55 : byte));
  const pack = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  await pack.add('hello/lesson.md', new TextReader('---\nid: hello\n---\n'));
  const larger = join(folder, 'larger.drydock');
  writeFileSync(larger, '');
  truncateSync(larger, SESSION_LIMITS.bytes + 1);
  await areRefused(page, [
    [
      'picture.png',
      new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47]), new Uint8Array(5000)]),
      'no session',
    ],
    ['empty.drydock', new Blob([]), 'no session'],
    ['course.zip', await pack.close(), 'no session'],
    ['half.drydock', new Blob([good.slice(0, good.length / 2)]), 'damaged'],
    ['headless.drydock', new Blob([good.slice(500)]), 'damaged'],
    ['flipped.drydock', new Blob([flipped]), 'damaged'],
    ['larger.drydock', larger, 'too large'],
    ['bomb.drydock', await bomb(2 ** 31, 'session.json'), 'damaged'],
    ['liar.drydock', await bomb(100, 'session.json'), 'damaged'],
    ['crowd.drydock', crowd(1e5), 'too large'],
  ]);
  await shoot(page, 'refused', true);
  await page.close();
});

test('a file that was tampered with is refused', async () => {
  const page = await openWithSession();
  const files = TAMPERED.map(
    async ([name, message, tamper], i): Promise<[string, Blob, keyof typeof ADVICE]> => [
      `${i}-${name.replaceAll(' ', '-')}.drydock`,
      await sessionFile(tamper),
      message,
    ],
  );
  await areRefused(page, await Promise.all(files));
  await page.close();
});

test('what a file says is shown as text, and cut to what fits', async () => {
  const page = await openWithSession();
  const html = '<img src="x" onerror="globalThis.bad = 1"><script>globalThis.bad = 1</script>';
  const file = await sessionFile(({ record }) => {
    record.name = `../../${html}`.slice(0, 100);
    record.place = { lesson: '../../x', title: html, step: Number.MAX_SAFE_INTEGER };
    record.created = record.saved = record.used = 8.64e15;
    record.machineId = -1e308;
    for (const moment of record.moments) {
      moment.at = 8.64e15;
      moment.label = html;
      const memory = memoryOf(moment.nodes.node1);
      if (memory)
        memory.screens = [`\x1b]0;title\x07\x1b[31m${html}\x1b[0m\r\n${'\x1b[999999999C|'.repeat(70_000)}`];
    }
  });
  await addFile(page, file);
  const hostile = page.getByRole('listitem').filter({ hasText: '../../' });
  await hostile.getByText(`${html}, step 9007199254740991`).waitFor();
  const [first = '', second = ''] = (await hostile.locator('pre').innerText()).split('\n');
  expect(first).toBe(html);
  expect(second.length).toBeLessThanOrEqual(200);
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(await page.evaluate(() => 'bad' in globalThis)).toBe(false);
  await shoot(page, 'hostile', true);
  const download = page.waitForEvent('download');
  await hostile.getByRole('button', { name: 'Export' }).click();
  expect((await download).suggestedFilename()).toMatch(/^[^/<>"]+\.drydock$/);
  await hostile.getByRole('button', { name: 'Delete' }).click();
  await page.getByText(`“../../${html.slice(0, 20)}`).waitFor();
  expect(await listText(page)).not.toContain('../../');
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
