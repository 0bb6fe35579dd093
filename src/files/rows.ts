/** A tree of folders as the rows that are on the screen. */
import type { Entry, Look } from './entry.ts';
import { isLegible } from './paths.ts';

/** What is known of an open folder. */
export type FolderState =
  { phase: 'loading' } | { phase: 'listed'; look: Look } | { phase: 'failed'; error: Error };

/** Open folders by their paths. */
export type Folders = Readonly<Record<string, FolderState | undefined>>;

/** A name that is being typed: of something new in a folder, or of something that is there. */
export type Draft =
  { what: 'new-file' | 'new-folder'; folder: string } | { what: 'rename'; path: string; name: string };

/** What there is to say of a folder instead of, or after, what is in it. */
export type Note = 'loading' | 'empty' | 'cut' | 'failed';

interface Placed {
  /** Tells it from all other rows. */
  key: string;
  /** From 1. */
  level: number;
}

/** A row of the tree. */
export type Row =
  | (Placed & {
      kind: 'entry';
      entry: Entry;
      /** Among those of its folder, from 1. */
      position: number;
      count: number;
      /** Whether a folder is open; undefined for all else. */
      isOpen: boolean | undefined;
      /** Its name is being changed. */
      isRenamed: boolean;
    })
  | (Placed & { kind: 'note'; folder: string; note: Note; error?: Error })
  | (Placed & { kind: 'draft'; folder: string; what: 'new-file' | 'new-folder' });

/** The rows of all folders that are open within those that are open, from the root's on. */
export function rowsOf(folders: Folders, open: readonly string[], draft: Draft | undefined): Row[] {
  const rows: Row[] = [];
  const add = (folder: string, level: number): void => {
    if (draft && draft.what !== 'rename' && draft.folder === folder)
      rows.push({ kind: 'draft', key: `draft ${folder}`, folder, what: draft.what, level });
    const state = folders[folder];
    const note = (what: Note, error?: Error): void => {
      rows.push({
        kind: 'note',
        key: `${what} ${folder}`,
        folder,
        note: what,
        level,
        ...(error && { error }),
      });
    };
    if (state?.phase === 'failed') note('failed', state.error);
    else if (state?.phase !== 'listed') note('loading');
    else if (state.look.entries.length === 0) note('empty');
    else {
      const { entries, isCut } = state.look;
      for (const [i, entry] of entries.entries()) {
        const isOpen = entry.kind === 'folder' ? open.includes(entry.path) : undefined;
        rows.push({
          kind: 'entry',
          // What is not UTF-8 comes as the same replacement characters, whatever it was.
          key: isLegible(entry.path) ? entry.path : `${entry.path}\0${i}`,
          entry,
          level,
          position: i + 1,
          count: entries.length,
          isOpen,
          isRenamed: draft?.what === 'rename' && draft.path === entry.path,
        });
        if (isOpen) add(entry.path, level + 1);
      }
      if (isCut) note('cut');
    }
  };
  if (folders['/']) add('/', 1);
  return rows;
}

/** Where a key leads from a row: to another row, or a folder opens or closes. */
export type Step = { to: string } | { open: string } | { close: string };

/**
 * What a key does at the row `key`, as trees have it (https://www.w3.org/WAI/ARIA/apg/patterns/treeview/).
 * @returns undefined where it does nothing
 */
export function stepFor(rows: readonly Row[], key: string | undefined, pressed: string): Step | undefined {
  const at = rows.findIndex((row) => row.key === key);
  const row = rows[at];
  const to = (index: number): Step | undefined => {
    const target = rows[index];
    return target && { to: target.key };
  };
  switch (pressed) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(Math.max(at - 1, 0));
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      if (row?.kind !== 'entry' || row.isOpen === undefined) return undefined;
      return row.isOpen ? to(at + 1) : { open: row.entry.path };
    case 'ArrowLeft':
      if (row?.kind === 'entry' && row.isOpen) return { close: row.entry.path };
      return row && to(parentIndex(rows, at));
    default:
      return pressed.length === 1 ? byLetter(rows, at, pressed) : undefined;
  }
}

/** The next entry whose name begins with `letter`. */
function byLetter(rows: readonly Row[], at: number, letter: string): Step | undefined {
  const begins = (row: Row): boolean =>
    row.kind === 'entry' && row.entry.name.toLowerCase().startsWith(letter.toLowerCase());
  const found = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(begins);
  return found && { to: found.key };
}

function parentIndex(rows: readonly Row[], at: number): number {
  const level = rows[at]?.level ?? 1;
  return rows.findLastIndex((row, i) => i < at && row.level < level);
}
