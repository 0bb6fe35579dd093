/** What the browser kept of a session is damaged: it can be left or removed, and nothing else is harmed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, inject, test } from 'vitest';
import { machineOf } from '../../worker/keep/create.ts';
import { memoryOf, recordFiles } from '../../worker/keep/record.ts';
import { parseManifest } from '../../worker/vm/release.ts';
import { machineRuns, makeCheckpoint, run, saveSession, screen, shoot, useApp } from './browser.ts';
import {
  addFile,
  kept,
  namedSession,
  recordOf,
  row,
  sessionFile,
  spoil,
  writeRecord,
} from './session-page.ts';

const app = useApp();

const UNOPENED = 'The saved session cannot be opened';

/** A session of the release that is tested, so that its memory is gone on with. */
function fittingSession(name: string): Promise<Blob> {
  const manifest = parseManifest(readFileSync(join(inject('release'), 'manifest.json'), 'utf8'));
  return sessionFile(({ record }) => {
    record.name = name;
    record.machine = machineOf(manifest);
    for (const moment of record.moments) moment.label = '<b>bold</b>';
  });
}

async function addSession(page: Page, name: string): Promise<void> {
  await addFile(page, await fittingSession(name));
  await row(page, `${name} (imported)`).waitFor();
}

test('a record that cannot be read is told, removed on demand, and the others work', async () => {
  const page = await app.open('/sessions');
  for (const name of ['Whole', 'Damaged', 'Newer', 'Nothing']) {
    await addFile(page, await namedSession(name));
    await row(page, `${name} (imported)`).waitFor();
  }
  const damaged = await recordOf(page, 'Damaged (imported)');
  await writeRecord(page, damaged.id, { ...damaged, moments: 'none' });
  const newer = await recordOf(page, 'Newer (imported)');
  await writeRecord(page, newer.id, { ...newer, format: 3, more: true });
  const { id: nothing } = await recordOf(page, 'Nothing (imported)');
  await writeRecord(page, nothing, 'nothing');
  const { id: whole } = await recordOf(page, 'Whole (imported)');
  await page.reload();
  await row(page, 'Whole (imported)').waitFor();
  await row(page, '“Damaged (imported)” cannot be read')
    .getByText('The record of this session is damaged')
    .waitFor();
  await row(page, '“Newer (imported)” cannot be read')
    .getByText('reload the page for the newest version')
    .waitFor();
  await row(page, 'A session that cannot be read')
    .getByText('It is left as it is until you remove it')
    .waitFor();
  await shoot(page, 'unreadable', true);

  const others = (await kept(page)).filter((one) => !one.includes(nothing));
  await row(page, 'A session that cannot be read')
    .getByRole('button', { name: 'Remove it for good' })
    .click();
  await row(page, 'A session that cannot be read').waitFor({ state: 'detached' });
  expect(await kept(page)).toEqual(others);
  await row(page, 'Whole (imported)').getByRole('button', { name: 'Duplicate' }).click();
  await row(page, 'Copy of Whole (imported)').waitFor();
  await row(page, '“Damaged (imported)” cannot be read')
    .getByRole('button', { name: 'Remove it for good' })
    .click();
  await row(page, '“Damaged (imported)” cannot be read').waitFor({ state: 'detached' });
  await page.reload();
  await row(page, '“Newer (imported)” cannot be read').waitFor();
  const after = await kept(page);
  for (const id of [whole, newer.id]) {
    const of = (all: string[]) => all.filter((one) => one.includes(id));
    expect(of(after)).toEqual(of(others));
  }
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test.each(['remove', 'overwrite'] as const)(
  'a session with files that something did %s says so, and can be left',
  async (how) => {
    const page = await app.open('/sessions');
    await addSession(page, 'Whole');
    await addSession(page, 'Spoilt');
    const record = await recordOf(page, 'Spoilt (imported)');
    await spoil(page, record, recordFiles(record), how);
    const others = (await kept(page)).filter((one) => !one.includes(record.id));
    if (how === 'remove') {
      await row(page, 'Spoilt (imported)').getByRole('button', { name: 'Export' }).click();
      await page.getByText('is gone. Continue shows what can be had of it.').waitFor();
    }
    await row(page, 'Spoilt (imported)').getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: UNOPENED }).waitFor();
    await page.getByText('The session stays in the list, whatever you choose.').waitFor();
    await page.getByRole('button', { name: 'Start a fresh machine' }).waitFor();
    await shoot(page, `spoilt-${how}`, true);
    await page.getByRole('button', { name: 'Go back to a checkpoint' }).click();
    await page.getByRole('dialog').getByText('<b>bold</b>').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Boot from the disk' }).click();
    await page.getByRole('button', { name: 'Boot from the disk' }).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: UNOPENED }).waitFor();
    await page.getByRole('button', { name: 'Start a fresh machine' }).waitFor();
    await page.getByRole('link', { name: 'Sessions' }).click();
    await row(page, 'Spoilt (imported)').waitFor();
    expect((await kept(page)).filter((one) => !one.includes(record.id))).toEqual(others);
    expect(app.takeErrors()).toEqual([]);
    await page.close();
  },
);

describe('with a machine', () => {
  test('what was saved last is damaged: a checkpoint and the disk are still there', async () => {
    const page = await app.open('/playground');
    await machineRuns(page);
    await makeCheckpoint(page, 'all is well');
    await page.keyboard.press('Escape');
    await run(page, 'echo precious > /root/precious; sync');
    await saveSession(page);
    await page.goto(`${app.app.url}repair.html`);
    const record = await recordOf(page, 'Playground');
    const last = record.moments.find(({ id }) => id === record.at);
    await spoil(page, record, memoryOf(last?.nodes.node1)?.pages ?? [], 'overwrite');

    await page.goto(`${app.app.url}#/playground`);
    await page.getByRole('heading', { name: UNOPENED }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Go back to a checkpoint' }).click();
    await page.getByRole('slider', { name: 'Checkpoint' }).press('Home');
    await page.getByRole('dialog').getByText('all is well').waitFor();
    await page.getByRole('button', { name: 'Go back to it' }).click();
    await machineRuns(page);
    await run(page, 'ls /root');
    expect(await screen(page)).not.toMatch(/^precious/m);

    // What was saved last has become a checkpoint, to go back to.
    await page.keyboard.press('Control+Shift+Z');
    await page.getByRole('slider', { name: 'Checkpoint' }).press('ArrowRight');
    await page.getByRole('dialog').getByText('Saved by itself').waitFor();
    await page.getByRole('button', { name: 'Go back to it' }).click();
    await page.getByRole('heading', { name: UNOPENED }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Boot from the disk' }).click();
    await machineRuns(page);
    await run(page, 'cat /root/precious');
    expect(await screen(page)).toMatch(/^precious/m);
    expect(app.takeErrors()).toEqual([]);
    await page.close();
  });
});
