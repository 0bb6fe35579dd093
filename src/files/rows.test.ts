import { describe, expect, it } from 'vitest';
import type { Entry, EntryKind } from './entry.ts';
import { nameOf } from './paths.ts';
import { rowsOf, stepFor, type FolderState } from './rows.ts';

function entry(path: string, kind: EntryKind = 'file'): Entry {
  return { path, name: nameOf(path), kind, size: 1, changed: '1.0', mode: 0o644, uid: 0, gid: 0, target: '' };
}

function listed(path: string, entries: Entry[], isCut = false): [string, FolderState] {
  return [path, { phase: 'listed', look: { self: entry(path, 'folder'), entries, isCut } }];
}

const folders = Object.fromEntries([
  listed('/', [entry('/etc', 'folder'), entry('/root', 'folder'), entry('/file')]),
  listed('/root', [entry('/root/.ssh', 'folder'), entry('/root/a')], true),
  listed('/root/.ssh', []),
]);
const open = ['/', '/root', '/root/.ssh'];
const keys = (...options: Parameters<typeof rowsOf>): string[] => rowsOf(...options).map(({ key }) => key);

describe('rows', () => {
  it('are those of open folders within open folders', () => {
    expect(keys(folders, open, undefined)).toEqual([
      '/etc',
      '/root',
      '/root/.ssh',
      'empty /root/.ssh',
      '/root/a',
      'cut /root',
      '/file',
    ]);
    expect(keys(folders, ['/', '/root/.ssh'], undefined)).toEqual(['/etc', '/root', '/file']);
    expect(keys({}, open, undefined)).toEqual([]);
  });

  it('are told apart, also where their names come as the same', () => {
    const both = Object.fromEntries([listed('/', [entry('/\ufffd.txt'), entry('/\ufffd.txt')])]);
    expect(new Set(keys(both, ['/'], undefined)).size).toBe(2);
  });

  it('tell their place to those who do not see them', () => {
    const row = rowsOf(folders, open, undefined)[4];
    expect(row).toMatchObject({ level: 2, position: 2, count: 2, isOpen: undefined });
  });

  it('have a field for what is new, and for a name that changes', () => {
    expect(keys(folders, open, { what: 'new-file', folder: '/root' })[2]).toBe('draft /root');
    const rows = rowsOf(folders, open, { what: 'rename', path: '/root/a', name: 'a' });
    expect(rows.filter((row) => row.kind === 'entry' && row.isRenamed).map(({ key }) => key)).toEqual([
      '/root/a',
    ]);
  });

  it('say that a folder is being read', () => {
    expect(keys(folders, ['/', '/etc'], undefined)).toContain('loading /etc');
  });
});

describe('a key', () => {
  const rows = rowsOf(folders, open, undefined);

  it('leads from row to row', () => {
    expect(stepFor(rows, '/etc', 'ArrowDown')).toEqual({ to: '/root' });
    expect(stepFor(rows, '/etc', 'ArrowUp')).toEqual({ to: '/etc' });
    expect(stepFor(rows, '/root', 'End')).toEqual({ to: '/file' });
    expect(stepFor(rows, '/file', 'Home')).toEqual({ to: '/etc' });
    expect(stepFor(rows, '/file', 'ArrowDown')).toBeUndefined();
    expect(stepFor(rows, 'gone', 'ArrowDown')).toEqual({ to: '/etc' });
  });

  it('opens and closes folders, and leads in and out', () => {
    expect(stepFor(rows, '/etc', 'ArrowRight')).toEqual({ open: '/etc' });
    expect(stepFor(rows, '/root', 'ArrowRight')).toEqual({ to: '/root/.ssh' });
    expect(stepFor(rows, '/root', 'ArrowLeft')).toEqual({ close: '/root' });
    expect(stepFor(rows, '/root/a', 'ArrowLeft')).toEqual({ to: '/root' });
    expect(stepFor(rows, 'empty /root/.ssh', 'ArrowLeft')).toEqual({ to: '/root/.ssh' });
    expect(stepFor(rows, '/file', 'ArrowRight')).toBeUndefined();
    expect(stepFor(rows, '/file', 'ArrowLeft')).toBeUndefined();
  });

  it('of a letter leads to the next name that begins with it', () => {
    expect(stepFor(rows, '/etc', 'r')).toEqual({ to: '/root' });
    expect(stepFor(rows, '/file', 'E')).toEqual({ to: '/etc' });
    expect(stepFor(rows, '/file', 'x')).toBeUndefined();
  });
});
