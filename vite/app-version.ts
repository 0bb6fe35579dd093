/** Which version of the app this is, for people: its number, and the commit that it was built from if that is known. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** @example '0.1.0 (11660d0)' */
export function appVersion(): string {
  const root = new URL('..', import.meta.url);
  const { version } = packageSchema.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));
  const commit = commitOf(root);
  return commit === undefined ? version : `${version} (${commit})`;
}

function commitOf(folder: URL): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Built from an archive, without git.
    return undefined;
  }
}
