import { describe, expect, it } from 'vitest';
import { DrydockError } from './error.ts';
import { LocalHub } from './hub-host.ts';
import { createHub } from './hub/hub.ts';
import { KeptFiles } from './kept-files.ts';
import { openMemoryStore } from './hub/memory-store.ts';
import { testCatalogue } from './hub/testing.ts';

/** Stands for the browser's cache; `room` is how many files it takes. */
class TestCache {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(private readonly room = Infinity) {}

  match(url: string): Promise<Response | undefined> {
    const bytes = this.files.get(url);
    return Promise.resolve(bytes && new Response(bytes));
  }

  async put(url: string, response: Response): Promise<void> {
    if (this.files.size >= this.room) throw new DOMException('Quota exceeded', 'QuotaExceededError');
    this.files.set(url, new Uint8Array(await response.arrayBuffer()));
  }

  keys(): Promise<Request[]> {
    return Promise.resolve([...this.files.keys()].map((url) => new Request(url)));
  }

  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.files.delete(url));
  }
}

async function open(cache: TestCache | undefined = new TestCache()) {
  const { index, source, nginx } = await testCatalogue();
  const kept = new KeptFiles(source, cache, 'what-is-read');
  const hub = createHub({ store: openMemoryStore(), catalogue: { index, source: kept } });
  return { local: new LocalHub({ hub, catalogue: index, source, kept }), hub, source, nginx };
}

const ignore = (): void => undefined;
const everything = { of: 'everything' } as const;

describe('offline', () => {
  it('says of each image what is missing, and keeps it', async () => {
    const { local } = await open();
    const before = await local.list();
    expect(before.offline.keptBytes).toBe(0);
    expect(before.offline.bytes).toBeGreaterThan(0);
    const told: number[] = [];
    await local.keep(1, { of: 'repository', repository: 'docker.io/library/nginx' }, ({ loadedBytes }) =>
      told.push(loadedBytes),
    );
    const after = await local.list();
    const image = after.repositories.find(({ name }) => name === 'nginx')?.images[0];
    expect(image?.offline?.keptBytes).toBe(image?.offline?.bytes);
    expect(await local.drop(everything)).toBe('dropped');
    expect((await local.list()).offline.keptBytes).toBe(0);
  });

  it('pulls what is kept without the site', async () => {
    const { local, hub, source } = await open();
    await local.keep(1, everything, ignore);
    source.files.clear();
    const tar = await new Response(await hub.export('docker.io/library/nginx', 'latest')).arrayBuffer();
    expect(tar.byteLength).toBeGreaterThan(200_000);
  });

  it('says that the browser is full, and keeps what came before', async () => {
    const cache = new TestCache(1);
    const { local } = await open(cache);
    await expect(local.keep(1, everything, ignore)).rejects.toMatchObject({ code: 'storage-full' });
    expect(cache.files.size).toBe(1);
    expect(await local.list()).toMatchObject({ keeping: 'possible' });
  });

  it('reads an image’s settings without keeping its files', async () => {
    const { local, nginx } = await open();
    expect(await local.settings(nginx.digest)).toEqual({
      platform: 'linux/386',
      ports: [],
      volumes: [],
      user: undefined,
    });
    expect((await local.list()).offline.keptBytes).toBe(0);
  });
});

describe('archives', () => {
  it('go out and come in again under another name, with progress', async () => {
    const { local, nginx } = await open();
    const archive = await local.export(1, 'docker.io/library/nginx', '1.26', 200_000, ignore);
    const progress: number[] = [];
    const imported = await local.import(
      2,
      archive,
      { as: 'local/nginx:1' },
      ({ loadedBytes, totalBytes }) => {
        progress.push(loadedBytes / totalBytes);
      },
    );
    expect(imported).toEqual([
      { repository: 'docker.io/local/nginx', tag: '1', digest: nginx.digest, platforms: ['linux/386'] },
    ]);
    expect(progress.at(-1)).toBe(1);
    expect(await local.remove('docker.io/local/nginx', '1')).toBe(true);
  });

  it('are refused under a name of the catalogue', async () => {
    const { local } = await open();
    const archive = await local.export(1, 'docker.io/library/nginx', '1.26', 200_000, ignore);
    const refused = await local.import(2, archive, {}, ignore).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DrydockError);
    expect(refused).toMatchObject({ details: { reason: 'in-catalogue' } });
  });

  it('are forgotten when their import is cancelled', async () => {
    const { local } = await open();
    const archive = await local.export(1, 'docker.io/library/nginx', '1.26', 200_000, ignore);
    const importing = local.import(2, archive, { as: 'local/nginx:1' }, () => {
      local.cancel(2);
    });
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
    expect((await local.list()).repositories.every(({ origin }) => origin === 'catalogue')).toBe(true);
  });
});
