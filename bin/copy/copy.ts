/** A copy of Drydock in a folder: `site/` for any web server, and what serves it where there is none. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { Choice } from './choice.ts';
import { bytesIn, describeContents } from './contents.ts';
import { readMe } from './read-me.ts';
import { writeRelease, type Release } from './release.ts';

const ROOT = join(import.meta.dirname, '../..');
const LICENCES = ['LICENSE', 'THIRD-PARTY.md'];

const siteOf = (copy: string): string => join(copy, 'site');
const machineOf = (copy: string): string => join(siteOf(copy), 'machine');

/** Builds the app with the chosen lessons and no others. */
export async function addApp({ lessonsFolder, lessons }: Choice, copy: string): Promise<void> {
  const chosen = mkdtempSync(join(tmpdir(), 'drydock-lessons-'));
  try {
    for (const { id } of lessons) cpSync(join(lessonsFolder, id), join(chosen, id), { recursive: true });
    // Where vite.config.ts looks for lessons.
    process.env.DRYDOCK_LESSONS = chosen;
    await build({ root: ROOT, logLevel: 'warn', build: { outDir: siteOf(copy), emptyOutDir: true } });
  } finally {
    rmSync(chosen, { recursive: true, force: true });
  }
}

/** Puts the machine and its hub's images beside the app. */
export async function addMachine(release: Release, choice: Choice, copy: string): Promise<void> {
  await writeRelease(release, choice, machineOf(copy));
}

/** Adds the servers, what starts them, the text to read first and the licences. Returns what it says is in the copy. */
export function addPrograms({ lessons, catalogue }: Choice, copy: string): string {
  cpSync(join(import.meta.dirname, 'files'), copy, { recursive: true });
  chmodSync(join(copy, 'start.sh'), 0o755);
  forWindows(copy, 'start.bat', readFileSync(join(copy, 'start.bat'), 'utf8'));
  for (const name of LICENCES) cpSync(join(ROOT, name), join(copy, name));
  const machineBytes = bytesIn(machineOf(copy));
  const appBytes = bytesIn(siteOf(copy)) - machineBytes;
  const contents = describeContents({ lessons, catalogue, appBytes, machineBytes });
  forWindows(copy, 'READ ME FIRST.txt', readMe(contents));
  return contents;
}

/** Writes a text with the ends of lines that Windows needs. */
function forWindows(copy: string, name: string, text: string): void {
  writeFileSync(join(copy, name), text.replaceAll('\n', '\r\n'));
}
