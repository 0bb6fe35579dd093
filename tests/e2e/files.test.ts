/** Files of a machine and of a container beside the terminals, as a learner sees and changes them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, onTestFailed, test } from 'vitest';
import { faults } from './axe.ts';
import { drop, machineRuns, run, screen, shoot, shows, type, useApp } from './browser.ts';

const app = useApp();

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const;

/** The machine may be busy with what was typed last. */
const SOON = { timeout: 60_000 };

const folder = mkdtempSync(join(tmpdir(), 'drydock-files-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const row = (page: Page, path: string): Locator => page.getByRole('tree').locator(`[data-key="${path}"]`);
const tab = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Open files' }).getByRole('button', { name }).first();
const editor = (page: Page): Locator => page.locator('.cm-content');
const text = async (page: Page): Promise<string> =>
  (await editor(page).innerText()).replaceAll('\u00a0', ' ');
const saved = (page: Page, word: string): Promise<void> =>
  expect.poll(() => page.locator('.status .saved').innerText(), SOON).toBe(word);

function shootFailure(page: Page): void {
  onTestFailed(({ task }) => shoot(page, `files-failed-${task.name.slice(0, 12)}`));
}

/** A page with the files of its machine. */
async function openPane(): Promise<Page> {
  const page = await app.open('/playground');
  shootFailure(page);
  await machineRuns(page);
  await shows(page, /root@node1:~# *$/m);
  await page.keyboard.press('Control+Shift+O');
  await row(page, '/root/.bashrc').waitFor(SOON);
  return page;
}

/** Types at the end of the text. */
async function append(page: Page, added: string): Promise<void> {
  await editor(page).focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(added);
  await saved(page, 'Not saved');
}

/** Chooses from the menu of what is selected in the tree. */
async function choose(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More for files' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Shows the files of another place, whose button begins with `name`. */
async function showPlace(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /Choose a node or a container/ }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click(SOON);
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

test('a file is opened, edited and saved, and its conflicts are told', async () => {
  const page = await openPane();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-key')))
    .toBe('/root');
  await look(page, 'tree');

  await run(page, "printf 'FROM nginx\\nCOPY . /site\\n' > Dockerfile");
  await row(page, '/root/Dockerfile').click(SOON);
  await expect.poll(() => text(page)).toContain('COPY . /site');
  await append(page, 'RUM echo hi');
  await page.getByText(/Line 3: Unknown instruction: RUM/).waitFor();
  await look(page, 'lint');
  await editor(page).click();
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');
  await run(page, 'clear; cat Dockerfile; echo; stat -c %a:%U Dockerfile');
  await shows(page, /^RUM echo hi/m);
  await shows(page, /^644:root/m);

  // Nothing unsaved: it is loaded again by itself.
  await run(page, 'sed -i s/RUM/RUN/ Dockerfile');
  await expect.poll(() => text(page), SOON).toContain('RUN echo hi');
  await saved(page, 'Saved');

  // Something unsaved: the user decides.
  await append(page, ' mine');
  await run(page, 'echo theirs >> Dockerfile');
  await page.getByText('Dockerfile has changed on node1').waitFor(SOON);
  await look(page, 'conflict');
  expect(await text(page)).toContain('RUN echo hi mine');
  await page.getByRole('button', { name: 'Load theirs' }).click();
  await expect.poll(() => text(page), SOON).toContain('theirs');
  await saved(page, 'Saved');
  await append(page, 'ours');
  await run(page, 'echo more >> Dockerfile');
  await page.getByText('Dockerfile has changed on node1').waitFor(SOON);
  await page.getByRole('button', { name: 'Overwrite it' }).click();
  await saved(page, 'Saved');
  await run(page, 'clear; tail -n 1 Dockerfile; echo; grep -c more Dockerfile');
  await shows(page, /^ours/m);
  await shows(page, /^0/m);

  // The machine stands still: nothing typed is lost.
  await append(page, ' unsaved');
  await page.keyboard.press('Control+Shift+.');
  await page.getByRole('contentinfo').getByText('Paused').waitFor();
  await editor(page).click();
  await page.keyboard.press('Control+s');
  await page.getByText('node1 is paused. Resume it, then try again.').waitFor();
  await shoot(page, 'files-paused');
  await page.keyboard.press('Control+Shift+.');
  await page.getByRole('contentinfo').getByText('Running').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await saved(page, 'Saved');
  await run(page, 'clear; tail -n 1 Dockerfile; echo');
  await shows(page, /^ours unsaved/m);

  // What is unsaved is not closed without a question.
  await append(page, '!');
  await page.getByRole('button', { name: 'Close Dockerfile' }).click();
  await page.getByRole('alertdialog').waitFor();
  await shoot(page, 'files-close');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Close Dockerfile' }).click();
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByText('Open a file in the tree').waitFor();
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('files are made, renamed, deleted and brought back with the keyboard alone', async () => {
  const page = await openPane();
  await page.getByRole('button', { name: 'New folder' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name of the new folder').fill('my "site"');
  await page.keyboard.press('Enter');
  await row(page, '/root/my \\"site\\"').waitFor(SOON);
  await choose(page, 'New file in /root/my "site"');
  await page.getByLabel('Name of the new file').fill('a/b');
  await page.getByText('A name has no slash in it.').waitFor();
  await page.getByLabel('Name of the new file').fill('page.txt');
  await page.keyboard.press('Enter');
  await tab(page, 'page.txt').waitFor(SOON);
  await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toContain('cm-content');
  await page.keyboard.type('Hello');
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');

  // Escape, then Tab: out of the editor.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('.cm-editor'))).toBeNull();

  await row(page, '/root/my \\"site\\"').focus();
  await page.keyboard.press('F2');
  await page.getByLabel('New name of my "site"').fill('site');
  await page.keyboard.press('Enter');
  await row(page, '/root/site/page.txt').waitFor(SOON);
  await run(page, 'clear; cat /root/site/page.txt; echo');
  await shows(page, /^Hello/m);
  await append(page, '!');
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');
  await run(page, 'clear; cat /root/site/page.txt; echo');
  await shows(page, /^Hello!/m);

  await row(page, '/root/site').focus();
  await page.keyboard.press('Delete');
  await page.getByText('site is in the trash').waitFor(SOON);
  await row(page, '/root/site').waitFor({ state: 'detached', ...SOON });
  await shoot(page, 'files-deleted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, '/root/site').waitFor(SOON);
  await run(page, 'clear; ls -A .local/share/Trash/*; cat site/page.txt; echo');
  await shows(page, /^Hello!/m);

  // A vital folder stays, with words.
  await row(page, '/usr').focus();
  await page.keyboard.press('Delete');
  await page.getByText('/usr stays: without it node1 would not go on.').waitFor(SOON);
  // A link leads to its folder.
  await row(page, '/bin').focus();
  await page.keyboard.press('Enter');
  await row(page, '/usr/bin/edit').or(row(page, '/usr/bin/awk')).first().waitFor(SOON);
  await expect
    .poll(() =>
      page.evaluate(() => document.querySelector('[role=treeitem][tabindex="0"]')?.getAttribute('data-key')),
    )
    .toBe('/usr/bin');
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('edit in a terminal opens a file, and no output of another form does', async () => {
  const page = await app.open('/playground');
  shootFailure(page);
  await machineRuns(page);
  await run(
    page,
    `printf '\\e]7377;edit;node9;L2V0Yy9ob3N0cw==\\a\\e]7377;edit;node1;L2V0Yy8uLi9ob3N0cw==\\a'`,
  );
  await type(page, 'edit notes.txt /etc/hostname');
  await tab(page, 'notes.txt').waitFor(SOON);
  await tab(page, 'hostname').waitFor(SOON);
  expect(await page.getByRole('list', { name: 'Open files' }).getByRole('listitem').count()).toBe(2);
  await tab(page, 'notes.txt').click();
  await saved(page, 'Not on the disk yet');
  await editor(page).click();
  await page.keyboard.type('hello');
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');
  await run(page, 'clear; cat /root/notes.txt; echo; stat -c %a notes.txt');
  await shows(page, /^hello/m);
  await shows(page, /^644/m);
  // What is no text is not opened.
  await type(page, 'clear; edit /usr/bin/bash');
  await page.getByText(/It is no text|It is larger than/).waitFor(SOON);
  await shoot(page, 'files-refused');
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('files go in and out, whole folders too', async () => {
  const page = await openPane();
  const site = join(folder, 'site');
  mkdirSync(join(site, 'css'), { recursive: true });
  writeFileSync(join(site, 'index.html'), '<h1>Uploaded</h1>');
  writeFileSync(join(site, 'css', 'größe ü.css'), 'h1 { color: red }');
  writeFileSync(
    join(site, 'logo.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><script>alert(1)</script><circle cx="20" cy="20" r="18"/></svg>',
  );
  const large = Uint8Array.from({ length: 6_000_000 }, (_, i) => (i * 7919) % 251);
  writeFileSync(join(folder, 'large.bin'), large);
  await drop(page, site);
  await row(page, '/root/site').waitFor(SOON);
  await run(page, 'clear; cat site/index.html site/css/*; echo; stat -c %a:%U site/index.html');
  await shows(page, /^<h1>Uploaded<\/h1>h1 { color: red }/m);
  await shows(page, /^644:root/m);

  // An image is shown as one.
  await row(page, '/root/site').click();
  await row(page, '/root/site/logo.svg').click(SOON);
  await expect
    .poll(
      () =>
        page
          .getByRole('img', { name: 'logo.svg' })
          .evaluate((image) => (image as HTMLImageElement).naturalWidth),
      SOON,
    )
    .toBe(40);
  await shoot(page, 'files-image');

  const choosing = page.waitForEvent('filechooser');
  await row(page, '/root').focus();
  await choose(page, 'Upload files into /root');
  await (await choosing).setFiles(join(folder, 'large.bin'));
  await page.getByRole('list', { name: 'Transfers' }).waitFor();
  await shoot(page, 'files-upload');
  await row(page, '/root/large.bin').waitFor(SOON);
  // Once more: it asks.
  const again = page.waitForEvent('filechooser');
  await row(page, '/root').focus();
  await choose(page, 'Upload files into /root');
  await (await again).setFiles(join(folder, 'large.bin'));
  await page.getByText('Overwrite the file?').waitFor(SOON);
  await shoot(page, 'files-overwrite');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();

  const downloading = page.waitForEvent('download', SOON);
  await row(page, '/root/large.bin').click();
  await page.getByRole('button', { name: 'Download it' }).click(SOON);
  const file = await (await downloading).path();
  expect(Buffer.compare(readFileSync(file), large)).toBe(0);

  const packing = page.waitForEvent('download', SOON);
  await row(page, '/root/site').focus();
  await choose(page, 'Download as a tar archive');
  const archive = await packing;
  expect(archive.suggestedFilename()).toBe('site.tar');
  expect(readFileSync(await archive.path()).includes('<h1>Uploaded</h1>')).toBe(true);
  await run(page, 'clear; ls /var/tmp /run/drydock* ; echo');
  expect(await screen(page)).not.toMatch(/drydock-\w{8}/);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

test('the files of a container are its own', async () => {
  const page = await openPane();
  await run(page, 'docker run -d --name web nginx && docker exec web ln -s /etc/hostname /srv/link');
  await page.getByRole('button', { name: /Choose a node or a container/ }).click();
  await page.getByRole('menuitem', { name: /^web/ }).waitFor(SOON);
  await look(page, 'places');
  await page.getByRole('menuitem', { name: /^web/ }).click();
  await row(page, '/docker-entrypoint.d').waitFor(SOON);

  // A link of a container leads to the container's file, not to that of the machine.
  await row(page, '/srv').click();
  await row(page, '/srv/link').click(SOON);
  await expect.poll(() => text(page), SOON).toMatch(/^[0-9a-f]{12}/);

  await row(page, '/etc').click();
  await row(page, '/etc/nginx').click(SOON);
  await row(page, '/etc/nginx/nginx.conf').click(SOON);
  await expect.poll(() => text(page), SOON).toContain('worker_processes');
  await run(
    page,
    'docker exec web sh -c "chown 33:33 /etc/nginx/nginx.conf; chmod 600 /etc/nginx/nginx.conf"',
  );
  await append(page, '# mine');
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');
  await look(page, 'container');
  await run(
    page,
    'clear; docker exec web sh -c "tail -n 1 /etc/nginx/nginx.conf; echo; stat -c %a:%u:%g /etc/nginx/nginx.conf"',
  );
  await shows(page, /^# mine/m);
  await shows(page, /^600:33:33/m);

  // One that is mounted from the machine.
  await row(page, '/etc/hosts').click();
  await expect.poll(() => text(page), SOON).toContain('localhost');
  await append(page, '# more');
  await page.keyboard.press('Control+s');
  await saved(page, 'Saved');
  await run(page, 'clear; docker exec web tail -n 1 /etc/hosts; echo');
  await shows(page, /^# more/m);

  await drop(page, join(folder, 'site'));
  await row(page, '/etc/site').waitFor(SOON);
  await run(page, 'clear; docker exec web cat /etc/site/index.html; echo');
  await shows(page, /^<h1>Uploaded<\/h1>/m);
  await row(page, '/etc/site').focus();
  await page.keyboard.press('Delete');
  await page.getByText('site is in the trash').waitFor(SOON);
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, '/etc/site').waitFor(SOON);
  await run(page, 'clear; docker exec web cat /etc/site/index.html; echo');
  await shows(page, /^<h1>Uploaded<\/h1>/m);

  await run(page, 'clear; docker stop -t 1 web');
  await page.getByText('web does not run. Start it to see its files.').waitFor(SOON);
  await look(page, 'stopped');
  await page.getByRole('button', { name: 'Start web' }).click();
  await row(page, '/docker-entrypoint.d').waitFor(SOON);
  await run(page, 'docker rm -f web');
  await page.getByText('web was removed, and its files with it.').waitFor(SOON);
  await showPlace(page, 'node1');
  await row(page, '/root').waitFor(SOON);
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
