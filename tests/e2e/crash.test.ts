/**
 * The tab is killed, not closed, at random moments while a database, a pull or a build writes. Each time the session
 * comes back: its file system is whole once the journal was replayed, whatever the database had flushed when the page
 * said "saved" is there, and what was interrupted can be done again. DRYDOCK_CRASHES says how often; `npm run
 * test:crashes` does it fifty times, which takes an hour.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { crash, machineRuns, READY, run, screen, shows, type, useApp } from './browser.ts';
import { SavedDisk } from './saved-disk.ts';

const CRASHES = Number(process.env.DRYDOCK_CRASHES ?? 3);

/** After so many crashes a session makes room for a new one, with the other database. */
const ROUNDS_OF_A_SESSION = 10;

/** From the first write on, in milliseconds. */
const LONGEST_WAIT = 12_000;

/** A machine in a browser takes its time to make an empty database. */
const START_MILLISECONDS = 400_000;

const app = useApp();
let disk: SavedDisk;

beforeAll(async () => {
  disk = await SavedDisk.open(inject('release'));
});
afterAll(() => {
  disk.close();
});

/** Counts up in a container, and prints `beat` and the number when that has been flushed to the disk. */
interface Database {
  start: string;
  count: string;
  /** Prints the count; fails as long as the database does not answer. */
  read: string;
}

const DATABASES: Database[] = [
  {
    start:
      'docker run -d --name db --restart always redis redis-server --appendonly yes --appendfsync always',
    count: `docker exec db sh -c 'while sleep 0.2; do echo beat $(redis-cli incr n); done'`,
    read: 'docker exec db redis-cli get n',
  },
  {
    start:
      'docker run -d --name db --restart always -e POSTGRES_HOST_AUTH_METHOD=trust postgres && ' +
      `until docker exec db psql -hlocalhost -Upostgres -qc 'create table beats (n serial primary key)'; do sleep 9; done 2>/dev/null`,
    count: String.raw`docker exec db sh -c 'echo "insert into beats default values returning \$\$beat \$\$||n \\watch 0.2" | psql -Upostgres -At'`,
    read: `docker exec db psql -Upostgres -At -c 'select max(n) from beats'`,
  },
];

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

/** Reads what the session has on its disk from the file that the page of sessions gives. */
async function exportedFile(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  return download.path();
}

const t0 = performance.now();
const mark = (what: string): void => {
  console.log(`${((performance.now() - t0) / 1000).toFixed(1)} ${what}`);
};

async function comeBack(): Promise<Page> {
  mark('crashed');
  const page = await app.open('/sessions', 'kept');
  const file = await exportedFile(page);
  mark('exported');
  expect(await disk.faults(file)).toBe('');
  mark('fsck');
  await page.goto(`${app.app.url}#/playground`);
  const boot = page.getByRole('button', { name: 'Boot from the disk' });
  const running = page.getByRole('contentinfo').getByText('Running');
  await boot.or(running).first().waitFor(READY);
  if (await boot.isVisible()) await boot.click();
  mark('card');
  await machineRuns(page);
  mark('booted');
  return page;
}

for (let first = 0; first < CRASHES; first += ROUNDS_OF_A_SESSION) {
  const rounds = Math.min(ROUNDS_OF_A_SESSION, CRASHES - first);
  const database = DATABASES[(first / ROUNDS_OF_A_SESSION) % DATABASES.length] as Database;
  test(`${rounds} crashes, and nothing that was saved is lost`, { timeout: 1_800_000 }, async () => {
    let page = await app.open('/playground');
    await machineRuns(page);
    await run(page, database.start, START_MILLISECONDS);
    for (let round = first; round < first + rounds; round++) {
      const kind = (['database', 'pull', 'build'] as const)[round % 3] ?? 'database';
      const wait = Math.random() * LONGEST_WAIT;
      const watched = await watch(page);
      await type(page, `clear; ${database.count} & ${WORK[kind]}`);
      await shows(page, /beat \d+/);
      await page.waitForTimeout(wait);
      await crash(page);

      page = await comeBack();
      await run(
        page,
        `clear; until ${database.read}; do sleep 1; done 2>/dev/null; dmesg | grep 'EXT4-fs error'`,
      );
      mark('database back');
      const count = Number(/^(\d+)\s*$/m.exec(await screen(page))?.[1]);
      const saved = watched.beats.filter(({ at }) => at <= watched.savedAt).at(-1)?.n ?? 0;
      const last = watched.beats.at(-1)?.n ?? 0;
      console.log(
        `${round + 1}: ${kind}, ${wait.toFixed(0)} ms: of ${last}, ${saved} were saved, ${count} are there`,
      );
      expect(count).toBeGreaterThanOrEqual(saved);
      await run(page, `clear; ${WORK[kind]} && echo work-done`);
      mark('work done');
      expect(await screen(page)).toMatch(/^work-done$/m);
      expect(await screen(page)).not.toMatch(/EXT4-fs error/);
    }
    await page.close();
  });
}
