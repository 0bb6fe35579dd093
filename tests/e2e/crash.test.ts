/**
 * The tab is killed, not closed, at random moments while a database, a pull or a build writes. Each time what is saved of
 * the disk is looked at from outside: its file system is whole once the journal was replayed, and whatever the database
 * had flushed when the page said "saved" is there. Then the session comes back from its memory, and at last from its
 * disk, which takes two minutes, and what was interrupted is done again there. DRYDOCK_CRASHES says how often; `npm run
 * test:crashes` does it fifty times.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { crash, machineRuns, READY, run, saveSession, screen, shows, type, useApp } from './browser.ts';
import { SavedDisk } from './saved-disk.ts';

const CRASHES = Number(process.env.DRYDOCK_CRASHES ?? 1);

/** After so many crashes a session makes room for a new one. */
const ROUNDS_OF_A_SESSION = 10;

/** From the first write on, in milliseconds. */
const LONGEST_WAIT = 12_000;

/** A boot with a database to start, on a busy host. */
const BOOT_MILLISECONDS = 400_000;

const app = useApp();
let disk: SavedDisk;

beforeAll(async () => {
  disk = await SavedDisk.open(inject('release'));
});
afterAll(() => {
  disk.close();
});

/** A database that flushes each change to the disk before it answers, and keeps them in a file one after the other. */
const DATABASE =
  'docker run -d --name db --restart always -v /srv/db:/data redis redis-server --appendonly yes --appendfsync always';
const CHANGES = '/srv/db/appendonlydir/appendonly.aof.1.incr.aof';

/** Counts up in the database, and prints `beat` and the number when that has been flushed. */
const COUNT = `docker exec db sh -c 'while sleep 0.2; do echo beat $(redis-cli incr n); done'`;

/** What writes beside the database; each can be done again after it was interrupted. */
const WORK = {
  database: 'true',
  pull: 'docker rmi -f memcached >/dev/null 2>&1; docker pull -q memcached && docker run --rm memcached -V',
  build:
    String.raw`printf 'FROM alpine\nRUN dd if=/dev/urandom of=/noise bs=64k count=99 && sync\nRUN cp -a /usr /copy\n' | ` +
    'docker build -q --no-cache -t built - && docker run --rm built ls -d /copy',
};

/** What the page showed of the database, and of saving. */
interface Watched {
  beats: { at: number; n: number }[];
  savedAt: number;
}

async function watch(page: Page): Promise<Watched> {
  const watched: Watched = { beats: [], savedAt: 0 };
  await page.exposeFunction('watched', (at: number, n: number, savedAt: number) => {
    if (n > 0) watched.beats.push({ at, n });
    watched.savedAt = Math.max(watched.savedAt, savedAt);
  });
  await page.evaluate(() => {
    const report = (globalThis as unknown as { watched: (at: number, n: number, savedAt: number) => void })
      .watched;
    setInterval(() => {
      const text = document.querySelector('.xterm-rows')?.textContent ?? '';
      const last = [...text.matchAll(/beat (\d+)(?!\d)/g)].at(-1);
      const saved = document.querySelector<HTMLElement>('[data-at]')?.dataset['at'];
      report(Date.now(), Number(last?.[1] ?? 0), Number(saved ?? 0));
    }, 50);
  });
  return watched;
}

/** The session as the file that the page of sessions gives. */
async function exportedFile(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  return download.path();
}

/** Goes on with the session where it asks how, else as it does by itself. */
async function comeBack(page: Page, how: 'Boot from the disk' | 'Go on from the memory'): Promise<void> {
  await page.goto(`${app.app.url}#/playground`);
  const way = page.getByRole('button', { name: how });
  const running = page.getByRole('contentinfo').getByText('Running');
  await way.or(running).first().waitFor(READY);
  if (await way.isVisible()) await way.click();
  await running.waitFor({ timeout: BOOT_MILLISECONDS });
}

for (let first = 0; first < CRASHES; first += ROUNDS_OF_A_SESSION) {
  const rounds = Math.min(ROUNDS_OF_A_SESSION, CRASHES - first);
  test(`${rounds} crashes, and nothing that was saved is lost`, { timeout: 3_600_000 }, async () => {
    let page = await app.open('/playground');
    await machineRuns(page);
    await run(page, DATABASE);
    for (let round = first; round < first + rounds; round++) {
      const kind = (['database', 'pull', 'build'] as const)[round % 3] ?? 'database';
      const wait = Math.random() * LONGEST_WAIT;
      await saveSession(page);
      const watched = await watch(page);
      await type(page, `clear; ${COUNT} & ${WORK[kind]}`);
      await shows(page, /beat \d+/);
      await page.waitForTimeout(wait);
      await crash(page);

      page = await app.open('/sessions', 'kept');
      const { faults, content } = await disk.look(await exportedFile(page), CHANGES);
      const count = content.match(/^incr$/gim)?.length ?? 0;
      const saved = watched.beats.filter(({ at }) => at <= watched.savedAt).at(-1)?.n ?? 0;
      const last = watched.beats.at(-1)?.n ?? 0;
      console.log(
        `${round + 1}: ${kind}, ${wait.toFixed(0)} ms: of ${last}, ${saved} were saved, ${count} are there`,
      );
      expect(faults).toBe('');
      expect(count).toBeGreaterThanOrEqual(saved);
      if (round < first + rounds - 1) {
        await comeBack(page, 'Go on from the memory');
        await run(page, 'clear; docker exec db redis-cli ping');
        expect(await screen(page)).toMatch(/^PONG$/m);
        continue;
      }
      await comeBack(page, 'Boot from the disk');
      await run(
        page,
        `clear; until docker exec db redis-cli get n; do sleep 1; done 2>/dev/null; dmesg | grep 'EXT4-fs error'`,
      );
      expect(Number(/^(\d+)\s*$/m.exec(await screen(page))?.[1])).toBeGreaterThanOrEqual(count);
      expect(await screen(page)).not.toMatch(/EXT4-fs error/);
      await run(page, `clear; ${WORK[kind]} && echo work-done`);
      expect(await screen(page)).toMatch(/^work-done$/m);
    }
    await page.close();
  });
}
