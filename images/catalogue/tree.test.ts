import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference, DPKG, published, readTree, type Header, type Publication, type Tree } from './tree.ts';

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-tree-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Part = string | Partial<Header>;

/** A tree as a tar file has it: a string is a file's content; folders above are added. */
async function treeOf(parts: Record<string, Part>): Promise<{ tree: Tree; texts: Map<string, string> }> {
  const tar = pack();
  const seen = new Set<string>();
  const mtime = new Date(1_700_000_000_000);
  for (const [path, part] of Object.entries(parts)) {
    const segments = path.split('/');
    for (let i = 1; i < segments.length; i++) {
      const above = segments.slice(0, i).join('/');
      if (!seen.has(above) && !(above in parts)) tar.entry({ name: `./${above}/`, type: 'directory', mtime });
      seen.add(above);
    }
    const header = {
      name: `./${path}`,
      mtime,
      ...(typeof part === 'string' ? { type: 'file' as const } : part),
    };
    tar.entry(header, typeof part === 'string' ? part : '');
  }
  tar.finalize();
  const file = join(folder, `${files++}.tar`);
  await pipeline(tar, createWriteStream(file));
  return readTree(file);
}

const link = (linkname: string): Part => ({ type: 'symlink', linkname });
const hardLink = (linkname: string): Part => ({ type: 'link', linkname: `./${linkname}` });
const folderPart: Part = { type: 'directory' };

describe('what an image shows of its workshop', () => {
  const show = async (
    parts: Record<string, Part>,
    publication: Partial<Publication>,
    applets: string[] = [],
  ) => published(await treeOf(parts), { drop: [], remove: [], ...publication }, applets);
  const PERL = {
    'usr/bin/perl': 'program',
    'usr/lib/perl/a.pm': 'module',
    'usr/lib/other/b': 'of another package',
    [`${DPKG}/info/perl.list`]:
      '/.\n/usr\n/usr/bin\n/usr/bin/perl\n/usr/lib\n/usr/lib/perl\n/usr/lib/perl/a.pm\n',
    [`${DPKG}/status`]: 'Package: perl\nVersion: 5\n\nPackage: sed\nVersion: 4\n',
  };

  it('is without a dropped package, its folders and its entry in the list of packages', async () => {
    const tree = await show(PERL, { drop: ['perl'] });
    expect([...tree.keys()]).toEqual([
      'usr',
      'usr/lib',
      'usr/lib/other',
      'usr/lib/other/b',
      'var',
      'var/lib',
      'var/lib/dpkg',
      `${DPKG}/info`,
      `${DPKG}/info/perl.list`,
      `${DPKG}/status`,
    ]);
    expect(tree.get(`${DPKG}/status`)?.content).toBe('Package: sed\nVersion: 4\n');
  });

  it('cannot be without a package that is not there', async () => {
    await expect(show(PERL, { drop: ['perl', 'ruby'] })).rejects.toThrow(/ruby/);
  });

  it('is without what a package has below a folder that became a link', async () => {
    const tree = await show(
      {
        'usr/bin/ls': 'program',
        'usr/bin/other': '',
        bin: link('usr/bin'),
        [`${DPKG}/info/ls.list`]: '/bin\n/bin/ls\n',
      },
      { drop: ['ls'] },
    );
    expect(tree.has('usr/bin/ls')).toBe(false);
    expect(tree.has('bin')).toBe(true);
  });

  it('is without paths that a pattern names, and what is below', async () => {
    const tree = await show(
      { 'usr/share/man/a/b': '', 'usr/share/manual': '', 'opt/a1/x': '', 'opt/b1/x': '' },
      { remove: ['/usr/share/man', '/opt/a*'] },
    );
    expect([...tree.keys()]).toEqual(['usr', 'usr/share', 'usr/share/manual', 'opt', 'opt/b1', 'opt/b1/x']);
  });

  it('has no link to what is gone, but keeps those that led nowhere before', async () => {
    const tree = await show(
      {
        'etc/alternatives/awk': link('/usr/bin/mawk'),
        'usr/bin/awk': link('/etc/alternatives/awk'),
        'usr/bin/mawk': '',
        'etc/mtab': link('/proc/mounts'),
      },
      { remove: ['/usr/bin/mawk'] },
    );
    expect(tree.has('usr/bin/awk')).toBe(false);
    expect(tree.has('etc/alternatives/awk')).toBe(false);
    expect(tree.has('etc/mtab')).toBe(true);
  });

  it('has links to busybox for the programs that it lacks', async () => {
    const tree = await show({ 'usr/bin/busybox': '', 'usr/sbin/ip': '' }, { applets: '/usr/bin' }, [
      'ip',
      'ls',
    ]);
    expect(tree.get('usr/bin/ls')?.header).toMatchObject({ type: 'symlink', linkname: 'busybox' });
    expect(tree.has('usr/bin/ip')).toBe(false);
  });

  it('cannot have one name of a file whose first name is gone', async () => {
    await expect(show({ 'a/1': 'x', 'b/2': hardLink('a/1') }, { remove: ['/a'] })).rejects.toThrow(
      /another name/,
    );
  });
});

describe('the difference to a base', () => {
  const differenceOf = async (base: Record<string, Part>, own: Record<string, Part>) => {
    const { write, gone } = difference((await treeOf(own)).tree, (await treeOf(base)).tree);
    return { write: [...write].sort(), gone };
  };

  it('is nothing for the same tree', async () => {
    expect(await differenceOf({ 'a/b': 'x' }, { 'a/b': 'x' })).toEqual({ write: [], gone: [] });
  });

  it('has new and changed files with the folders above them', async () => {
    const { write } = await differenceOf({ 'a/b': 'x', 'c/d': 'x' }, { 'a/b': 'y', 'c/d': 'x', 'e/f': 'x' });
    expect(write).toEqual(['a', 'a/b', 'e', 'e/f']);
  });

  it('has a file whose owner or attributes alone changed', async () => {
    const file = (more: Partial<Header>): Part => ({ type: 'file', size: 0, ...more });
    const { write } = await differenceOf(
      { a: file({}), b: file({}) },
      { a: file({ uid: 7 }), b: file({ pax: { 'SCHILY.xattr.user.a': '1' } }) },
    );
    expect(write).toEqual(['a', 'b']);
  });

  it('whites out the highest of what is gone', async () => {
    expect(await differenceOf({ 'a/b/c': '', 'a/d': '' }, { 'a/d': '' })).toEqual({
      write: ['a'],
      gone: ['a/b'],
    });
  });

  it('has all names of a file where one of them is new', async () => {
    const { write } = await differenceOf({ 'a/1': 'x' }, { 'a/1': 'x', 'a/2': hardLink('a/1') });
    expect(write).toEqual(['a', 'a/1', 'a/2']);
  });

  it('replaces a folder by a link without whiting out what was in it', async () => {
    const { write, gone } = await differenceOf({ 'a/b': '', c: folderPart }, { a: link('c'), c: folderPart });
    expect({ write, gone }).toEqual({ write: ['a'], gone: [] });
  });
});
