/**
 * The build cache: one folder per step and hash of its inputs, outside the checkout. A step writes into a
 * temporary folder that is renamed when it is whole, so a killed build leaves nothing that is later taken
 * for finished; what it left behind is removed by the next run.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built things are kept: `DRYDOCK_CACHE`, else the user's cache folder. */
export const CACHE =
  process.env.DRYDOCK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'drydock');

/** Hashes strings and files (folders: every file in them, with its path and mode). */
export function hashInputs(strings: string[], paths: string[]): string {
  const hash = createHash('sha256');
  for (const string of strings) hash.update(`${string.length}:${string}`);
  const visit = (path: string, name: string): void => {
    const stat = lstatSync(path);
    hash.update(`${name}:${(stat.mode & 0o111) === 0 ? '-' : 'x'}:`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (stat.isDirectory())
      for (const entry of readdirSync(path).sort()) visit(join(path, entry), `${name}/${entry}`);
    else hash.update(readFileSync(path));
  };
  paths.forEach((path, i) => {
    visit(path, String(i));
  });
  return hash.digest('hex').slice(0, 16);
}

/** The folder that holds (or will hold) the output of step `name` for inputs with `hash`. */
export function outputFolder(name: string, hash: string): string {
  return join(CACHE, name, hash);
}

/** Fills `folder` by `fill` unless it is there already. Only a `fill` that returns makes it appear. */
export async function ensureFolder(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return;
  const temporary = `${folder}.partial-${process.pid}`;
  removeAbandoned(folder);
  // In a container process ids repeat: a killed build may have left a folder with our own.
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    await fill(temporary);
    try {
      renameSync(temporary, folder);
    } catch (error) {
      // Another build of the same may have been faster: its output is as good.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Removes the temporary folders of builds whose process is gone. */
function removeAbandoned(folder: string): void {
  const parent = join(folder, '..');
  if (!existsSync(parent)) return;
  for (const entry of readdirSync(parent)) {
    const pid = /\.partial-(\d+)$/.exec(entry)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}
