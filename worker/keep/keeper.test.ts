import { expect, it } from 'vitest';
import { DrydockError } from '../error.ts';
import { mergeBlocks } from '../vm/blocks.ts';
import { SessionFolder } from './files.ts';
import { Keeper, type KeeperEvent } from './keeper.ts';
import { openMemoryStore } from './memory-store.ts';
import type { ProfileName } from '../protocol.ts';
import { MOST_MOMENTS, type Nodes } from './record.ts';
import {
  begin,
  blocks,
  capture,
  checkFiles,
  facts,
  failing,
  laid,
  newSession,
  noise,
  type Beginning,
} from './testing.ts';

const TWO = { node1: 'standard', node2: 'small' } as const;
const BOTH = { node1: 'running', node2: 'running' } as const;

async function setUp(nodes?: Nodes<ProfileName>) {
  const store = openMemoryStore();
  const id = await newSession(store, nodes);
  const events: KeeperEvent[] = [];
  const keeper = new Keeper(store, id, { onEvent: (event) => events.push(event) });
  return { store, id, keeper, node: keeper.node('node1'), events };
}

it('has nothing for a machine of which nothing was kept', async () => {
  const { store, id, keeper } = await setUp();
  expect(await begin(store, id)).toBeUndefined();
  await keeper.boot();
  expect((await keeper.node('node1').read())?.blocks).toEqual([]);
});

it('has what was committed, the last of each block, and boots from that', async () => {
  const { store, id, node, keeper, events } = await setUp();
  await node.commit(blocks({ 1: 1, 2: 1 }), 50, 6000);
  await node.commit(blocks({ 2: 2, 3: 2 }), 40, 7000);
  expect(await begin(store, id)).toEqual({ disk: { 1: 1, 2: 2, 3: 2 } });
  expect(await keeper.summary()).toMatchObject({
    used: 50,
    saved: 7000,
    journal: 'written',
    running: undefined,
  });
  // As of when the machine handed it over: what it wrote meanwhile is not in it.
  expect(events).toEqual([
    { type: 'saved', at: 6000 },
    { type: 'saved', at: 7000 },
  ]);
  await checkFiles(store, id);
});

it('goes on with the memory of the last moment, over the release’s', async () => {
  const { store, id, node, keeper } = await setUp();
  await node.commit(blocks({ 1: 1 }), 0, 0);
  await node.capture(capture({ disk: { 2: 2 }, pages: { 7: 1, 8: 1 }, core: { 1: 1 } }));
  await keeper.keep(facts('checkpoint'));
  await node.capture(capture({ disk: { 2: 3 }, pages: { 8: 2 }, core: { 0: 2 } }));
  await keeper.keep(facts('latest'));
  const expected: Beginning = {
    disk: { 1: 1, 2: 3 },
    over: 'release',
    pages: { 7: 1, 8: 2 },
    core: { 0: 2, 1: 1 },
  };
  expect(await begin(store, id)).toEqual(expected);
  const saved = await keeper.node('node1').read();
  expect(saved?.memory).toMatchObject({
    screens: ['$ ls\r\nfile'],
    state: { devices: Uint8Array.of(1, 2, 3) },
  });
  expect([saved?.memory?.pages.length, saved?.memory?.newPages.length]).toEqual([1, 1]);
  expect(await keeper.summary()).toMatchObject({ journal: 'empty', lines: ['$ ls', 'file'] });
  await checkFiles(store, id);
});

it('replaces what is saved by itself, and keeps checkpoints', async () => {
  const { store, id, node, keeper } = await setUp();
  for (const [i, kind] of (['latest', 'latest', 'checkpoint', 'latest', 'latest'] as const).entries()) {
    await node.capture(capture({ disk: { [i]: i }, pages: { 5: i } }));
    await keeper.keep(facts(kind));
  }
  const { moments, at } = await keeper.record();
  expect(moments.map(({ kind, parent }) => [kind, parent])).toEqual([
    ['checkpoint', undefined],
    ['latest', moments[0]?.id],
  ]);
  expect(at).toBe(moments[1]?.id);
  expect(await begin(store, id)).toMatchObject({ disk: { 0: 0, 1: 1, 2: 2, 3: 3, 4: 4 }, pages: { 5: 4 } });
  await checkFiles(store, id);
});

it('lays a machine that booted over nothing', async () => {
  const { store, id, node, keeper } = await setUp();
  await node.capture(capture({ pages: { 1: 1 } }));
  await keeper.keep(facts('checkpoint'));
  await node.capture(capture({ over: 'nothing', pages: { 2: 2 }, core: { 3: 3 } }));
  await keeper.keep(facts('latest'));
  expect(await begin(store, id)).toMatchObject({ over: 'nothing', pages: { 2: 2 }, core: { 3: 3 } });
  await node.capture(capture({ over: 'nothing', pages: { 4: 4 }, core: {} }));
  await keeper.keep(facts('checkpoint'));
  await node.capture(capture({ pages: { 5: 5 }, core: { 1: 1 } }));
  await keeper.keep(facts('latest'));
  expect(await begin(store, id)).toMatchObject({ over: 'nothing', pages: { 4: 4, 5: 5 }, core: { 1: 1 } });
});

it('leaves out of a moment what was written to the disk after the machine was captured', async () => {
  const { store, id, keeper } = await setUp(TWO);
  const [one, two] = [keeper.node('node1'), keeper.node('node2')];
  await one.commit(blocks({ 1: 1 }), 0, 0);
  await one.capture(capture({ disk: { 1: 2, 2: 2 } }));
  await one.commit(blocks({ 2: 3, 3: 3 }), 0, 0);
  await two.capture(capture());
  await one.commit(blocks({ 4: 4 }), 0, 0);
  const { at } = await keeper.keep(facts('checkpoint', '', BOTH));
  expect(await begin(store, id, 'node1'), 'it has gone on since').toEqual({
    disk: { 1: 2, 2: 3, 3: 3, 4: 4 },
  });
  expect(await begin(store, id, 'node2')).toMatchObject({ disk: {}, over: 'release' });
  await keeper.goTo(at);
  expect(await begin(store, id, 'node1')).toMatchObject({ disk: { 1: 2, 2: 2 }, over: 'release' });
  await checkFiles(store, id);
});

it('needs all machines for a moment, each anew', async () => {
  const { keeper } = await setUp(TWO);
  await keeper.node('node2').capture(capture());
  await expect(keeper.keep(facts('latest', '', BOTH))).rejects.toMatchObject({ code: 'wrong-state' });
  await keeper.node('node1').capture(capture());
  await expect(keeper.keep(facts('latest', '', BOTH))).rejects.toThrow('node2 has not');
});

it('keeps what a capture had of the disk although no moment came of it', async () => {
  const { store, id, node } = await setUp();
  await node.capture(capture({ disk: { 1: 1 } }));
  await node.capture(capture({ disk: { 2: 2 } }));
  expect(await begin(store, id)).toEqual({ disk: { 1: 1, 2: 2 } });
});

it('goes to a checkpoint and back, with what was written since as a moment of its own', async () => {
  const { store, id, node, keeper } = await setUp();
  await node.capture(capture({ disk: { 1: 1 }, pages: { 1: 1 } }));
  const { at: first } = await keeper.keep(facts('checkpoint', 'first'));
  await node.capture(capture({ disk: { 1: 2 }, pages: { 1: 2 } }));
  const { at: second } = await keeper.keep(facts('latest'));
  await node.commit(blocks({ 3: 3 }), 0, 0);
  await keeper.goTo(first);
  expect(await begin(store, id)).toMatchObject({ disk: { 1: 1 }, pages: { 1: 1 } });
  const { moments } = await keeper.record();
  expect(moments.map(({ kind, label }) => [kind, label])).toEqual([
    ['checkpoint', 'first'],
    ['checkpoint', 'latest'],
    ['checkpoint', 'The disk as it was last'],
  ]);
  await keeper.goTo(moments[2]?.id);
  expect(await begin(store, id)).toEqual({ disk: { 1: 2, 3: 3 } });
  await keeper.goTo(second);
  expect(await begin(store, id)).toMatchObject({ disk: { 1: 2 }, pages: { 1: 2 } });
  await keeper.goTo(undefined);
  expect(await begin(store, id)).toBeUndefined();
  await keeper.goTo(first, 'boot');
  const booting = await keeper.node('node1').read();
  expect(booting?.memory).toBeUndefined();
  await expect(keeper.goTo('gone')).rejects.toMatchObject({ code: 'wrong-state' });
  await checkFiles(store, id);
});

it('removes a checkpoint, and what follows it stays as it was', async () => {
  const { store, id, node, keeper } = await setUp();
  const ids: (string | undefined)[] = [];
  const kept = new Map<string | undefined, Beginning | undefined>();
  const checkpoint = async (snapshot: Parameters<typeof capture>[0], label: string): Promise<void> => {
    await node.capture(capture(snapshot));
    const { at } = await keeper.keep(facts('checkpoint', label));
    ids.push(at);
    kept.set(at, await begin(store, id));
  };
  await checkpoint({ disk: { 1: 1, 2: 1 }, pages: { 1: 1, 2: 1 }, core: { 1: 1 } }, 'root');
  await checkpoint({ disk: { 1: 2, 3: 2 }, pages: { 1: 2, 3: 2 }, core: { 2: 2 } }, 'middle');
  await checkpoint({ disk: { 4: 3 }, pages: { 2: 3 }, core: { 1: 3 } }, 'left');
  await keeper.goTo(ids[1]);
  await node.read();
  await checkpoint({ disk: { 1: 4 }, pages: { 3: 4 }, core: {} }, 'right');
  await keeper.goTo(ids[1]);
  await node.read();
  await checkpoint({ over: 'nothing', disk: { 5: 5 }, pages: { 9: 5 }, core: { 9: 5 } }, 'booted');

  await expect(keeper.remove(ids[4] ?? '')).rejects.toMatchObject({ code: 'wrong-state' });
  await node.capture(capture());
  await keeper.keep(facts('latest'));
  await expect(keeper.remove(ids[4] ?? ''), 'the latest is laid over it').rejects.toMatchObject({
    code: 'wrong-state',
  });

  for (const gone of [ids[1], ids[0]]) {
    await keeper.remove(gone ?? '');
    await checkFiles(store, id);
    kept.delete(gone);
    for (const [at, expected] of kept) {
      await keeper.goTo(at);
      expect(await begin(store, id)).toEqual(expected);
    }
  }
  await keeper.remove('never-there');
  for (const one of [ids[2], ids[3]]) await keeper.remove(one ?? '');
  expect(await begin(store, id)).toEqual(kept.get(ids[4]));
});

it('has few files, however often something is written', async () => {
  const { store, id, node, keeper } = await setUp();
  const disk: Record<number, number> = {};
  for (let i = 0; i < 100; i++) {
    const written = { [(i * 7) % 40]: i, [(i * 3) % 40]: i };
    Object.assign(disk, written);
    await node.commit(blocks(written), 0, 0);
  }
  expect((await keeper.record()).journal.node1?.blocks.length).toBeLessThan(8);
  expect(await begin(store, id)).toEqual({ disk });
  await checkFiles(store, id);
});

it('does not write again and again what fills its files', async () => {
  const store = openMemoryStore();
  let written = 0;
  const files = { ...store.files };
  files.write = (path, bytes) => {
    written += bytes.length;
    return store.files.write(path, bytes);
  };
  const folder = new SessionFolder(files, 'one');
  const all = [
    ...(await folder.writeBlocks(noise(0, 4096))),
    ...(await folder.writeBlocks(noise(4096, 4096))),
  ];
  written = 0;
  const compacted = await folder.compact([...all, ...(await folder.writeBlocks(blocks({ 1: 1 })))]);
  expect(compacted).toHaveLength(3);
  expect(written).toBeLessThan(10_000);
});

it('merges to the same content in any order of sizes', async () => {
  for (const sizes of [
    [1, 1, 1, 1],
    [8, 1, 3, 2],
    [1, 2, 4, 8],
    [5, 5, 1, 9, 1],
  ]) {
    const folder = new SessionFolder(openMemoryStore().files, 'one');
    const sets = sizes.map((size, i) =>
      blocks(Object.fromEntries(Array.from({ length: size }, (_, j) => [(i * 3 + j * 2) % 17, i + 1]))),
    );
    const written = (await Promise.all(sets.map((set) => folder.writeBlocks(set)))).flat();
    const compacted = await folder.compact(written);
    expect(compacted.length).toBeLessThanOrEqual(written.length);
    const merged = mergeBlocks(sets);
    const content = Object.fromEntries([...merged.numbers].map((n, i) => [n, merged.bytes[i * 4096]]));
    expect(await laid(await folder.readAll(compacted))).toEqual(content);
  }
});

/** What a user does; after each step, `acknowledged` is told of what must not be lost any more. */
async function life(keeper: Keeper, acknowledged: (disk: Record<number, number>) => void): Promise<void> {
  const node = keeper.node('node1');
  const disk: Record<number, number> = {};
  const done = (written: Record<number, number>): void => {
    Object.assign(disk, written);
    acknowledged({ ...disk });
  };
  for (let i = 0; i < 4; i++) {
    const written = { [i]: i, 10: i };
    await node.commit(blocks(written), 0, 0);
    done(written);
    const captured = { [20 + i]: i, 10: 100 + i };
    await node.capture(capture({ disk: captured, pages: { 1: i } }));
    done(captured);
    await keeper.keep(facts(i % 2 ? 'checkpoint' : 'latest', `${i}`));
  }
  const { moments } = await keeper.record();
  await keeper.remove(moments[0]?.id ?? '');
}

it('is whole after a crash at any write, with all that was acknowledged', async () => {
  const crashes = async (n: number): Promise<boolean> => {
    const store = openMemoryStore();
    const id = await newSession(store);
    let last: Record<number, number> = {};
    const crash: unknown = await life(new Keeper(failing(store, n), id), (disk) => {
      last = disk;
    }).catch((error: unknown) => error);
    const again = new Keeper(store, id);
    await again.sweep();
    await checkFiles(store, id);
    const begun = await begin(store, id);
    expect(begun?.disk ?? {}, `crash at write ${n}`).toMatchObject(last);
    for (const { id: moment } of (await again.record()).moments) {
      await again.goTo(moment);
      expect(await begin(store, id)).toMatchObject({ over: 'release' });
    }
    if (!(crash instanceof Error)) return false;
    expect(crash).toMatchObject({ code: 'storage-full' });
    return true;
  };
  let n = 0;
  while (await crashes(n)) n++;
  expect(n).toBeGreaterThan(30);
});

it('goes on where there is room again, with nothing left over of what failed', async () => {
  const { store, id } = await setUp();
  const full = { now: false };
  const files = { ...store.files };
  files.write = async (path, bytes) => {
    if (full.now && bytes.length > 100) {
      await store.files.write(path, bytes.slice(0, 10));
      throw new DrydockError('storage-full', 'full');
    }
    await store.files.write(path, bytes);
  };
  const events: string[] = [];
  const keeper = new Keeper({ ...store, files }, id, { onEvent: ({ type }) => events.push(type) });
  await keeper.node('node1').commit(blocks({ 1: 1 }), 0, 0);
  full.now = true;
  await expect(keeper.node('node1').commit(noise(2, 1), 0, 0)).rejects.toMatchObject({
    code: 'storage-full',
  });
  await checkFiles(store, id);
  await keeper.node('node1').capture(capture({ disk: { 3: 3 } }));
  await expect(keeper.keep(facts('latest'))).resolves.toBeDefined();
  full.now = false;
  await keeper.node('node1').commit(blocks({ 2: 2 }), 0, 0);
  expect(events).toEqual(['saved', 'failed', 'saved', 'saved', 'saved']);
  expect(await begin(store, id)).toEqual({ disk: { 1: 1, 2: 2, 3: 3 } });
  await checkFiles(store, id);
});

it('refuses what would make a record that cannot be read again', async () => {
  const { store, id, node, keeper } = await setUp();
  await expect(keeper.describe({ name: 'x'.repeat(101) })).rejects.toMatchObject({ code: 'internal' });
  await keeper.describe({ name: 'Other' });
  await node.capture(capture());
  await expect(keeper.keep(facts('checkpoint', 'x'.repeat(201)))).rejects.toMatchObject({ code: 'internal' });
  for (let i = 0; i < MOST_MOMENTS; i++) {
    await node.capture(capture());
    await keeper.keep(facts('checkpoint'));
  }
  await node.capture(capture());
  await expect(keeper.keep(facts('checkpoint'))).rejects.toThrow('Remove one');
  expect((await keeper.summary()).name).toBe('Other');
  await checkFiles(store, id);
});

it('writes nothing, and removes nothing, once another tab has taken the session over', async () => {
  const { store, id, keeper } = await setUp();
  await store.records.change(id, (record) => ({ ...(record as object), owner: 'other' }));
  await store.files.write(`${id}/in-progress`, Uint8Array.of(1));
  await expect(keeper.node('node1').commit(blocks({ 1: 1 }), 0, 0)).rejects.toMatchObject({
    code: 'wrong-state',
  });
  expect(await store.files.names(id)).toEqual(['in-progress']);
});

it('copies while nothing is written', async () => {
  const { store, keeper, node } = await setUp();
  const copying = keeper.whileStill(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return (await store.files.names(keeper.id)).length;
  });
  const committed = node.commit(blocks({ 1: 1 }), 0, 0);
  expect(await copying).toBe(0);
  await committed;
  await keeper.settled();
});

it('is made again when the browser has cleared it, and takes everything that the machine has', async () => {
  const { store, id, node, keeper, events } = await setUp();
  await node.commit(blocks({ 1: 1 }), 7, 0);
  await node.capture(capture());
  await keeper.keep(facts('checkpoint'));
  await store.files.removeAll(id);
  await store.records.change(id, () => undefined);
  await expect(node.commit(blocks({ 2: 2 }), 0, 0)).rejects.toMatchObject({ code: 'session-gone' });
  expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'session-gone' } });
  expect(await keeper.renew()).toMatchObject({ id, name: 'Test', used: 7, moments: [], at: undefined });
  await node.commit(blocks({ 1: 1, 2: 2 }), 0, 0);
  expect(await begin(store, id)).toEqual({ disk: { 1: 1, 2: 2 } });
  await checkFiles(store, id);
});

it('lays what is relative to the last save over that, and refuses it where that is not there', async () => {
  const { store, id, node, keeper } = await setUp();
  await node.capture(capture({ over: 'latest' }));
  await expect(keeper.keep(facts('latest'))).rejects.toMatchObject({ code: 'wrong-state' });
  await node.capture(capture({ over: 'nothing', pages: { 1: 1, 2: 1 }, core: { 0: 1 } }));
  await keeper.keep(facts('latest'));
  await node.capture(capture({ over: 'latest', pages: { 2: 2, 3: 2 }, core: {} }));
  await keeper.keep(facts('latest'));
  expect(await begin(store, id)).toMatchObject({
    over: 'nothing',
    pages: { 1: 1, 2: 2, 3: 2 },
    core: { 0: 1 },
  });
  expect((await keeper.node('node1').read())?.memory?.newBlocks).toBe(4);
  await node.capture(capture({ over: 'latest', pages: { 4: 3 }, core: {} }));
  await keeper.keep(facts('checkpoint'));
  await node.capture(capture({ over: 'checkpoint', pages: { 1: 9 }, core: {} }));
  await keeper.keep(facts('latest'));
  expect(await begin(store, id)).toMatchObject({ over: 'nothing', pages: { 1: 9, 2: 2, 3: 2, 4: 3 } });
  await checkFiles(store, id);
});
