/** Files that a Killercoda scenario brings along, as bash that writes them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Notes } from './imported.ts';
import type { Scan } from './scan.ts';

export interface Asset {
  /** Within `assets/`; may have `*` and `**`. */
  file: string;
  /** The folder that it goes to. */
  target: string;
  chmod?: string;
}

/** Bash that writes the `assets` of `host`, by the file it is about; those that are no text are noted. */
export function assetScripts(
  folder: string,
  host: string,
  assets: readonly Asset[],
  scan: Scan,
  notes: Notes,
): { path: string; script: string }[] {
  return assets.flatMap(({ file, target, chmod }) => {
    const note = (kind: 'left out' | 'to do' | 'changed', text: string): void => {
      notes.add(kind, 'index.json', undefined, `asset ${file} of ${host}, which goes to ${target}: ${text}`);
    };
    const paths = filesLike(join(folder, 'assets'), file);
    if (paths.length === 0) note('left out', 'it is not there');
    return paths.flatMap((path) => {
      const text = readFileSync(join(folder, 'assets', path), 'utf8').replaceAll('\r\n', '\n');
      if (/[\0\uFFFD]/.test(text)) {
        note('to do', `${path} is no text: make it in an init block`);
        return [];
      }
      note('changed', `an init block writes ${path}`);
      scan.script(text, `assets/${path}`, 1);
      const place = `${target.replace(/^~/, '/root').replace(/\/$/, '')}/${path}`;
      return [{ path, script: writing(text, place, chmod) }];
    });
  });
}

/** Paths below `folder` that `pattern` means. */
function filesLike(folder: string, pattern: string): string[] {
  if (!existsSync(folder)) return [];
  const source = pattern
    .replace(/^\.?\//, '')
    .split(/(\*+)/)
    .map((part) => (part === '*' ? '[^/]*' : part.startsWith('*') ? '.*' : part.replace(/[^\w/-]/g, '\\$&')))
    .join('');
  const wanted = new RegExp(`^${source}$`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted.test(path) && statSync(join(folder, path)).isFile())
    .sort();
}

function writing(text: string, place: string, chmod: string | undefined): string {
  return [
    `mkdir -p '${place.replace(/\/[^/]*$/, '')}/'`,
    `cat >'${place}' <<'END_OF_ASSET'`,
    text.replace(/\n$/, ''),
    'END_OF_ASSET',
    ...(chmod === undefined ? [] : [`chmod ${chmod} '${place}'`]),
  ].join('\n');
}
