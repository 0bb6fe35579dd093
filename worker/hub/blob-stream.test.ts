import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { sha256 } from '../vm/digest.ts';
import { catalogueStream, storedStream, type ByteRange, type ByteStream } from './blob-stream.ts';
import type { CatalogueBlob } from './catalogue.ts';
import { openMemoryStore } from './memory-store.ts';
import { PART_BYTES } from './store.ts';
import { content, digestOf, MemorySource, streamOf, type Bytes } from './testing.ts';
import { Uploads } from './uploads.ts';

const bytes = content(300_000);

async function published(
  file: Bytes,
  encoding: CatalogueBlob['encoding'],
): Promise<[MemorySource, CatalogueBlob]> {
  const source = new MemorySource();
  source.files.set('blobs/x', file);
  const described = { path: 'blobs/x', bytes: file.length, sha256: await sha256(file) };
  return [source, { bytes: bytes.length, file: described, encoding }];
}

const read = async (stream: ByteStream): Promise<Bytes> =>
  new Uint8Array(await new Response(stream).arrayBuffer());
const whole = { start: 0, end: bytes.length };

it.each([
  [0, 300_000],
  [0, 1],
  [65_535, 65_537],
  [299_999, 300_000],
  [100, 100],
])('gives bytes %i to %i of a file, gzipped or not', async (start, end) => {
  const expected = await digestOf(bytes.slice(start, end));
  for (const encoding of ['identity', 'gzip'] as const) {
    const file = encoding === 'gzip' ? new Uint8Array(gzipSync(bytes)) : bytes;
    const [source, blob] = await published(file, encoding);
    expect(await digestOf(await read(await catalogueStream(source, blob, { start, end })))).toBe(expected);
  }
});

it.each([bytes.slice(1), content(300_001)])(
  'fails when the blob has another size than was published',
  async (other) => {
    const [source, blob] = await published(new Uint8Array(gzipSync(other)), 'gzip');
    await expect(read(await catalogueStream(source, blob, whole))).rejects.toMatchObject({
      code: 'damaged-file',
    });
  },
);

it('gives no byte of a file that is not the published one', async () => {
  const [source, blob] = await published(bytes, 'identity');
  source.files.set('blobs/x', content(300_000, 2));
  await expect(catalogueStream(source, blob, whole)).rejects.toMatchObject({ code: 'damaged-file' });
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
