import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DrydockError } from '../error.ts';
import {
  CHUNK_NAME_BYTES,
  chunkName,
  chunkPath,
  decodePack,
  digestName,
  encodePack,
} from './chunk-format.ts';
import { ChunkStore } from './chunks.ts';
import { verify, type FileSource, type ReadOptions } from './source.ts';

const CHUNK_BYTES = 4096;

/** A zstd frame that stores `bytes` as they are, in one raw block (RFC 8878, 3.1.1). */
function zstd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(12 + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  // One segment, with its size in four bytes.
  frame[4] = 0xa0;
  view.setUint32(5, bytes.length, true);
  // The last block, raw: three bytes of header.
  frame.set([(bytes.length << 3) | 1, bytes.length >> 5, bytes.length >> 13], 9);
  frame.set(bytes, 12);
  return frame;
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The content of the chunk at `position`. */
function content(position: number): Uint8Array {
  const bytes = Uint8Array.from({ length: CHUNK_BYTES }, (_, i) => (i * 7) % 251);
  new DataView(bytes.buffer).setUint32(0, position + 1);
  return bytes;
}

/** A release with `count` chunks, those of `zeros` not stored, that notes what is read of it. */
class FakeRelease implements FileSource {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly names: string[] = [];
  readonly index: Uint8Array;
  readonly reads: { path: string; cache: ReadOptions['cache'] }[] = [];
  /** What the next reads give instead of the file; an error is thrown. */
  readonly faults: (Uint8Array<ArrayBuffer> | Error)[] = [];

  private constructor(count: number) {
    this.index = new Uint8Array(count * CHUNK_NAME_BYTES);
  }

  static async make(count: number, zeros: number[] = []): Promise<FakeRelease> {
    const release = new FakeRelease(count);
    for (let position = 0; position < count; position++) {
      if (zeros.includes(position)) continue;
      const compressed = zstd(content(position));
      const name = await digestName(compressed);
      release.index.set(name, position * CHUNK_NAME_BYTES);
      release.names[position] = toHex(name);
      release.files.set(toHex(name), compressed);
    }
    return release;
  }

  read(path: string, { cache, expected }: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push({ path, cache });
    const fault = this.faults.shift();
    if (fault instanceof Error) return Promise.reject(fault);
    const file = fault ?? this.files.get(/(\w+)\.zst$/.exec(path)?.[1] ?? '');
    return file
      ? verify(path, file, expected)
      : Promise.reject(new DrydockError('download-failed', 'No such file.', { path, status: 404 }));
  }

  pack(...positions: number[]): Uint8Array<ArrayBuffer> {
    const names = positions.map((position) => this.names[position] ?? '');
    return encodePack(new Map(names.map((name) => [name, this.files.get(name) ?? new Uint8Array()])));
  }

  open(): ChunkStore {
    return new ChunkStore(this, this.index, CHUNK_BYTES);
  }

  path(position: number): string {
    return chunkPath(this.names[position] ?? '');
  }
}

/** A pack on its way, which arrives or fails when the test says so. */
function createArrival() {
  let resolve!: (pack: Uint8Array<ArrayBuffer>) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Uint8Array<ArrayBuffer>>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

beforeEach(() => {
  vi.useFakeTimers();
  // Without crypto.subtle digests take no turn of the event loop, so that advancing the fake timers awaits them.
  vi.stubGlobal('crypto', {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the index', () => {
  const index = Uint8Array.from({ length: 3 * CHUNK_NAME_BYTES }, (_, i) =>
    i < 16 ? i : i < 32 ? 0 : 255 - i,
  );

  it('names a chunk by its bytes in hex, and its file', () => {
    expect(chunkName(index, 0)).toBe('000102030405060708090a0b0c0d0e0f');
    expect(chunkPath('000102030405060708090a0b0c0d0e0f')).toBe(
      'chunks/00/000102030405060708090a0b0c0d0e0f.zst',
    );
    expect(chunkName(index, 2)).toMatch(/^dfdedddc/);
  });

  it('has no name for a chunk of zeros, nor beyond its end', () => {
    expect(chunkName(index, 1)).toBeUndefined();
    expect(chunkName(index, 3)).toBeUndefined();
  });

  it('names chunks by the first half of a SHA-256', async () => {
    const name = await digestName(new TextEncoder().encode('abc'));
    expect(toHex(name)).toBe('ba7816bf8f01cfea414140de5dae2223');
  });
});

describe('a pack', () => {
  it('gives back its chunks', () => {
    const chunks = new Map([
      ['00112233445566778899aabbccddeeff', Uint8Array.of(1, 2, 3)],
      ['ffeeddccbbaa99887766554433221100', new Uint8Array()],
      ['0f0e0d0c0b0a09080706050403020100', Uint8Array.of(4)],
    ]);
    expect(decodePack(encodePack(chunks))).toEqual(chunks);
    expect([...decodePack(encodePack(chunks)).keys()]).toEqual([...chunks.keys()]);
  });

  it('may be empty, or lie anywhere in a buffer', () => {
    expect(decodePack(encodePack(new Map()))).toEqual(new Map());
    const chunks = new Map([['00112233445566778899aabbccddeeff', Uint8Array.of(1, 2, 3)]]);
    const pack = encodePack(chunks);
    const buffer = new Uint8Array(pack.length + 9);
    buffer.set(pack, 5);
    expect(decodePack(buffer.subarray(5, 5 + pack.length))).toEqual(chunks);
  });
});

describe('reading', () => {
  it('gives what was stored, and has it at hand from then on', async () => {
    const release = await FakeRelease.make(3);
    const store = release.open();
    expect(store.peek(1)).toBeUndefined();
    expect(await store.read(1)).toEqual(content(1));
    expect(store.peek(1)).toEqual(content(1));
    expect(await store.read(1)).toEqual(content(1));
    expect(release.reads).toEqual([{ path: release.path(1), cache: undefined }]);
    expect(store.fetchedChunks).toBe(1);
    expect(store.fetchedBytes).toBe(CHUNK_BYTES + 12);
  });

  it('fetches nothing for a chunk of zeros', async () => {
    const release = await FakeRelease.make(2, [1]);
    const store = release.open();
    expect(store.peek(1)).toEqual(new Uint8Array(CHUNK_BYTES));
    expect(await store.read(1)).toEqual(new Uint8Array(CHUNK_BYTES));
    expect(release.reads).toEqual([]);
  });

  it('fetches once what is asked for twice at the same time', async () => {
    const release = await FakeRelease.make(2);
    const store = release.open();
    const [first, second] = await Promise.all([store.read(0), store.read(0)]);
    expect(first).toEqual(content(0));
    expect(second).toBe(first);
    expect(release.reads).toHaveLength(1);
  });

  it('forgets the oldest chunk of many, and reads it again when asked', async () => {
    const release = await FakeRelease.make(257);
    const store = release.open();
    for (let position = 0; position < 257; position++) await store.read(position);
    expect(store.peek(0)).toBeUndefined();
    expect(store.peek(1)).toEqual(content(1));
    expect(store.peek(256)).toEqual(content(256));
    expect(await store.read(0)).toEqual(content(0));
    expect(release.reads.filter(({ path }) => path === release.path(0))).toHaveLength(2);
  });
});

describe('a fetch that fails', () => {
  it('is made again, past the browser’s cache', async () => {
    const release = await FakeRelease.make(1);
    release.faults.push(new DrydockError('download-failed', 'No connection.'));
    const reading = release.open().read(0);
    await vi.runAllTimersAsync();
    expect(await reading).toEqual(content(0));
    expect(release.reads.map(({ cache }) => cache)).toEqual([undefined, 'reload']);
  });

  it('counts as one when the bytes are not those of the name', async () => {
    const release = await FakeRelease.make(2);
    const store = release.open();
    release.faults.push(zstd(content(1)), new Uint8Array());
    const reading = store.read(0);
    await vi.runAllTimersAsync();
    expect(await reading).toEqual(content(0));
    expect(release.reads.map(({ cache }) => cache)).toEqual([undefined, 'reload', 'reload']);
    expect(store.fetchedChunks, 'damaged ones do not count').toBe(1);
  });

  it('is reported after four tries, and asked for afresh by the next read', async () => {
    const release = await FakeRelease.make(1);
    const store = release.open();
    const error = new DrydockError('download-failed', 'No connection.');
    release.faults.push(error, error, error, error);
    const reading = expect(store.read(0)).rejects.toBe(error);
    await vi.runAllTimersAsync();
    await reading;
    expect(release.reads.map(({ cache }) => cache)).toEqual([undefined, 'reload', 'reload', 'reload']);
    expect(vi.getTimerCount()).toBe(0);
    expect(store.peek(0)).toBeUndefined();
    expect(await store.read(0)).toEqual(content(0));
  });

  it('is reported as damage when the last try gave other bytes', async () => {
    const release = await FakeRelease.make(1);
    for (let i = 0; i < 4; i++) release.faults.push(Uint8Array.of(i));
    const reading = expect(release.open().read(0)).rejects.toMatchObject({
      code: 'damaged-file',
      details: { path: release.path(0) },
    });
    await vi.runAllTimersAsync();
    await reading;
  });
});

describe('a boot pack', () => {
  it('is waited for, and spares the single files', async () => {
    const release = await FakeRelease.make(3);
    const store = release.open();
    const arrival = createArrival();
    store.expectPack(arrival.promise);
    const reading = Promise.all([store.read(0), store.read(1)]);
    await vi.runAllTimersAsync();
    expect(release.reads).toEqual([]);
    arrival.resolve(release.pack(0, 1));
    expect(await reading).toEqual([content(0), content(1)]);
    expect(release.reads).toEqual([]);
    expect(store.fetchedChunks).toBe(0);
  });

  it('leaves what it does not hold to single files', async () => {
    const release = await FakeRelease.make(3);
    const store = release.open();
    store.expectPack(Promise.resolve(release.pack(0, 1)));
    expect(await store.read(2)).toEqual(content(2));
    expect(release.reads).toEqual([{ path: release.path(2), cache: undefined }]);
  });

  it('does not hold up a chunk of zeros or one that is at hand', async () => {
    const release = await FakeRelease.make(2, [1]);
    const store = release.open();
    await store.read(0);
    store.expectPack(new Promise(() => undefined));
    expect(await store.read(0)).toEqual(content(0));
    expect(await store.read(1)).toEqual(new Uint8Array(CHUNK_BYTES));
  });

  it('is done without when it does not come', async () => {
    const release = await FakeRelease.make(2);
    const store = release.open();
    const arrival = createArrival();
    store.expectPack(arrival.promise);
    const reading = store.read(0);
    arrival.reject(new DrydockError('download-failed', 'No connection.'));
    expect(await reading).toEqual(content(0));
    expect(await store.read(1)).toEqual(content(1));
    expect(release.reads.map(({ path }) => path)).toEqual([release.path(0), release.path(1)]);
  });

  it('is done without when it is no pack', async () => {
    const release = await FakeRelease.make(2);
    const store = release.open();
    store.expectPack(Promise.resolve(Uint8Array.of(1, 2)));
    expect(await store.read(0)).toEqual(content(0));
    expect(await store.read(1)).toEqual(content(1));
  });

  it('is not believed where an entry is damaged: that chunk is fetched by itself', async () => {
    const release = await FakeRelease.make(2);
    const store = release.open();
    const pack = release.pack(0, 1);
    // The last byte belongs to the second chunk.
    pack[pack.length - 1] = (pack.at(-1) ?? 0) ^ 1;
    store.expectPack(Promise.resolve(pack));
    expect(await store.read(0)).toEqual(content(0));
    expect(await store.read(1)).toEqual(content(1));
    expect(release.reads).toEqual([{ path: release.path(1), cache: undefined }]);
  });
});
