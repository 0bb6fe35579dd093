import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { openIndexedStore } from './indexed-store.ts';
import { MemoryRecords, openMemoryStore } from './memory-store.ts';
import { isStorageFull, storageFull, type Records } from './records.ts';
import { RemoteRecords, serveRecords } from './remote-records.ts';
import { compareTags, HubStore, PART_BYTES, type NewManifest, type StoreOptions } from './store.ts';
import { content, digestOf, OCI_IMAGE, streamOf, testImage, type Bytes, type TestImage } from './testing.ts';
import { Uploads } from './uploads.ts';

const DAY = 24 * 60 * 60 * 1000;
let databases = 0;

const STORES: { name: string; open: (options?: StoreOptions) => Promise<HubStore> }[] = [
  { name: 'in memory', open: (options) => Promise.resolve(openMemoryStore(options)) },
  { name: 'in another thread', open: (options) => Promise.resolve(openRemoteStore(options)) },
  { name: 'in IndexedDB', open: (options) => openIndexedStore(`store-${databases++}`, options) },
];

function openRemoteStore(options?: StoreOptions): HubStore {
  const { port1, port2 } = new MessageChannel();
  serveRecords(new MemoryRecords(), port1);
  return new HubStore(new RemoteRecords(port2), options);
}

/** Uploads content as blob of a repository; its digest. */
async function add(store: HubStore, repository: string, bytes: Bytes): Promise<string> {
  const digest = await digestOf(bytes);
  const id = await store.beginUpload(repository);
  await new Uploads(store).append(id, 0, streamOf(bytes));
  expect(await store.finishUpload(id, digest)).toBe(true);
  return digest;
}

function asManifest({ manifest, digest, ...image }: TestImage, children: string[] = []): NewManifest {
  return {
    digest,
    body: manifest,
    mediaType: OCI_IMAGE,
    blobs: [
      { digest: image.configDigest, size: image.config.length },
      { digest: image.layerDigest, size: image.layer.length },
    ],
    children,
    descriptor: { mediaType: OCI_IMAGE, digest, size: manifest.length },
  };
}

async function push(store: HubStore, repository: string, tag: string, image: TestImage): Promise<void> {
  await add(store, repository, image.layer);
  await add(store, repository, image.config);
  const result = await store.putManifest(repository, asManifest(image), tag, () => undefined);
  expect(result).toEqual({ state: 'kept' });
}

describe.each(STORES)('the store $name', ({ open }) => {
  it('keeps a blob in parts, whatever the pieces it came in', async () => {
    const store = await open();
    const bytes = content(2 * PART_BYTES + 100);
    const id = await store.beginUpload('docker.io/anna/web');
    const uploads = new Uploads(store);
    let at = 0;
    for (const length of [10, PART_BYTES - 10, 1, PART_BYTES + 99]) {
      const appended = await uploads.append(id, at, streamOf(bytes.slice(at, at + length)));
      expect(appended).toEqual({ state: 'appended', bytes: length });
      at += length;
    }
    const digest = await digestOf(bytes);
    expect(await uploads.digest(id, bytes.length)).toBe(digest);
    expect(await new Uploads(store).digest(id, bytes.length), 'read again by who has not seen it').toBe(
      digest,
    );
    await store.finishUpload(id, digest);
    const blob = await store.blob('docker.io/anna/web', digest);
    expect(blob).toMatchObject({ state: 'kept', bytes: bytes.length });
    const parts = await Promise.all([0, 1, 2, 3].map((index) => store.part(id, index)));
    expect(parts.map((part) => part?.length)).toEqual([PART_BYTES, PART_BYTES, 100, undefined]);
  });

  it('appends only at the end of an upload, so that two writers cannot mix', async () => {
    const store = await open();
    const id = await store.beginUpload('docker.io/anna/web');
    expect(await store.append(id, 0, content(10))).toBe(true);
    expect(await store.append(id, 0, content(10))).toBe(false);
    expect(await store.append('none', 0, content(10))).toBe(false);
    expect((await store.upload('docker.io/anna/web', id))?.bytes).toBe(10);
    expect(await store.upload('docker.io/other/web', id), 'of another repository').toBeUndefined();
  });

  it('keeps equal content once', async () => {
    const store = await open();
    const digest = await add(store, 'docker.io/anna/one', content(1000));
    const kept = await store.blob('docker.io/anna/one', digest);
    await add(store, 'docker.io/anna/two', content(1000));
    expect(await store.blob('docker.io/anna/two', digest)).toEqual(kept);
  });

  it('removes uploads, and blobs that no manifest came for, after a day', async () => {
    let now = 0;
    const store = await open({ now: () => now });
    const upload = await store.beginUpload('docker.io/anna/web');
    await store.append(upload, 0, content(10));
    const orphan = await add(store, 'docker.io/anna/web', content(20));
    const image = await testImage(content(30));
    await push(store, 'docker.io/anna/web', 'v1', image);
    now = DAY - 1;
    await store.sweep();
    expect(await store.upload('docker.io/anna/web', upload)).toBeDefined();
    now = DAY + 1;
    await store.sweep();
    expect(await store.upload('docker.io/anna/web', upload)).toBeUndefined();
    expect(await store.part(upload, 0)).toBeUndefined();
    expect(await store.blob('docker.io/anna/web', orphan)).toBeUndefined();
    expect(await store.blob('docker.io/anna/web', image.layerDigest)).toBeDefined();
  });

  it('sweeps with an image the blobs that no other image needs, in this repository and everywhere', async () => {
    const store = await open();
    const one = await testImage(content(100, 1));
    const same = await testImage(content(100, 1), { annotations: { second: 'yes' } });
    await push(store, 'docker.io/anna/web', 'one', one);
    await push(store, 'docker.io/anna/web', 'same', same);
    await push(store, 'docker.io/anna/copy', 'one', one);
    const kept = await store.blob('docker.io/anna/web', one.layerDigest);
    const content1 = kept?.state === 'kept' ? kept.content : '';

    await store.deleteManifest('docker.io/anna/web', one.digest);
    expect(await store.tag('docker.io/anna/web', 'one')).toBeUndefined();
    expect(await store.blob('docker.io/anna/web', one.layerDigest)).toBeDefined();
    await store.deleteTag('docker.io/anna/web', 'same', 'drop-manifest');
    expect(await store.blob('docker.io/anna/web', one.layerDigest)).toBeUndefined();
    expect(await store.hasRepository('docker.io/anna/web')).toBe(false);
    expect(await store.part(content1, 0), 'the copy needs it').toBeDefined();
    await store.deleteRepository('docker.io/anna/copy');
    expect(await store.part(content1, 0)).toBeUndefined();
    expect(await store.repositories('')).toEqual([]);
  });

  it('takes with an index those of its manifests that nothing else names', async () => {
    const store = await open();
    const repository = 'docker.io/anna/multi';
    const [a, b] = [await testImage(content(10, 1)), await testImage(content(10, 2))];
    await push(store, repository, 'a', a);
    await push(store, repository, 'b', b);
    const index = { ...asManifest(a, [a.digest, b.digest]), digest: `sha256:${'1'.repeat(64)}`, blobs: [] };
    await store.putManifest(repository, index, 'all', () => undefined);
    await store.deleteTag(repository, 'b', 'drop-manifest');
    expect(await store.manifest(repository, b.digest), 'the index needs it').toBeDefined();
    await store.deleteManifest(repository, index.digest);
    expect(await store.manifest(repository, b.digest)).toBeUndefined();
    expect(await store.manifest(repository, a.digest), 'it has a tag').toBeDefined();
  });

  it('refuses a manifest whose parts are not there, and keeps nothing of it', async () => {
    const store = await open();
    const image = await testImage(content(10));
    const result = await store.putManifest('docker.io/anna/web', asManifest(image), 'v1', () => undefined);
    expect(result).toEqual({
      state: 'incomplete',
      missing: [image.configDigest, image.layerDigest],
      wrongSize: [],
    });
    expect(await store.hasRepository('docker.io/anna/web')).toBe(false);
    const elsewhere = await store.putManifest('docker.io/anna/web', asManifest(image), 'v1', (digest) =>
      digest === image.layerDigest ? 10 : image.config.length,
    );
    expect(elsewhere).toEqual({ state: 'kept' });
    expect(await store.blob('docker.io/anna/web', image.layerDigest)).toEqual({ state: 'linked' });
  });

  it('lists ten thousand tags page by page, in the order of the spec', async () => {
    const store = await open();
    const image = await testImage(content(10));
    await push(store, 'docker.io/anna/web', 'latest', image);
    await push(store, 'docker.io/anna/web-2', 'x', image);
    const tags = ['latest', ...Array.from({ length: 10_000 }, (_, at) => `${at % 2 ? 'V' : 'v'}${at}`)];
    for (const tag of tags.slice(1))
      await store.putManifest('docker.io/anna/web', asManifest(image), tag, () => undefined);
    const listed: string[] = [];
    for (let page = await store.tags('docker.io/anna/web', undefined, 999); page.length > 0;) {
      listed.push(...page.map(({ tag }) => tag));
      page = await store.tags('docker.io/anna/web', listed.at(-1), 999);
    }
    expect(listed).toEqual(tags.sort(compareTags));
  });

  it('has one signing key and one account a name, whoever is first', async () => {
    const store = await open();
    const [one, other] = await Promise.all([store.signingKey(), store.signingKey()]);
    expect(one).toEqual(other);
    expect(one).toHaveLength(32);
    const account = { salt: content(16), iterations: 1, hash: content(32) };
    await store.addAccount('docker.io', 'anna', account);
    expect(await store.addAccount('docker.io', 'anna', { ...account, iterations: 2 })).toMatchObject(account);
    expect(await store.account('ghcr.io', 'anna')).toBeUndefined();
  });
});

it('survives being closed and opened again, with an upload half-way', async () => {
  const bytes = content(PART_BYTES + 10);
  const before = await openIndexedStore('again');
  const id = await before.beginUpload('docker.io/anna/web');
  await new Uploads(before).append(id, 0, streamOf(bytes.slice(0, 20)));
  const image = await testImage(content(10));
  await push(before, 'docker.io/anna/web', 'v1', image);
  before.close();

  const after = await openIndexedStore('again');
  expect((await after.tag('docker.io/anna/web', 'v1'))?.digest).toBe(image.digest);
  const uploads = new Uploads(after);
  await uploads.append(id, 20, streamOf(bytes.slice(20)));
  expect(await uploads.digest(id, bytes.length)).toBe(await digestOf(bytes));
});

it('undoes a transaction that fails half-way', async () => {
  const records = new MemoryRecords();
  await records.transact('write', (tx) => tx.put('repositories', 'kept', { since: 1 }));
  const failing = records.transact('write', async (tx) => {
    await tx.put('repositories', 'kept', { since: 2 });
    await tx.put('repositories', 'new', { since: 2 });
    await tx.deleteAll('repositories', '');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  const rows = await records.transact('read', (tx) => tx.list('repositories', { prefix: '' }));
  expect(rows).toEqual([{ key: 'kept', value: { since: 1 } }]);
});

it('turns a full IndexedDB into an error that says so, and loses nothing', async () => {
  const store = await openIndexedStore('full');
  const digest = await add(store, 'docker.io/anna/web', content(10));
  const id = await store.beginUpload('docker.io/anna/web');
  const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put') ?? {};
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  try {
    const failure: unknown = await store.append(id, 0, content(10)).catch((error: unknown) => error);
    expect(isStorageFull(failure)).toBe(true);
  } finally {
    Object.defineProperty(IDBObjectStore.prototype, 'put', put);
  }
  expect((await store.upload('docker.io/anna/web', id))?.bytes).toBe(0);
  expect(await store.blob('docker.io/anna/web', digest)).toBeDefined();
});

it('removes the parts of an upload for which there was no room', async () => {
  const inner = new MemoryRecords();
  let room = 2;
  const records: Records = {
    close: () => undefined,
    transact: (mode, work) =>
      inner.transact(mode, (tx) =>
        work({
          ...tx,
          put: (table, key, value) => {
            if (table === 'parts' && room-- <= 0) throw storageFull(new Error('no room'));
            return tx.put(table, key, value);
          },
        }),
      ),
  };
  const store = new HubStore(records);
  const digest = await add(store, 'docker.io/anna/web', content(10));
  const id = await store.beginUpload('docker.io/anna/web');
  const full = new Uploads(store).append(id, 0, streamOf(content(3 * PART_BYTES)));
  await expect(full).rejects.toMatchObject({ code: 'storage-full' });
  expect(await store.upload('docker.io/anna/web', id)).toBeUndefined();
  expect(await store.part(id, 0)).toBeUndefined();
  expect(await store.blob('docker.io/anna/web', digest)).toBeDefined();
});
