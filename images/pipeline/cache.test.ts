import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'drydock-cache-'));
vi.stubEnv('DRYDOCK_CACHE', join(root, 'cache'));
const { CACHE, ensureFolder, hashInputs, outputFolder } = await import('./cache.ts');

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** The id of a process that has ended. */
const deadPid = () => spawnSync('true').pid;

it('keeps built things where DRYDOCK_CACHE says', () => {
  expect(CACHE).toBe(join(root, 'cache'));
  expect(outputFolder('disk', 'abc')).toBe(join(root, 'cache/disk/abc'));
});

describe('the hash of inputs', () => {
  /** A folder with a file, a program, a folder in it and a link. */
  function createInputs(): string {
    const folder = join(root, 'inputs');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'a.txt'), 'content');
    writeFileSync(join(folder, 'program'), '#!/bin/sh', { mode: 0o755 });
    writeFileSync(join(folder, 'sub/b.txt'), 'more');
    symlinkSync('a.txt', join(folder, 'link'));
    return folder;
  }

  it('is the same for the same', () => {
    const folder = createInputs();
    const hash = hashInputs(['x'], [folder]);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(hashInputs(['x'], [folder])).toBe(hash);
  });

  it('does not depend on where the inputs lie, nor on when they were written', () => {
    const folder = createInputs();
    const hash = hashInputs([], [folder]);
    renameSync(folder, join(root, 'elsewhere'));
    expect(hashInputs([], [join(root, 'elsewhere')])).toBe(hash);
  });

  it.each<[string, (folder: string) => void]>([
    [
      'the content of a file',
      (folder) => {
        writeFileSync(join(folder, 'a.txt'), 'Content');
      },
    ],
    [
      'the content of a file further in',
      (folder) => {
        writeFileSync(join(folder, 'sub/b.txt'), 'less');
      },
    ],
    [
      'the name of a file',
      (folder) => {
        renameSync(join(folder, 'a.txt'), join(folder, 'c.txt'));
      },
    ],
    [
      'the folder of a file',
      (folder) => {
        renameSync(join(folder, 'sub/b.txt'), join(folder, 'b.txt'));
      },
    ],
    [
      'that a file is a program',
      (folder) => {
        chmodSync(join(folder, 'program'), 0o644);
      },
    ],
    [
      'a new file',
      (folder) => {
        writeFileSync(join(folder, 'new'), '');
      },
    ],
    [
      'a file that is gone',
      (folder) => {
        rmSync(join(folder, 'a.txt'));
      },
    ],
    [
      'a new empty folder',
      (folder) => {
        mkdirSync(join(folder, 'empty'));
      },
    ],
    [
      'where a link points',
      (folder) => {
        rmSync(join(folder, 'link'));
        symlinkSync('sub/b.txt', join(folder, 'link'));
      },
    ],
  ])('changes with %s', (_, change) => {
    const folder = createInputs();
    const hash = hashInputs([], [folder]);
    change(folder);
    expect(hashInputs([], [folder])).not.toBe(hash);
  });

  it('changes with the strings, their number and their order', () => {
    const all = [[], [''], ['ab'], ['a', 'b'], ['b', 'a'], ['', 'ab']].map((strings) =>
      hashInputs(strings, []),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('changes with the order of the paths', () => {
    const folder = createInputs();
    const [a, b] = [join(folder, 'a.txt'), join(folder, 'sub/b.txt')];
    expect(hashInputs([], [a, b])).not.toBe(hashInputs([], [b, a]));
  });

  it('follows no link out of a folder', () => {
    const folder = createInputs();
    symlinkSync('/nowhere/at/all', join(folder, 'dangling'));
    expect(() => hashInputs([], [folder])).not.toThrow();
  });

  it('needs every path to be there', () => {
    expect(() => hashInputs([], [join(root, 'missing')])).toThrow('ENOENT');
  });
});

describe('ensureFolder', () => {
  const folder = join(root, 'cache/step/0123');
  const entries = () => readdirSync(join(folder, '..'));

  it('fills a folder that is not there, elsewhere until it is whole', async () => {
    await ensureFolder(folder, (temporary) => {
      expect(readdirSync(temporary)).toEqual([]);
      expect(temporary).not.toBe(folder);
      writeFileSync(join(temporary, 'out'), 'built');
      expect(existsSync(folder)).toBe(false);
      return Promise.resolve();
    });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('built');
    expect(entries()).toEqual(['0123']);
  });

  it('leaves a folder that is there alone', async () => {
    mkdirSync(folder, { recursive: true });
    const fill = vi.fn();
    await ensureFolder(folder, fill);
    expect(fill).not.toHaveBeenCalled();
  });

  it('takes what another build has finished meanwhile', async () => {
    await ensureFolder(folder, (temporary) => {
      writeFileSync(join(temporary, 'out'), 'second');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'out'), 'first');
      return Promise.resolve();
    });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('first');
    expect(entries()).toEqual(['0123']);
  });

  it('leaves nothing of a fill that fails, and passes its error on', async () => {
    const error = new Error('no such package');
    const filling = ensureFolder(folder, (temporary) => {
      writeFileSync(join(temporary, 'half'), '');
      return Promise.reject(error);
    });
    await expect(filling).rejects.toBe(error);
    expect(entries()).toEqual([]);
  });

  it('fills again what failed', async () => {
    await expect(ensureFolder(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await ensureFolder(folder, () => Promise.resolve());
    expect(entries()).toEqual(['0123']);
  });

  it('takes nothing of a killed build for finished, and removes it', async () => {
    const left = `${folder}.partial-${deadPid()}`;
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'half'), '');
    await ensureFolder(folder, (temporary) => {
      writeFileSync(join(temporary, 'whole'), '');
      return Promise.resolve();
    });
    expect(entries()).toEqual(['0123']);
    expect(readdirSync(folder)).toEqual(['whole']);
  });

  it('takes nothing over from a killed build that had the same process id', async () => {
    const left = `${folder}.partial-${process.pid}`;
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'half'), '');
    await ensureFolder(folder, (temporary) => {
      expect(readdirSync(temporary)).toEqual([]);
      return Promise.resolve();
    });
  });

  it('removes what killed builds of the same step left, whatever their inputs', async () => {
    mkdirSync(join(folder, `../4567.partial-${deadPid()}`), { recursive: true });
    await ensureFolder(folder, () => Promise.resolve());
    expect(entries()).toEqual(['0123']);
  });

  it('keeps what another build is at, and what other builds have finished', async () => {
    const other = `4567.partial-${process.ppid}`;
    mkdirSync(join(folder, '..', other), { recursive: true });
    mkdirSync(join(folder, '../89ab'));
    await ensureFolder(folder, () => Promise.resolve());
    expect(entries().sort()).toEqual(['0123', other, '89ab']);
  });
});
