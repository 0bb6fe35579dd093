import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FolderSource } from './folder-source.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-folder-source-'));
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files/a'), Uint8Array.of(1, 2, 3));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('reads a file whole and reports its size', async () => {
  const onProgress = vi.fn();
  const bytes = await new FolderSource(folder).read('files/a', { onProgress });
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  expect(bytes.buffer.byteLength, 'the buffer is not part of a pool').toBe(3);
  expect(onProgress).toHaveBeenCalledExactlyOnceWith(3);
});

it('fails like a download when there is no such file', async () => {
  await expect(new FolderSource(folder).read('files/b')).rejects.toMatchObject({
    code: 'download-failed',
    details: { path: 'files/b' },
    cause: { code: 'ENOENT' },
  });
});

it('gives the reason of its signal when it is aborted', async () => {
  const reason = new Error('the machine was destroyed');
  const signal = AbortSignal.abort(reason);
  await expect(new FolderSource(folder).read('files/a', { signal })).rejects.toBe(reason);
});
