import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { DrydockError } from '../error.ts';
import { sha256 } from '../vm/digest.ts';
import { decompress } from '../vm/zstd.ts';
import { duplicateSession } from './add-session.ts';
import { freshNode } from './changes.ts';
import { compress, packBlocks } from './encode.ts';
import { Keeper } from './keeper.ts';
import { Library } from './library.ts';
import { encodeState } from './machine-state.ts';
import { openMemoryStore } from './memory-store.ts';
import { memoryOf, recordFiles, type SessionRecord } from './record.ts';
import { exportSession, importSession, SESSION_LIMITS, type SessionLimits } from './session-file.ts';
import { first, lived, TAMPERED, unzip, zipOf } from './tampering.ts';
import { begin, blocks, capture, facts, failing, MACHINE, newSession } from './testing.ts';

let exported: Blob;

beforeAll(async () => {
  const store = openMemoryStore();
  exported = await exportSession(store, await lived(store));
});

/** Has a file refused, by a store with another session in it that stays as it is; the error. */
async function refusal(file: Blob, limits?: SessionLimits): Promise<DrydockError> {
  const store = openMemoryStore();
  const other = await lived(store);
  const before = [await store.records.list(), (await store.files.names(other)).sort()];
  const written = new Set<string>();
  const files = { ...store.files };
  files.write = (path, bytes) => {
    written.add(path.split('/')[0] ?? '');
    return store.files.write(path, bytes);
  };
  const error: unknown = await importSession({ ...store, files }, file, limits).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  expect([await store.records.list(), (await store.files.names(other)).sort()]).toEqual(before);
  for (const id of written) {
    expect(id).not.toBe(other);
    expect(await store.files.names(id), 'nothing is left').toEqual([]);
  }
  return error as DrydockError;
}

it('is the same session elsewhere, but for compiled code, and has an id and a name of its own', async () => {
  const [home, elsewhere] = [openMemoryStore(), openMemoryStore()];
  const id = await lived(home);
  await new Keeper(home, id).node('node1').commit(blocks({ 3: 3 }), 7, 0);
  const imported = await importSession(elsewhere, await exportSession(home, id));
  expect(imported).not.toBe(id);
  const keeper = new Keeper(elsewhere, imported);
  expect(await keeper.summary()).toMatchObject({
    id: imported,
    name: 'Test (imported)',
    used: 7,
    journal: 'written',
  });
  expect(await begin(elsewhere, imported)).toEqual({ disk: { 1: 1, 2: 2, 3: 3 } });
  const { at } = await keeper.record();
  await keeper.goTo(at);
  expect(await begin(elsewhere, imported)).toEqual({
    disk: { 1: 1, 2: 2 },
    over: 'release',
    pages: { 1: 1, 2: 2 },
    core: {},
  });
  const saved = await keeper.node('node1').read();
  expect(saved?.memory?.state).toEqual({ devices: Uint8Array.of(1, 2, 3), code: undefined });
  expect(saved?.memory?.screens).toEqual(['$ ls\r\nfile']);
  const named = recordFiles(await keeper.record()).map(({ name }) => name);
  expect((await elsewhere.files.names(imported)).sort()).toEqual(named.sort());
  expect(await begin(home, id), 'the original keeps its code').toMatchObject({ disk: { 3: 3 } });
});

it('has all machines, those that are off and that were added too', async () => {
  const home = openMemoryStore();
  const id = await newSession(home, { node1: 'standard', node2: 'small' });
  const keeper = new Keeper(home, id);
  await keeper.node('node1').capture(capture({ disk: { 1: 1 }, core: {} }));
  await keeper.node('node2').commit(blocks({ 2: 2 }), 7, 0);
  await keeper.keep(facts('latest', '', { node1: 'running', node2: 'off' }));
  await keeper.addNode('node5', 'small');
  await keeper.node('node5').commit(blocks({ 5: 5 }), 0, 0);
  const elsewhere = openMemoryStore();
  const imported = await importSession(elsewhere, await exportSession(home, id));
  const copied = await duplicateSession(home, id);
  const { nodes } = await keeper.summary();
  expect(nodes.map(({ name, profile }) => `${name} ${profile}`)).toEqual([
    'node1 standard',
    'node2 small',
    'node5 small',
  ]);
  for (const [store, other] of [
    [elsewhere, imported],
    [home, copied],
  ] as const) {
    expect((await new Keeper(store, other).summary()).nodes).toEqual(nodes);
    for (const { name } of nodes)
      expect(await begin(store, other, name)).toEqual(await begin(home, id, name));
  }
});

it('has nothing compiled in its file', async () => {
  const { index, files } = await unzip(exported);
  expect(index.record.owner).toBeUndefined();
  const memories = index.record.moments.map(({ nodes }) => memoryOf(nodes.node1));
  expect(memories.map((memory) => memory?.core)).toEqual([[], []]);
  for (const memory of memories) {
    const state = await decompress(files.get(memory?.state.name ?? '') ?? new Uint8Array(0));
    expect(new TextDecoder().decode(state.subarray(4, -3))).toBe('{"devices":3}');
  }
  expect([...files.keys()].sort()).toEqual(Object.keys(index.files).sort());
});

it('takes no code from a file that claims to have some', async () => {
  const { index, files } = await unzip(exported);
  const [moment] = index.record.moments;
  const memory = memoryOf(moment?.nodes.node1);
  if (!moment || !memory) throw new Error('no memory');
  const code = { coreBytes: 8192, valid: [1, 2], later: [[5, Uint8Array.of(0, 97, 115, 109)] as const] };
  const forge = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    files.set(name, bytes);
    index.files[name] = { bytes: bytes.length, sha256: await sha256(bytes) };
  };
  await forge(memory.state.name, await compress(encodeState({ devices: Uint8Array.of(9), code })));
  const core = await compress(packBlocks(blocks({ 0: 66 })));
  await forge('core-of-mine', core);
  memory.core = [{ name: 'core-of-mine', bytes: core.length, plain: 4104 }];
  index.record.at = moment.id;
  index.record.moments = [moment];
  const store = openMemoryStore();
  const id = await importSession(store, await zipOf(index, files));
  const saved = await new Keeper(store, id).node('node1').read();
  expect(saved?.memory).toMatchObject({
    core: [],
    newCore: [],
    state: { devices: Uint8Array.of(9), code: undefined },
  });
  for (const name of await store.files.names(id))
    expect(Buffer.from(await store.files.read(`${id}/${name}`)).includes(Buffer.from(core))).toBe(false);
});

it('comes from a file whose entries have other names than ours would, and leaves them there', async () => {
  const { index, files } = await unzip(exported);
  const store = openMemoryStore();
  files.set('../../elsewhere', Uint8Array.of(1));
  files.set('/etc/passwd', Uint8Array.of(1));
  const id = await importSession(store, await zipOf(index, files));
  const names = await store.files.names(id);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{20}$/);
  expect(
    names.some((name) => files.has(name)),
    'no name comes from the file',
  ).toBe(false);
});

describe('a session’s file', () => {
  it.each(TAMPERED)('with %s is refused', async (_, message, tamper) => {
    const { index, files } = await unzip(exported);
    await tamper(index, files);
    expect((await refusal(await zipOf(index, files))).message).toMatch(message);
  });

  it('that is none is refused', async () => {
    for (const content of ['', 'x', 'not a zip, but a text that is long enough for one', '\0'.repeat(1000)])
      expect((await refusal(new Blob([content]))).message).toMatch(/no session of Drydock/);
    expect((await refusal(await zipOf(undefined, [['lesson.md', Uint8Array.of(1)]]))).message).toMatch(
      /no session/,
    );
  });

  it('that is cut off is refused, wherever', async () => {
    for (const part of [0.1, 0.5, 0.9, 0.99])
      expect((await refusal(exported.slice(0, Math.floor(exported.size * part)))).details).toMatchObject({
        problem: 'damaged',
      });
    expect((await refusal(exported.slice(500))).message).toMatch(/damaged/);
  });

  it('with flipped bytes anywhere is refused, or the same session', async () => {
    const bytes = new Uint8Array(await exported.arrayBuffer());
    for (let at = 0; at < bytes.length; at += 37) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      const store = openMemoryStore();
      const id: unknown = await importSession(store, new Blob([flipped])).catch((error: unknown) => error);
      if (typeof id === 'string')
        expect(await begin(store, id)).toMatchObject({ disk: { 1: 1, 2: 2 }, pages: { 1: 1, 2: 2 } });
      else expect((id as DrydockError).code).toMatch(/damaged-file|wrong-release/);
    }
  });

  it('with nothing in it is refused, and one without moments counts as used', async () => {
    const { index, files } = await unzip(exported);
    const { record } = index;
    const node1 = freshNode('standard');
    const bare = { ...record, at: undefined, moments: [], journal: { node1 }, used: 0 };
    expect((await refusal(await zipOf({ ...index, record: bare }, files))).message).toMatch(/damaged/);
    const store = openMemoryStore();
    const journal = { node1: { ...node1, blocks: [first(index).disk] } };
    const id = await importSession(store, await zipOf({ ...index, record: { ...bare, journal } }, files));
    expect((await new Keeper(store, id).record()).used).toBe(1);
  });

  it('that cannot be read is refused', async () => {
    const folder = {
      size: 4096,
      slice: () => folder,
      arrayBuffer: () => Promise.reject(new Error('no file')),
    };
    expect((await refusal(folder as unknown as Blob)).message).toMatch(/could not be read/);
  });

  it('that is compressed or encrypted is refused', async () => {
    const { index, files } = await unzip(exported);
    expect((await refusal(await zipOf(index, files, 6))).message).toMatch(/damaged/);
    expect((await refusal(await zipOf(index, files, 0, 'secret'))).message).toMatch(/damaged/);
  });

  it('that is too large in any way is refused', async () => {
    const few = { ...SESSION_LIMITS, files: 3 };
    expect((await refusal(exported, { ...SESSION_LIMITS, bytes: exported.size - 1 })).message).toMatch(
      /too large/,
    );
    expect((await refusal(exported, few)).message).toMatch(/too large/);
    expect((await refusal(exported, { ...SESSION_LIMITS, unpackedBytes: 10_000 })).message).toMatch(
      /too large/,
    );
    expect((await refusal(exported, { ...SESSION_LIMITS, memoryBytes: 4096 })).message).toMatch(/damaged/);
  });

  it('that lies about the sizes of its entries is refused', async () => {
    const { index, files } = await unzip(exported);
    const size = files.get(first(index).page.name)?.length ?? 0;
    const lie = async (from: number, to: number): Promise<Blob> => {
      const [old, now] = [Buffer.alloc(4), Buffer.alloc(4)];
      old.writeUInt32LE(from);
      now.writeUInt32LE(to);
      const text = Buffer.from(await exported.arrayBuffer()).toString('latin1');
      return new Blob([
        Buffer.from(text.replaceAll(old.toString('latin1'), now.toString('latin1')), 'latin1'),
      ]);
    };
    for (const to of [0, 1, size + 1, 2 ** 26 + 1, 2 ** 31, 2 ** 32 - 1])
      expect((await refusal(await lie(size, to))).code).toBe('damaged-file');
  });

  it('with 100 000 entries is refused before they are read', async () => {
    const name = new TextEncoder().encode('x'.repeat(5));
    const entry = new Uint8Array(46 + name.length);
    new DataView(entry.buffer).setUint32(0, 0x02014b50, true);
    new DataView(entry.buffer).setUint16(28, name.length, true);
    entry.set(name, 46);
    const count = 100_000;
    const end = new DataView(new ArrayBuffer(22));
    end.setUint32(0, 0x06054b50, true);
    for (const claimed of [1, 5000, count % 65536, 65535]) {
      end.setUint16(8, claimed, true);
      end.setUint16(10, claimed, true);
      end.setUint32(12, claimed === 1 ? entry.length : entry.length * count, true);
      const zip = new Blob([...Array.from({ length: count }, () => entry), end.buffer]);
      const begun = performance.now();
      expect((await refusal(zip)).message).toMatch(/too large/);
      expect(performance.now() - begun).toBeLessThan(1000);
    }
  });

  it('with one name twice is refused', async () => {
    const { index, files } = await unzip(exported);
    for (const name of ['xxxxx', 'yyyyy']) files.set(name, Uint8Array.of(1));
    const zip = Buffer.from(await (await zipOf(index, files)).arrayBuffer()).toString('latin1');
    const forged = Buffer.from(zip.replaceAll('yyyyy', 'xxxxx'), 'latin1');
    expect((await refusal(new Blob([forged]))).message).toMatch(/damaged/);
    expect(await importSession(openMemoryStore(), new Blob([Buffer.from(zip, 'latin1')]))).toHaveLength(36);
  });
});

it('leaves nothing where there is no room, or a crash, at any write', async () => {
  let n = 0;
  for (; ; n++) {
    const store = openMemoryStore();
    const result: unknown = await importSession(failing(store, n), exported).catch((error: unknown) => error);
    if (typeof result === 'string') break;
    expect(result).toMatchObject({
      code: 'storage-full',
      message: expect.stringContaining('Delete one') as string,
    });
    const library = new Library(store);
    expect((await library.list()).sessions, 'half a session is not shown').toEqual([]);
    for (const record of (await store.records.list()).values())
      expect((record as SessionRecord).deleted, 'and is removed in time').toBeDefined();
  }
  expect(n).toBeGreaterThan(5);
});

it('is not swept away by another tab while it is being added', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const store = openMemoryStore();
    const library = new Library(store);
    const files = { ...store.files };
    files.write = async (path, bytes) => {
      vi.setSystemTime(Date.now() + 60_000);
      await library.tidy(() => Promise.resolve({ release: () => undefined }));
      return store.files.write(path, bytes);
    };
    await importSession({ ...store, files }, exported);
    expect((await library.list()).sessions).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

describe('a copy', () => {
  it('is the same session with its code, and goes its own way', async () => {
    const store = openMemoryStore();
    const id = await lived(store);
    const copy = await duplicateSession(store, id);
    expect(copy).not.toBe(id);
    expect((await new Keeper(store, copy).summary()).name).toBe('Copy of Test');
    const before = await begin(store, id);
    expect(await begin(store, copy)).toEqual(before);
    expect(before?.core).toEqual({ 1: 1, 2: 2 });
    expect((await new Keeper(store, copy).node('node1').read())?.memory?.state.code?.valid).toEqual([1]);
    await new Keeper(store, copy).node('node1').commit(blocks({ 9: 9 }), 0, 0);
    expect(await begin(store, id)).toEqual(before);
    await new Library(store).destroy(id);
    expect(await begin(store, copy)).toEqual({ disk: { 1: 1, 2: 2, 9: 9 } });
  });

  it('may be written to although the original is open in a tab', async () => {
    const store = openMemoryStore();
    const id = await lived(store);
    await new Library(store).open(id, MACHINE, () => undefined);
    const copy = await duplicateSession(store, id);
    await new Keeper(store, copy).describe({ name: 'x'.repeat(100) });
    expect((await new Keeper(store, await duplicateSession(store, copy)).summary()).name).toHaveLength(100);
  });

  it('of what is gone or damaged comes to nothing', async () => {
    const store = openMemoryStore();
    await expect(duplicateSession(store, 'never-there')).rejects.toMatchObject({ code: 'session-gone' });
    const id = await lived(store);
    const [name = ''] = await store.files.names(id);
    await store.files.write(`${id}/${name}`, Uint8Array.of(1));
    await expect(duplicateSession(store, id)).rejects.toMatchObject({ code: 'damaged-file' });
    await store.files.remove(id, [name]);
    await expect(duplicateSession(store, id)).rejects.toMatchObject({ code: 'damaged-file' });
    expect([...(await store.records.list()).keys()]).toEqual([id]);
  });
});
