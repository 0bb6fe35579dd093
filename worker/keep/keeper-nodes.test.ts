/** A session of several machines: which of them there are changes, and each can be gone back to. */
import { expect, it } from 'vitest';
import type { NodeName } from '../net/lan.ts';
import { Keeper, type KeeperEvent, type MomentFacts } from './keeper.ts';
import { openMemoryStore } from './memory-store.ts';
import { nodesOf, type Nodes } from './record.ts';
import type { SessionStore } from './store.ts';
import type { SessionSummary } from './summary.ts';
import {
  begin,
  blocks,
  capture,
  checkFiles,
  facts,
  failing,
  newSession,
  type Beginning,
  type Snapshot,
} from './testing.ts';

/** Machines as a page has them: those that `powered` names run, or are off. */
class Cluster {
  readonly powered = new Map<NodeName, 'running' | 'off'>();

  constructor(readonly keeper: Keeper) {}

  async start(...names: NodeName[]): Promise<this> {
    for (const name of names) {
      this.powered.set(name, 'running');
      await this.machine(name).read();
    }
    return this;
  }

  machine(name: NodeName) {
    return this.keeper.node(name);
  }

  /** Makes a moment; each node that runs has handed over what `snapshots` has of it. */
  async save(
    kind: MomentFacts['kind'],
    snapshots: Nodes<Snapshot> = {},
    label: string = kind,
  ): Promise<SessionSummary> {
    for (const [name, power] of this.powered)
      if (power === 'running') await this.machine(name).capture(capture(snapshots[name]));
    return this.keeper.keep(facts(kind, label, Object.fromEntries(this.powered)));
  }
}

async function setUp(...names: NodeName[]) {
  const store = openMemoryStore();
  const id = await newSession(store, Object.fromEntries(names.map((name) => [name, 'standard'])));
  const events: KeeperEvent[] = [];
  const keeper = new Keeper(store, id, { onEvent: (event) => events.push(event) });
  const cluster = await new Cluster(keeper).start(...names);
  return { store, id, keeper, cluster, events };
}

/** What each node of a session would begin with; `fresh` for one of which nothing was kept. */
async function beginnings(store: SessionStore, id: string): Promise<Nodes<Beginning | 'fresh'>> {
  const { nodes } = await new Keeper(store, id).summary();
  const all: Nodes<Beginning | 'fresh'> = {};
  for (const { name } of nodes) all[name] = (await begin(store, id, name)) ?? 'fresh';
  return all;
}

it('has of each machine its own, and of other names nothing', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node3');
  await cluster.save('checkpoint', { node1: { disk: { 1: 1 } }, node3: { disk: { 1: 3 }, pages: { 3: 3 } } });
  expect(await beginnings(store, id)).toMatchObject({
    node1: { disk: { 1: 1 }, pages: { 1: 1 } },
    node3: { disk: { 1: 3 }, pages: { 3: 3 } },
  });
  await expect(keeper.node('node2').read()).rejects.toThrow('There is no node2');
  await expect(keeper.resetNode('node2')).rejects.toMatchObject({ code: 'wrong-state' });
});

it('adds a machine, removes it, and goes back to where there was none and where there was one', async () => {
  const { store, id, keeper, cluster } = await setUp('node1');
  const { at: alone } = await cluster.save('checkpoint', { node1: { disk: { 1: 1 } } });
  const added = await keeper.addNode('node3', 'small');
  expect(added.nodes).toEqual([
    { name: 'node1', profile: 'standard' },
    { name: 'node3', profile: 'small' },
  ]);
  expect(added.used, 'the user did something').toBeGreaterThan(0);
  expect(await beginnings(store, id)).toMatchObject({ node1: { over: 'release' }, node3: 'fresh' });
  await cluster.start('node3');
  await cluster.save('latest', { node3: { disk: { 3: 3 } } });
  const { at: both } = await cluster.save('checkpoint', { node3: { disk: { 4: 4 }, pages: { 4: 4 } } });
  const together = await beginnings(store, id);
  expect(together.node3).toMatchObject({ disk: { 3: 3, 4: 4 }, over: 'release' });

  expect((await keeper.removeNode('node3')).nodes).toHaveLength(1);
  cluster.powered.delete('node3');
  await cluster.save('latest', { node1: { disk: { 1: 9 } } });
  expect(await beginnings(store, id)).toMatchObject({ node1: { disk: { 1: 9 } } });
  expect(await beginnings(store, id)).not.toHaveProperty('node3');

  expect((await keeper.goTo(alone)).nodes.map(({ name }) => name)).toEqual(['node1']);
  expect((await keeper.goTo(both)).nodes).toEqual(added.nodes);
  expect(await beginnings(store, id)).toEqual(together);
  await checkFiles(store, id);
});

it('has nothing of an earlier machine of the same name', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  await cluster.save('checkpoint', { node2: { disk: { 1: 1, 2: 1 }, pages: { 5: 5 } } });
  await keeper.removeNode('node2');
  cluster.powered.delete('node2');
  await cluster.save('checkpoint');
  await keeper.addNode('node2', 'small');
  await cluster.start('node2');
  await cluster.save('checkpoint', { node2: { disk: { 2: 2 }, pages: { 6: 6 } } });
  expect((await beginnings(store, id)).node2).toMatchObject({ disk: { 2: 2 }, pages: { 6: 6 } });
});

it('resets a machine, beside others that go on, and goes back', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  const { at: before } = await cluster.save('checkpoint', {
    node1: { disk: { 1: 1 } },
    node2: { disk: { 1: 2 }, pages: { 2: 2 } },
  });
  const then = await beginnings(store, id);
  await keeper.node('node2').commit(blocks({ 7: 7 }), 0, 0);
  await keeper.resetNode('node2');
  expect(await beginnings(store, id)).toMatchObject({ node1: { over: 'release' }, node2: 'fresh' });
  await cluster.start('node2');
  await cluster.save('latest', { node1: { disk: { 3: 3 } }, node2: { disk: { 5: 5 }, pages: { 6: 6 } } });
  await cluster.save('latest', {
    node1: { over: 'latest', pages: {} },
    node2: { over: 'latest', disk: { 6: 6 }, pages: { 7: 7 } },
  });
  expect(await beginnings(store, id)).toMatchObject({
    node1: { disk: { 1: 1, 3: 3 } },
    node2: { disk: { 5: 5, 6: 6 }, over: 'release', pages: { 6: 6, 7: 7 } },
  });
  await keeper.goTo(before);
  expect(await beginnings(store, id)).toEqual(then);
  await checkFiles(store, id);
});

it('does not lose what was saved last of a machine that is reset, or removed, without a checkpoint', async () => {
  for (const end of ['resetNode', 'removeNode'] as const) {
    const { store, id, keeper, cluster } = await setUp('node1', 'node2');
    await cluster.save('latest', { node2: { disk: { 2: 2 } } });
    const then = await beginnings(store, id);
    await keeper[end]('node2');
    cluster.powered.delete('node2');
    if (end === 'resetNode') await cluster.start('node2');
    await cluster.save('latest', { node1: { over: 'latest', pages: { 8: 8 } } });
    const { moments } = await keeper.summary();
    expect(moments.map(({ label }) => label)).toEqual([
      end === 'resetNode' ? 'Before resetting node2' : 'Before removing node2',
      'latest',
    ]);
    await keeper.goTo(moments[0]?.id);
    expect(await beginnings(store, id)).toEqual(then);
    await checkFiles(store, id);
  }
});

it('drops what a machine hands over that was reset, until it begins again', async () => {
  const { store, id, keeper, cluster, events } = await setUp('node1', 'node2');
  const [one, two] = [cluster.machine('node1'), cluster.machine('node2')];
  await one.capture(capture());
  await two.capture(capture({ disk: { 1: 1 } }));
  await keeper.resetNode('node2');
  await expect(keeper.keep(facts('latest', '', { node1: 'running', node2: 'running' }))).rejects.toThrow(
    'node2 has not handed itself over',
  );
  await two.commit(blocks({ 2: 2 }), 0, 0);
  await two.capture(capture({ disk: { 3: 3 } }));
  expect(await beginnings(store, id)).toEqual({ node1: 'fresh', node2: 'fresh' });
  expect(events.map(({ type }) => type)).toEqual(['saved', 'failed']);
  expect(await two.read()).toBeUndefined();
  await two.commit(blocks({ 4: 4 }), 0, 0);
  expect(await beginnings(store, id)).toMatchObject({ node2: { disk: { 4: 4 } } });
  await checkFiles(store, id);
});

it.each<[string, (keeper: Keeper, first: string | undefined) => Promise<unknown>]>([
  ['was removed', (keeper) => keeper.removeNode('node2')],
  ['goes to a checkpoint', (keeper, first) => keeper.goTo(first)],
  ['is begun afresh', (keeper) => keeper.goTo(undefined)],
  ['has another in its place', (keeper) => keeper.addNode('node2', 'small')],
])('drops what a machine hands over that %s', async (_, change) => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  const { at } = await cluster.save('checkpoint');
  const two = cluster.machine('node2');
  await change(keeper, at);
  const before = await beginnings(store, id);
  await two.commit(blocks({ 9: 9 }), 0, 0);
  await two.capture(capture({ disk: { 9: 9 } }));
  expect(await beginnings(store, id)).toEqual(before);
  await checkFiles(store, id);
});

it('keeps no moment of other machines than there are', async () => {
  const { keeper, cluster } = await setUp('node1', 'node2');
  cluster.powered.set('node3', 'off');
  await expect(cluster.save('latest')).rejects.toThrow('There is no node3');
  cluster.powered.delete('node3');
  cluster.powered.delete('node2');
  await expect(cluster.save('latest')).rejects.toThrow('node2 has not handed itself over');
  await keeper.removeNode('node2');
  await expect(keeper.removeNode('node1')).rejects.toThrow('at least one machine');
});

it('has all machines fresh, and those that there were where it goes back', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  const { at } = await cluster.save('checkpoint', { node2: { disk: { 2: 2 } } });
  const then = await beginnings(store, id);
  await keeper.addNode('node4', 'small');
  await keeper.goTo(undefined);
  expect(await beginnings(store, id)).toEqual({ node1: 'fresh', node2: 'fresh', node4: 'fresh' });
  await cluster.start('node1', 'node2', 'node4');
  await cluster.save('checkpoint', { node2: { disk: { 3: 3 } } });
  expect((await beginnings(store, id)).node2).toMatchObject({ disk: { 3: 3 } });
  await keeper.goTo(at);
  expect(await beginnings(store, id)).toEqual(then);
});

it('has a machine that was off come back off, with all that it had written', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  await cluster.save('checkpoint', { node2: { disk: { 1: 1 }, pages: { 9: 9 } } });
  await cluster.machine('node2').commit(blocks({ 2: 2 }), 0, 0);
  cluster.powered.set('node2', 'off');
  const { at: off, running } = await cluster.save('latest', { node1: { pages: { 3: 3 } } });
  expect(running, 'the others go on').toBeDefined();
  expect(await beginnings(store, id)).toMatchObject({
    node1: { over: 'release', pages: { 3: 3 } },
    node2: { disk: { 1: 1, 2: 2 }, power: 'off' },
  });
  expect((await beginnings(store, id)).node2).not.toHaveProperty('over');
  await keeper.boot();
  expect(await keeper.node('node2').read(), 'although the others boot').toMatchObject({ power: 'off' });
  expect(await keeper.node('node1').read()).toMatchObject({ power: 'on', memory: undefined });

  // Its boot goes on from no memory, whatever there was before it was off.
  cluster.powered.set('node2', 'running');
  const booted = { over: 'nothing', disk: { 5: 5 }, pages: { 6: 6 } } as const;
  await cluster.save('checkpoint', { node2: booted });
  await cluster.save('latest', { node2: { disk: { 7: 7 }, pages: { 8: 8 } } });
  expect((await beginnings(store, id)).node2).toMatchObject({
    disk: { 1: 1, 2: 2, 5: 5, 7: 7 },
    over: 'nothing',
    pages: { 6: 6, 8: 8 },
  });
  await expect(keeper.goTo(off), 'what was saved last was replaced').rejects.toThrow('gone');
  await checkFiles(store, id);
});

it('boots a machine that was switched on after it was saved as off', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  cluster.powered.set('node2', 'off');
  const { at } = await cluster.save('latest');
  expect((await keeper.summary()).running).toBeDefined();
  await cluster.machine('node2').commit(blocks({ 1: 1 }), 0, 0);
  expect((await beginnings(store, id)).node2).toEqual({ disk: { 1: 1 } });
  await keeper.goTo(at);
  expect((await beginnings(store, id)).node2).toEqual({ disk: {}, power: 'off' });
  const { moments } = await keeper.summary();
  await keeper.goTo(moments.find(({ label }) => label.startsWith('The disk'))?.id);
  expect((await beginnings(store, id)).node2, 'it was on').toEqual({ disk: { 1: 1 } });
});

it('keeps the disks of all machines as they were last, each relative to what it was', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2', 'node3');
  await cluster.save('checkpoint', { node1: { disk: { 1: 1 } }, node2: { disk: { 2: 2 } } });
  cluster.powered.set('node3', 'off');
  const { at } = await cluster.save('latest', { node1: { disk: { 1: 2 } } });
  await keeper.resetNode('node2');
  await cluster.start('node2');
  await cluster.machine('node2').commit(blocks({ 8: 8 }), 0, 0);
  await keeper.goTo(at);
  const { moments } = await keeper.summary();
  const disk = moments.find(({ running }) => !running);
  expect(disk?.label).toBe('The disk as it was last');
  await keeper.goTo(disk?.id, 'boot');
  expect(await beginnings(store, id)).toEqual({
    node1: { disk: { 1: 2 } },
    node2: { disk: { 8: 8 } },
    node3: { disk: {}, power: 'off' },
  });
  await checkFiles(store, id);
});

it('removes a checkpoint of machines that come and go, and what follows it stays as it was', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  const kept = new Map<string | undefined, Nodes<Beginning | 'fresh'>>();
  const save = async (snapshots: Nodes<Snapshot>): Promise<string | undefined> => {
    const { at } = await cluster.save('checkpoint', snapshots);
    kept.set(at, await beginnings(store, id));
    return at;
  };
  const root = await save({ node1: { disk: { 1: 1 } }, node2: { disk: { 2: 1 }, pages: { 2: 1 } } });
  await keeper.addNode('node3', 'small');
  await keeper.resetNode('node1');
  await cluster.start('node1', 'node3');
  const middle = await save({ node1: { disk: { 3: 2 } }, node3: { disk: { 4: 2 }, pages: { 5: 2 } } });
  cluster.powered.set('node2', 'off');
  const off = await save({ node1: { disk: { 3: 3 } }, node3: { pages: { 6: 3 } } });
  cluster.powered.set('node2', 'running');
  await save({ node2: { over: 'nothing', disk: { 2: 4 }, pages: { 1: 4 } } });
  for (const gone of [middle, off, root]) {
    await keeper.remove(gone ?? '');
    kept.delete(gone);
    await checkFiles(store, id);
    for (const [at, expected] of kept) {
      await keeper.goTo(at);
      expect(await beginnings(store, id)).toEqual(expected);
    }
    await keeper.goTo([...kept.keys()].at(-1));
  }
  const { moments } = await keeper.record();
  expect(nodesOf(moments[0]?.nodes ?? {}).map(([name, { base }]) => [name, base])).toEqual([
    ['node1', 'release'],
    ['node2', 'release'],
    ['node3', 'release'],
  ]);
});

it('is made again when the browser has cleared it, with the machines that there are', async () => {
  const { store, id, keeper, cluster } = await setUp('node1', 'node2');
  cluster.powered.set('node2', 'off');
  await cluster.save('checkpoint', { node1: { disk: { 1: 1 } } });
  await store.files.removeAll(id);
  await store.records.change(id, () => undefined);
  expect((await keeper.renew()).nodes).toHaveLength(2);
  await keeper.node('node1').commit(blocks({ 1: 1 }), 0, 0);
  expect(await beginnings(store, id)).toEqual({
    node1: { disk: { 1: 1 } },
    node2: { disk: {}, power: 'off' },
  });
  await cluster.save('latest', { node1: { over: 'nothing' } });
  expect(await beginnings(store, id)).toMatchObject({ node1: { over: 'nothing' }, node2: { power: 'off' } });
});

it('boots what is of an earlier release, although it was fresh or had a memory', async () => {
  const { store, id, cluster } = await setUp('node1', 'node2');
  await cluster.save('latest', { node1: { disk: { 1: 1 } } });
  const keeper = new Keeper(store, id, { build: 'newer' });
  await keeper.addNode('node3', 'small');
  const boots = { power: 'on', memory: undefined };
  expect(await keeper.node('node1').read()).toMatchObject(boots);
  expect(await keeper.node('node3').read(), 'on the disk of that release').toMatchObject({
    ...boots,
    blocks: [],
  });
});

/** What a user does with three machines; after each step, `acknowledged` is told of what must not be lost any more. */
async function life(
  keeper: Keeper,
  acknowledged: (disks: Nodes<Record<number, number>>) => void,
): Promise<void> {
  const cluster = await new Cluster(keeper).start('node1', 'node2', 'node3');
  const disks: Nodes<Record<number, number>> = { node1: {}, node2: {}, node3: {} };
  const commit = async (name: NodeName, written: Record<number, number>): Promise<void> => {
    await cluster.machine(name).commit(blocks(written), 0, 0);
    disks[name] = { ...disks[name], ...written };
    acknowledged(disks);
  };
  await commit('node1', { 1: 1 });
  await commit('node2', { 1: 2, 2: 2 });
  await cluster.save('checkpoint', { node3: { pages: { 3: 3 } } }, 'three');
  await commit('node3', { 3: 3 });
  await cluster.save('latest');
  // What is reset may be lost, or still be there.
  disks.node2 = {};
  acknowledged(disks);
  await keeper.resetNode('node2');
  await cluster.start('node2');
  await commit('node2', { 5: 5 });
  cluster.powered.set('node3', 'off');
  await cluster.save('checkpoint', {}, 'one off');
  disks.node3 = undefined;
  acknowledged(disks);
  await keeper.removeNode('node3');
  cluster.powered.delete('node3');
  await commit('node1', { 6: 6 });
  await keeper.addNode('node4', 'small');
  await cluster.start('node4');
  disks.node4 = {};
  await commit('node4', { 7: 7 });
  await cluster.save('latest', { node1: { over: 'checkpoint' } });
  const { moments } = await keeper.record();
  await keeper.remove(moments[0]?.id ?? '');
}

it('is whole after a crash at any write, each machine with all that was acknowledged', async () => {
  const crashes = async (n: number): Promise<boolean> => {
    const store = openMemoryStore();
    const id = await newSession(store, { node1: 'standard', node2: 'standard', node3: 'small' });
    let last: Nodes<Record<number, number>> = {};
    const crash: unknown = await life(new Keeper(failing(store, n), id), (disks) => {
      last = structuredClone(disks);
    }).catch((error: unknown) => error);
    const again = new Keeper(store, id);
    await again.sweep();
    await checkFiles(store, id);
    for (const [name, disk] of nodesOf(last))
      expect((await begin(store, id, name))?.disk ?? {}, `${name}, crash at write ${n}`).toMatchObject(disk);
    for (const { id: moment, nodes } of (await again.record()).moments) {
      await again.goTo(moment);
      expect(Object.keys(await beginnings(store, id))).toEqual(nodesOf(nodes).map(([name]) => name));
      for (const [name, { state }] of nodesOf(nodes)) {
        const expected = { running: { over: 'release' }, crashed: {}, off: { power: 'off' } }[state];
        expect(await begin(store, id, name)).toMatchObject(expected);
      }
    }
    if (!(crash instanceof Error)) return false;
    expect(crash).toMatchObject({ code: 'storage-full' });
    return true;
  };
  let n = 0;
  while (await crashes(n)) n++;
  expect(n).toBeGreaterThan(50);
});
