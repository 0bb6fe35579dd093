import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { carryOver, earlierMachines } from './earlier.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drydock-earlier-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const chunk = (digit: string): string => `chunks/${digit.repeat(2)}/${digit.repeat(32)}.zst`;
const MEMORY = 'files/standard-memory-0-0123456789ab.zst';

/** A deployment whose machine has these files. */
function deploy(name: string, files: Record<string, string>): string {
  const folder = join(root, name);
  for (const [path, content] of Object.entries({ 'manifest.json': '{}', ...files })) {
    const file = join(folder, 'machine', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

describe('what is carried over', () => {
  it('is what the new release lacks', () => {
    const old = deploy('old', { [chunk('a')]: 'old a', [chunk('b')]: 'old b', [MEMORY]: 'memory' });
    const machine = join(deploy('new', { [chunk('a')]: 'new a' }), 'machine');
    expect(carryOver(earlierMachines([old], join(root, 'dist')), machine)).toEqual({ files: 2, bytes: 11 });
    const read = (path: string): string => readFileSync(join(machine, path), 'utf8');
    expect([chunk('a'), chunk('b'), MEMORY].map(read)).toEqual(['new a', 'old b', 'memory']);
  });

  it('is nothing but files named by their content', () => {
    const module = 'files/standard-modules-0123456789ab.wasm';
    const others = ['files/notes.txt', 'chunks/aa/part', 'catalogue/blobs/01', `deep/${chunk('c')}`];
    const files = Object.fromEntries([module, `${module}.br`, ...others].map((path) => [path, 'x']));
    const old = deploy('old', files);
    const machine = join(deploy('new', { 'manifest.json': 'new' }), 'machine');
    expect(carryOver(earlierMachines([old], join(root, 'dist')), machine).files).toBe(2);
    expect(readFileSync(join(machine, 'manifest.json'), 'utf8')).toBe('new');
    expect(others.filter((path) => existsSync(join(machine, path)))).toEqual([]);
  });

  it('comes from all deployments in a folder, and from each once', () => {
    deploy('all/first', { [chunk('a')]: '1', [chunk('b')]: '22' });
    deploy('all/second', { [chunk('b')]: '22', [chunk('c')]: '333' });
    mkdirSync(join(root, 'all/other'));
    const machine = join(deploy('new', {}), 'machine');
    const earlier = earlierMachines([join(root, 'all')], join(root, 'dist'));
    expect(carryOver(earlier, machine)).toEqual({ files: 3, bytes: 6 });
    expect(carryOver(earlier, machine)).toEqual({ files: 0, bytes: 0 });
  });
});

describe('a folder is refused', () => {
  it('that is no deployment, with all others like it', () => {
    mkdirSync(join(root, 'empty'));
    const earlier = [join(root, 'empty'), join(root, 'gone'), deploy('good', {})];
    const message = /empty is no deployment[^]*\n.*gone is no deployment/;
    expect(() => earlierMachines(earlier, join(root, 'dist'))).toThrow(message);
  });

  it('that the build empties before it could be read', () => {
    const dist = deploy('dist', {});
    for (const folder of [dist, root])
      expect(() => earlierMachines([folder], dist)).toThrow(/dist is emptied by this build/);
    expect(earlierMachines([deploy('dist-old', {})], dist)).toHaveLength(1);
  });
});
