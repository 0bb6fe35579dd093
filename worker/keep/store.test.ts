import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeOrigin } from './fake-origin.ts';
import { openIndexedStore } from './indexed-store.ts';
import { openMemoryStore } from './memory-store.ts';
import type { SessionStore } from './store.ts';

let databases = 0;

/** Has the browser an origin private file system from now on. */
function withOrigin(origin = new FakeOrigin()): FakeOrigin {
  vi.stubGlobal('FileSystemFileHandle', origin.fileHandle);
  vi.stubGlobal('navigator', { storage: { getDirectory: () => Promise.resolve(origin.root) } });
  return origin;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const STORES: { name: string; open: () => Promise<SessionStore>; lasting: SessionStore['lasting'] }[] = [
  { name: 'in memory', open: () => Promise.resolve(openMemoryStore()), lasting: 'process' },
  { name: 'in IndexedDB', open: () => openIndexedStore(`keep-${databases++}`), lasting: 'browser' },
  {
    name: 'with files of the origin',
    open: () => {
      withOrigin();
      return openIndexedStore(`keep-${databases++}`);
    },
    lasting: 'browser',
  },
];

describe.each(STORES)('the store $name', ({ open, lasting }) => {
  it('keeps files as they were written', async () => {
    const { files, lasting: its } = await open();
    expect(its).toBe(lasting);
    const bytes = Uint8Array.of(1, 2, 3);
    await files.write('one/a', bytes);
    bytes.fill(9);
    await files.write('one/b', new Uint8Array(0));
    await files.write('one/a2', Uint8Array.of(7, 7, 7, 7).subarray(1, 2));
    await files.write('two/a', Uint8Array.of(4));
    expect([...(await files.read('one/a'))]).toEqual([1, 2, 3]);
    (await files.read('one/a')).fill(8);
    expect([...(await files.read('one/a'))]).toEqual([1, 2, 3]);
    expect([...(await files.read('one/b'))]).toEqual([]);
    expect([...(await files.read('one/a2'))]).toEqual([7]);
    expect((await files.names('one')).sort()).toEqual(['a', 'a2', 'b']);
    await files.write('one/a', Uint8Array.of(5));
    expect([...(await files.read('one/a'))], 'shorter than before').toEqual([5]);
  });

  it('removes what it is told to, and nothing of another session', async () => {
    const { files } = await open();
    for (const path of ['one/a', 'one/b', 'one/c', 'one-more/a']) await files.write(path, Uint8Array.of(1));
    await files.remove('one', ['a', 'never-there']);
    await files.remove('nobody', ['a']);
    expect((await files.names('one')).sort()).toEqual(['b', 'c']);
    await files.removeAll('one');
    await files.removeAll('nobody');
    expect(await files.names('one')).toEqual([]);
    expect(await files.names('nobody')).toEqual([]);
    expect(await files.names('one-more')).toEqual(['a']);
    for (const path of ['one/a', 'nobody/a', 'one-more/b'])
      await expect(files.read(path)).rejects.toMatchObject({ code: 'damaged-file', details: { file: path } });
  });

  it('changes records one at a time', async () => {
    const { records } = await open();
    expect(await records.get('a')).toBeUndefined();
    const count = (stored: unknown): { n: number } => ({
      n: ((stored as { n: number } | undefined)?.n ?? 0) + 1,
    });
    await Promise.all(Array.from({ length: 20 }, () => records.change('a', count)));
    await records.change('b', () => ({ n: 0 }));
    expect(await records.get('a')).toEqual({ n: 20 });
    expect(await records.list()).toEqual(
      new Map([
        ['a', { n: 20 }],
        ['b', { n: 0 }],
      ]),
    );
    await records.change('b', () => undefined);
    expect([...(await records.list()).keys()]).toEqual(['a']);
  });

  it('leaves a record as it was when the change fails', async () => {
    const { records } = await open();
    await records.change('a', () => ({ n: 1 }));
    const failing = records.change('a', () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await records.get('a')).toEqual({ n: 1 });
  });
});

it('says that IndexedDB is full, and loses nothing', async () => {
  const { files, records } = await openIndexedStore('full');
  await files.write('one/a', Uint8Array.of(1));
  await records.change('one', () => ({ n: 1 }));
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  await expect(files.write('one/b', Uint8Array.of(1))).rejects.toMatchObject({ code: 'storage-full' });
  await expect(records.change('one', () => ({ n: 2 }))).rejects.toMatchObject({ code: 'storage-full' });
  put.mockRestore();
  expect(await records.get('one')).toEqual({ n: 1 });
  expect(await files.names('one')).toEqual(['a']);
});

it.each(['fails', 'writes less'] as const)(
  'says that the origin’s files are full when one %s',
  async (how) => {
    const origin = withOrigin();
    const { files } = await openIndexedStore(`keep-${databases++}`);
    await files.write('one/a', Uint8Array.of(1, 2));
    expect(await files.hasRoom(1000)).toBe(true);
    origin.full = how;
    if (how === 'fails') expect(await files.hasRoom(1000)).toBe(false);
    await expect(files.write('one/b', Uint8Array.of(1, 2))).rejects.toMatchObject({ code: 'storage-full' });
    expect(origin.open, 'no file stays locked').toBe(0);
    origin.full = undefined;
    expect([...(await files.read('one/a'))]).toEqual([1, 2]);
    await files.write('one/b', Uint8Array.of(3));
    expect([...(await files.read('one/b'))]).toEqual([3]);
  },
);

it('keeps files in IndexedDB where the browser has no files of the origin to give', async () => {
  const origin = withOrigin();
  vi.stubGlobal('navigator', {
    storage: { getDirectory: () => Promise.reject(new DOMException('private window', 'SecurityError')) },
  });
  const { files } = await openIndexedStore(`keep-${databases++}`);
  await files.write('one/a', Uint8Array.of(1));
  expect([...(await files.read('one/a'))]).toEqual([1]);
  expect(origin.root.folders.size).toBe(0);
});

it('opens anew, and empty, after the browser has cleared the site’s data', async () => {
  const origin = withOrigin();
  const databases: IDBOpenDBRequest[] = [];
  const open = vi.spyOn(IDBFactory.prototype, 'open');
  const { files, records } = await openIndexedStore('cleared');
  for (const { value } of open.mock.results) databases.push(value as IDBOpenDBRequest);
  open.mockRestore();
  await records.change('one', () => ({ n: 1 }));
  await files.write('one/a', Uint8Array.of(1));
  for (const { result } of databases) forceCloseDatabase(result as never);
  await new Promise((resolve) => (indexedDB.deleteDatabase('cleared').onsuccess = resolve));
  origin.root.folders.clear();
  expect(await records.get('one')).toBeUndefined();
  await expect(files.read('one/a')).rejects.toMatchObject({ code: 'damaged-file' });
  await records.change('one', () => ({ n: 2 }));
  await files.write('one/b', Uint8Array.of(2));
  expect(await records.get('one')).toEqual({ n: 2 });
  expect(await files.names('one')).toEqual(['b']);
});
