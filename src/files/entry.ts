/** What `find` says of files, read. Names may contain anything but a slash and NUL, so NUL separates all fields. */
import { DrydockError } from '../../worker/error.ts';
import { join } from './paths.ts';

/** What a file is. `special` is a device, a socket or a pipe: there is nothing in it to read. */
export type EntryKind = 'folder' | 'file' | 'link' | 'special';

/** What a folder says of something in it. */
export interface Entry {
  path: string;
  name: string;
  kind: EntryKind;
  /** Bytes. */
  size: number;
  /** When it last changed, in seconds since 1970, with nanoseconds. */
  changed: string;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Where a link leads. */
  target: string;
}

/** What was found at a path that was looked at. */
export interface Look {
  self: Entry;
  /** What is in it, in order; nothing unless it is a folder. */
  entries: Entry[];
  /** Whether there is more in it than is told. */
  isCut: boolean;
}

/** What `find -printf` is to print of each file. */
export const FIND_FORMAT = String.raw`%H\0%P\0%y\0%s\0%T@\0%m\0%U\0%G\0%l\0`;

/** Fields of a record. */
export const FIELDS = 9;

const KINDS: Record<string, EntryKind | undefined> = { d: 'folder', f: 'file', l: 'link' };

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

/** What tells one state of a file from another: when it changed, and its size. */
export function stampOf({ changed, size }: Pick<Entry, 'changed' | 'size'>): string {
  return `${changed}:${size}`;
}

/**
 * Reads what `find` has printed of starting points and what is in them.
 * @param pathOf the path that a starting point was asked for by
 * @throws DrydockError if it is not in the form of `FIND_FORMAT`
 */
export function parseLooks(output: string, pathOf: (start: string) => string | undefined): Map<string, Look> {
  const fields = output.split('\0');
  // After the last field's NUL comes nothing.
  if (fields.pop() !== '' || fields.length % FIELDS !== 0)
    throw new DrydockError('agent-failed', 'The list of files could not be read.');
  const looks = new Map<string, Look>();
  for (let at = 0; at < fields.length; at += FIELDS) {
    const [start = '', below = '', type = '', size, changed = '', mode = '', uid, gid, target = ''] =
      fields.slice(at, at + FIELDS);
    const path = pathOf(start);
    if (path === undefined) continue;
    const entry = {
      kind: KINDS[type] ?? 'special',
      size: Number(size),
      changed: nanoseconds(changed),
      mode: Number.parseInt(mode, 8),
      uid: Number(uid),
      gid: Number(gid),
      target,
    };
    const look = looks.get(path);
    if (below === '')
      looks.set(path, {
        self: { ...entry, path, name: path.slice(path.lastIndexOf('/') + 1) || '/' },
        entries: [],
        isCut: false,
      });
    else look?.entries.push({ ...entry, path: join(path, below), name: below });
  }
  for (const { entries } of looks.values()) entries.sort(compareEntries);
  return looks;
}

/** Folders before all else, then by name: `file2` before `file10`. */
function compareEntries(one: Entry, other: Entry): number {
  const folders = Number(other.kind === 'folder') - Number(one.kind === 'folder');
  return folders || byName.compare(one.name, other.name);
}

/** `find` prints ten digits after the point, of which nine are known. */
function nanoseconds(seconds: string): string {
  const [whole = '', fraction = ''] = seconds.split('.');
  return `${whole}.${fraction.padEnd(9, '0').slice(0, 9)}`;
}
