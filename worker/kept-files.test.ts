import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { DrydockError } from './error.ts';
import { verify, type FileSource } from './vm/source.ts';
import { KeptFiles, type Keeping } from './kept-files.ts';

const bytes = new TextEncoder().encode('a layer');
const path = 'catalogue/blobs/a';
const expected = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };

/** The part of Cache Storage that is needed, in memory. */
function createCache() {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    entries,
    match: (url: string) => {
      const found = entries.get(url);
      return Promise.resolve(found && new Response(found));
    },
    put: async (url: string, response: Response) => {
      entries.set(url, new Uint8Array(await response.arrayBuffer()));
    },
    keys: () => Promise.resolve([...entries.keys()].map((url) => new Request(url))),
    delete: (url: string) => Promise.resolve(entries.delete(url)),
  };
}

function create(keeping: Keeping = 'what-is-read') {
  const cache = createCache();
  const read = vi.fn<FileSource['read']>((path, options) => verify(path, bytes.slice(), options?.expected));
  return { cache, read, files: new KeptFiles({ read }, cache, keeping) };
}

const keep = (files: KeptFiles, ...paths: string[]): Promise<void> =>
  files.keep(
    paths.map((each) => ({ path: each, bytes: bytes.length, expected })),
    2,
    new AbortController().signal,
    () => undefined,
  );

it('reads a file from the site once, and then without it', async () => {
  const { files, read } = create();
  expect(await files.read(path, { expected })).toEqual(bytes);
  read.mockRejectedValue(new DrydockError('download-failed', 'no connection'));
  const onProgress = vi.fn();
  expect(await files.read(path, { expected, onProgress })).toEqual(bytes);
  expect(onProgress).toHaveBeenCalledWith(bytes.length);
  await expect(files.read('catalogue/blobs/b')).rejects.toThrow('no connection');
});

it('tells what it keeps, and forgets what it is told to', async () => {
  const { files, cache } = create();
  await keep(files, path, 'catalogue/blobs/b');
  expect(await files.paths()).toEqual(new Set([path, 'catalogue/blobs/b']));
  await files.drop([path]);
  expect(await files.paths()).toEqual(new Set(['catalogue/blobs/b']));
  expect(cache.entries.size).toBe(1);
});

it('reads again what was damaged in the browser', async () => {
  const { files, cache, read } = create();
  await files.read(path, { expected });
  for (const url of cache.entries.keys()) cache.entries.set(url, new Uint8Array(3));
  expect(await files.read(path, { expected })).toEqual(bytes);
  expect(read).toHaveBeenCalledTimes(2);
});

it('does without room when it reads, and says so when it is told to keep', async () => {
  const { files, cache } = create();
  cache.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  expect(await files.read(path, { expected })).toEqual(bytes);
  await expect(keep(files, path)).rejects.toMatchObject({ code: 'storage-full', details: { path } });
});

it('keeps nothing that arrived damaged', async () => {
  const { files, cache } = create();
  await expect(files.read(path, { expected: { ...expected, bytes: 1 } })).rejects.toMatchObject({
    code: 'damaged-file',
  });
  expect(cache.entries.size).toBe(0);
});

it('asks the site first for what may have changed, and has what is kept where there is no connection', async () => {
  const { files, read } = create('what-is-asked-for');
  await files.replace(path, bytes);
  await files.read(path, { cache: 'no-cache' });
  expect(read).toHaveBeenCalledOnce();
  read.mockRejectedValue(new DrydockError('download-failed', 'no connection'));
  expect(await files.read(path, { cache: 'no-cache' })).toEqual(bytes);
  await expect(files.read(path, { cache: 'reload' })).rejects.toThrow('no connection');
});

it('keeps only what it is told to, where that is so', async () => {
  const { files, cache } = create('what-is-asked-for');
  expect(await files.read(path, { expected })).toEqual(bytes);
  expect(cache.entries.size).toBe(0);
  await keep(files, path);
  expect(cache.entries.size).toBe(1);
});

it('goes on where a download broke off, or was cancelled', async () => {
  const { files, read } = create('what-is-asked-for');
  read.mockImplementation((name) =>
    name === 'c'
      ? Promise.reject(new DrydockError('download-failed', 'cut'))
      : Promise.resolve(bytes.slice()),
  );
  await expect(keep(files, 'a', 'b', 'c')).rejects.toThrow('cut');
  const controller = new AbortController();
  read.mockImplementation(() => {
    controller.abort();
    return Promise.resolve(bytes.slice());
  });
  const needed = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    path: name,
    bytes: bytes.length,
    expected: undefined,
  }));
  await expect(files.keep(needed, 1, controller.signal, () => undefined)).rejects.toThrow('abort');
  expect(await files.paths()).toEqual(new Set(['a', 'b', 'c']));
  read.mockClear();
  const onProgress = vi.fn();
  await files.keep(needed, 1, new AbortController().signal, onProgress);
  expect(read.mock.calls.map(([name]) => name)).toEqual(['d', 'e']);
  expect(onProgress).toHaveBeenLastCalledWith({
    loadedBytes: 2 * bytes.length,
    totalBytes: 2 * bytes.length,
  });
});

it('knows a file by the first half of its hash', async () => {
  const { files } = create();
  const sha256 = expected.sha256.slice(0, 32);
  expect(await files.read(path, { expected: { sha256 } })).toEqual(bytes);
  await expect(files.read('b', { expected: { sha256: sha256.slice(1) } })).rejects.toMatchObject({
    code: 'damaged-file',
  });
});
