import { existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransferProgress } from './file-system.ts';
import { MAX_ENTRIES } from './mounted-files.ts';
import { NodeFiles } from './node-files.ts';
import { LocalNode } from './testing.ts';

const STRANGE = `a\n"b' $(touch x)\\ ü`;

let node: LocalNode;
let files: NodeFiles;
const at = (...parts: string[]): string => join(node.folder, ...parts);
const options = (
  onProgress: (progress: TransferProgress) => void = () => undefined,
): { onProgress: (progress: TransferProgress) => void; signal: AbortSignal } => ({
  onProgress,
  signal: new AbortController().signal,
});

beforeEach(() => {
  node = new LocalNode();
  files = new NodeFiles({ node: 'node1', container: undefined }, node.guest);
});
afterEach(() => {
  node.end();
});

describe('a look', () => {
  it('finds what is in folders and what files are, in one script', async () => {
    mkdirSync(at('sub'));
    writeFileSync(at(STRANGE), 'four');
    symlinkSync('/etc/hosts', at('link'));
    const looks = await files.look([node.folder, at('sub'), at(STRANGE), at('nothing')]);
    expect(node.scripts).toBe(1);
    expect(looks.get(node.folder)?.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['sub', 'folder'],
      [STRANGE, 'file'],
      ['link', 'link'],
    ]);
    expect(looks.get(at('sub'))).toMatchObject({ entries: [], isCut: false });
    expect(looks.get(at(STRANGE))?.self).toMatchObject({ kind: 'file', size: 4 });
    expect(looks.has(at('nothing'))).toBe(false);
  });

  it('tells a part of a huge folder, and all of the others', async () => {
    for (const name of ['before', 'huge', 'after']) mkdirSync(at(name));
    for (let i = 0; i < MAX_ENTRIES + 50; i++) writeFileSync(at('huge', `f${i}`), '');
    for (const name of ['before', 'after']) writeFileSync(at(name, 'file'), '');
    const looks = await files.look([at('before'), at('huge'), at('after')]);
    expect(looks.get(at('huge'))).toMatchObject({ isCut: true });
    expect(looks.get(at('huge'))?.entries).toHaveLength(MAX_ENTRIES);
    for (const name of ['before', 'after'])
      expect(looks.get(at(name))).toMatchObject({ isCut: false, entries: [{ name: 'file' }] });
  });

  it('does not follow a link', async () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    expect((await files.look([at('link')])).get(at('link'))?.self.kind).toBe('link');
    expect(await files.resolve(at('link'))).toBe(at('real'));
    await expect(files.resolve(at('none'))).rejects.toThrow('No such file or directory');
  });
});

describe('changes', () => {
  it('make files and folders that were not there', async () => {
    await files.createFile(at(STRANGE));
    await files.createFolder(at('new'));
    expect(node.modeOf(at(STRANGE))).toBe(0o644);
    expect(node.modeOf(at('new'))).toBe(0o755);
    await expect(files.createFile(at('new'))).rejects.toThrow('something of that name already');
    await expect(files.createFolder(at(STRANGE))).rejects.toThrow('something of that name already');
    await expect(files.createFile(at('no', 'file'))).rejects.toThrow('No such file or directory');
  });

  it('leave what is mounted, and what something is mounted in, where it is', async () => {
    const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => /^\/(?:dev|proc|sys)\/[a-z/]+$/.test(path));
    expect(mounted).not.toEqual([]);
    for (const path of mounted)
      await expect(files.rename(path, at('moved'))).rejects.toThrow('mounted there');
  });

  it('rename, but never over something', async () => {
    writeFileSync(at('a'), '1');
    writeFileSync(at('b'), '2');
    symlinkSync('/nowhere', at('dangling'));
    await expect(files.rename(at('a'), at('b'))).rejects.toThrow('already');
    await expect(files.rename(at('a'), at('dangling'))).rejects.toThrow('already');
    await files.rename(at('a'), at(STRANGE));
    expect(readFileSync(at(STRANGE), 'utf-8')).toBe('1');
  });

  it('delete into the trash, and back', async () => {
    mkdirSync(at('x y'));
    writeFileSync(at('x y', 'file'), 'kept');
    const first = await files.trash(at('x y'));
    expect(existsSync(at('x y'))).toBe(false);
    expect(readFileSync(at('trash', 'info', 'x y.trashinfo'), 'utf-8')).toMatch(
      /^\[Trash Info\]\nPath=\S*x%20y\nDeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\n$/,
    );
    mkdirSync(at('x y'));
    const second = await files.trash(at('x y'));
    expect(second.name).toBe('x y.2');
    await files.restore(first);
    expect(readFileSync(at('x y', 'file'), 'utf-8')).toBe('kept');
    expect(existsSync(at('trash', 'info', 'x y.trashinfo'))).toBe(false);
    await expect(files.restore(second)).rejects.toThrow('already');
  });

  it('leave alone what the machine needs', async () => {
    await expect(files.trash('/usr')).rejects.toThrow('/usr stays');
    await expect(files.trash('/root/.local')).rejects.toThrow('The trash is in there');
    await expect(files.trash('/root/.local/share/Trash/files/x')).rejects.toThrow('in the trash already');
    expect(node.scripts).toBe(0);
  });

  it('are told where the machine stands still', async () => {
    node.phase = 'paused';
    await expect(files.createFile(at('a'))).rejects.toThrow('node1 is paused. Resume it, then try again.');
    node.phase = 'off';
    await expect(files.look(['/'])).rejects.toThrow('node1 does not run.');
  });
});

it('saving is done in place', async () => {
  writeFileSync(at('file'), 'before', { mode: 0o640 });
  linkSync(at('file'), at('other name'));
  const { ino } = statSync(at('file'));
  await files.write(at('file'), new TextEncoder().encode('after'));
  expect(readFileSync(at('other name'), 'utf-8')).toBe('after');
  expect(statSync(at('file')).ino).toBe(ino);
  expect(node.modeOf(at('file'))).toBe(0o640);
});

describe('transfers', () => {
  it('put files of all sizes into folders', async () => {
    const large = new Uint8Array(5_000_000).fill(7);
    const progress: TransferProgress[] = [];
    await files.upload(
      node.folder,
      [
        { path: 'site/index.html', file: new Blob(['<h1>']) },
        { path: `site/${'ö'.repeat(100)}/${'l'.repeat(200)}.txt`, file: new Blob(['deep']) },
        { path: 'site/large', file: new Blob([large]) },
        { path: STRANGE, file: new Blob(['odd']) },
      ],
      options((each) => progress.push(each)),
    );
    expect(readFileSync(at('site/index.html'), 'utf-8')).toBe('<h1>');
    expect(readFileSync(at(`site/${'ö'.repeat(100)}/${'l'.repeat(200)}.txt`), 'utf-8')).toBe('deep');
    expect(Buffer.compare(readFileSync(at('site/large')), large)).toBe(0);
    expect(readFileSync(at(STRANGE), 'utf-8')).toBe('odd');
    expect(node.modeOf(at('site/large'))).toBe(0o644);
    expect(node.modeOf(at('site'))).toBe(0o755);
    expect(progress.every(({ doneBytes, totalBytes }) => doneBytes <= (totalBytes ?? 0))).toBe(true);
    expect(
      (await files.look([node.folder]))
        .get(node.folder)
        ?.entries.map(({ name }) => name)
        .sort(),
    ).toEqual([STRANGE, 'site'].sort());
  });

  it('leave nothing behind that was cancelled', async () => {
    const end = new AbortController();
    const upload = files.upload(
      node.folder,
      [{ path: 'large', file: new Blob([new Uint8Array(5_000_000)]) }],
      {
        signal: end.signal,
        onProgress: ({ doneBytes }) => {
          if (doneBytes > 0) end.abort(new Error('cancelled'));
        },
      },
    );
    await expect(upload).rejects.toThrow('cancelled');
    expect((await files.look([node.folder])).get(node.folder)?.entries).toEqual([]);
  });

  it('know which files are there already', async () => {
    writeFileSync(at(STRANGE), '');
    symlinkSync('/nowhere', at('dangling'));
    expect(await files.existing([at(STRANGE), at('dangling'), at('none')])).toEqual([
      at(STRANGE),
      at('dangling'),
    ]);
  });

  it('bring a file and a folder', async () => {
    mkdirSync(at('-dir'));
    writeFileSync(at('-dir', 'file'), 'content');
    writeFileSync(at('big'), new Uint8Array(600_000).fill(3));
    const blob = await files.download(at('big'), 600_000, options());
    expect(new Uint8Array(await blob.arrayBuffer()).every((byte) => byte === 3)).toBe(true);
    expect(blob.size).toBe(600_000);
    const archive = await files.downloadFolder(at('-dir'), options());
    const entries = await unpackTar(await archive.arrayBuffer());
    expect(entries.map(({ header }) => header.name)).toEqual(['-dir/', '-dir/file']);
    await expect(files.downloadFolder(at('none'), options())).rejects.toThrow('No such file or directory');
  });
});
