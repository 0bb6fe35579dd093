import { expect, it } from 'vitest';
import { exportSession, importSession } from './session-file.ts';
import { Keeper } from './keeper.ts';
import { Library } from './library.ts';
import { openMemoryStore } from './memory-store.ts';
import { parseRecord } from './parse-record.ts';
import { memoryOf, nodesOf, type SessionRecord } from './record.ts';
import type { SessionStore } from './store.ts';
import { lived, unzip, zipOf } from './tampering.ts';
import { begin, blocks, capture, facts, MACHINE } from './testing.ts';
import { isTree } from './tree.ts';

/** A record as the first format had it. */
function old({ machine: { build, disk, overlays }, ...record }: SessionRecord): Record<string, unknown> {
  return {
    ...record,
    format: 1,
    machine: { build, disk, profile: 'standard', overlay: overlays.standard },
    moments: record.moments.map((moment) => ({
      ...moment,
      nodes: nodesOf(moment.nodes).map(([, node]) => ({ blocks: node.blocks, memory: memoryOf(node) })),
    })),
    journal: nodesOf(record.journal).map(([, node]) => node.blocks),
  };
}

async function oldSession(store: SessionStore): Promise<string> {
  const id = await lived(store);
  const record = await new Keeper(store, id).record();
  await store.records.change(id, () => old(record));
  return id;
}

it('is the same session in the present format', async () => {
  const store = openMemoryStore();
  const record = await new Keeper(store, await lived(store)).record();
  const { overlays, ...machine } = record.machine;
  const upgraded = parseRecord(old(record));
  expect(upgraded).toEqual({ ...record, machine: { ...machine, overlays: { standard: overlays.standard } } });
  expect(isTree(upgraded)).toBe(true);
});

it('has a node without memory boot', async () => {
  const store = openMemoryStore();
  const record = old(await new Keeper(store, await lived(store)).record());
  const moments = (record['moments'] as { nodes: { memory?: unknown }[] }[]).map((moment) => ({
    ...moment,
    nodes: moment.nodes.map((node) => ({ ...node, memory: undefined })),
  }));
  const states = parseRecord({ ...record, moments }).moments.map(({ nodes }) => nodes.node1?.state);
  expect(states).toEqual(['crashed', 'crashed']);
});

it('goes on where it was, and may have machines of any size from then on', async () => {
  const store = openMemoryStore();
  const id = await oldSession(store);
  const expected = { disk: { 1: 1, 2: 2 }, over: 'release', pages: { 1: 1, 2: 2 }, core: { 1: 1, 2: 2 } };
  expect(await begin(store, id)).toEqual(expected);
  const library = new Library(store);
  expect((await library.list()).sessions).toMatchObject([{ id, nodes: [{ name: 'node1' }] }]);
  const keeper = await library.open(id, MACHINE, () => undefined);
  await keeper.addNode('node2', 'small');
  await keeper.node('node1').capture(capture({ over: 'latest', disk: { 3: 3 }, pages: { 3: 3 } }));
  await keeper.node('node2').capture(capture());
  await keeper.keep(facts('latest', '', { node1: 'running', node2: 'running' }));
  expect(await begin(store, id)).toMatchObject({ disk: { 1: 1, 2: 2, 3: 3 }, pages: { 1: 1, 2: 2, 3: 3 } });
  expect(await store.records.get(id)).toMatchObject({ format: 2 });
});

it('of a release that is gone has no machine of another size', async () => {
  const store = openMemoryStore();
  const keeper = await new Library(store).open(
    await oldSession(store),
    { ...MACHINE, build: 'newer' },
    () => undefined,
  );
  await expect(keeper.addNode('node2', 'small')).rejects.toMatchObject({ code: 'wrong-release' });
});

it('comes from a file of then', async () => {
  const home = openMemoryStore();
  const { index, files } = await unzip(await exportSession(home, await lived(home)));
  const store = openMemoryStore();
  const id = await importSession(store, await zipOf({ ...index, record: old(index.record) }, files));
  expect(await begin(store, id)).toMatchObject({ disk: { 1: 1, 2: 2 }, pages: { 1: 1, 2: 2 } });
  await new Keeper(store, id).node('node1').commit(blocks({ 9: 9 }), 0, 0);
  expect((await begin(store, id))?.disk).toEqual({ 1: 1, 2: 2, 9: 9 });
});

it('is refused with six machines, or with more in it than there was', async () => {
  const store = openMemoryStore();
  const record = old(await new Keeper(store, await lived(store)).record());
  for (const change of [
    { journal: [[], [], [], [], [], []] },
    { journal: [] },
    { extra: 1 },
    { journal: 'none' },
    { machine: { ...(record['machine'] as object), profile: 'huge' } },
  ])
    expect(() => parseRecord({ ...record, ...change })).toThrow(
      expect.objectContaining({ code: 'damaged-file' }),
    );
});
