import { expect, it } from 'vitest';
import type { ReleaseFile } from '../release-file.ts';
import { sha256 } from '../vm/digest.ts';
import { catalogueStream, storedStream, type ByteRange, type ByteStream } from './blob-stream.ts';
import { openMemoryStore } from './memory-store.ts';
import { PART_BYTES } from './store.ts';
import { content, digestOf, MemorySource, streamOf, type Bytes } from './testing.ts';
import { Uploads } from './uploads.ts';

const bytes = content(300_000);

/** `file` on the site, where `bytes` were published. */
async function published(file: Bytes, chunkBytes = 10_000): Promise<[MemorySource, ReleaseFile]> {
  const source = new MemorySource();
  source.chunkBytes = chunkBytes;
  source.files.set('blobs/x', file);
  return [source, { path: 'blobs/x', bytes: bytes.length, sha256: await sha256(bytes) }];
}

const read = async (stream: ByteStream): Promise<Bytes> =>
  new Uint8Array(await new Response(stream).arrayBuffer());
const whole = { start: 0, end: bytes.length };

it.each([
  [0, 300_000],
  [0, 1],
  [9_999, 10_001],
  [299_999, 300_000],
  [100, 100],
])('gives bytes %i to %i of a file, in whatever pieces it arrives', async (start, end) => {
  const expected = await digestOf(bytes.slice(start, end));
  for (const chunkBytes of [10_000, 99_999, Infinity]) {
    const [source, blob] = await published(bytes, chunkBytes);
    expect(await digestOf(await read(await catalogueStream(source, blob, { start, end })))).toBe(expected);
  }
});

it('begins before the file is there', async () => {
  const [source, blob] = await published(bytes);
  let arrive!: () => void;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const stream = await catalogueStream(
    {
      async read(path, options) {
        options?.onChunk?.(bytes.slice(0, 5));
        options?.onChunk?.(bytes.slice(5));
        await arrived;
        return source.read(path, { ...options, onChunk: undefined });
      },
    },
    blob,
    whole,
  );
  const reader = stream.getReader();
  expect((await reader.read()).value).toEqual(bytes.slice(0, 5));
  arrive();
  expect((await reader.read()).value).toEqual(bytes.slice(5));
  expect((await reader.read()).done).toBe(true);
});

it('gives no byte of a small file that is not the published one, and never the whole of a large one', async () => {
  const [small, blob] = await published(content(300_000, 2), Infinity);
  await expect(catalogueStream(small, blob, whole)).rejects.toMatchObject({ code: 'damaged-file' });
  const [large] = await published(content(300_000, 2));
  await expect(read(await catalogueStream(large, blob, whole))).rejects.toMatchObject({
    code: 'damaged-file',
  });
});

it('stops the download when nobody wants it any more', async () => {
  const [, blob] = await published(bytes);
  const signals: (AbortSignal | undefined)[] = [];
  const stream = await catalogueStream(
    {
      read(_, options) {
        signals.push(options?.signal);
        options?.onChunk?.(bytes.slice(0, 5));
        options?.onChunk?.(bytes.slice(5, 10));
        return new Promise(() => undefined);
      },
    },
    blob,
    whole,
  );
  await stream.cancel();
  expect(signals[0]?.aborted).toBe(true);
});

it.each([
  [0, 2 * PART_BYTES + 5],
  [PART_BYTES - 1, PART_BYTES + 1],
  [2 * PART_BYTES + 4, 2 * PART_BYTES + 5],
])('gives bytes %i to %i of a stored blob, and fails when it goes', async (start, end) => {
  const store = openMemoryStore();
  const stored = content(2 * PART_BYTES + 5);
  const id = await store.beginUpload('docker.io/anna/web');
  await new Uploads(store).append(id, 0, streamOf(stored));
  const range: ByteRange = { start, end };
  expect(await digestOf(await read(storedStream(store, id, range)))).toBe(
    await digestOf(stored.slice(start, end)),
  );
  await store.cancelUpload(id);
  await expect(read(storedStream(store, id, range))).rejects.toMatchObject({ code: 'damaged-file' });
});
