import { afterEach, expect, it, vi } from 'vitest';
import { Sessions, type Beginning, type KeepingEvent } from './keep-host.ts';
import { Library } from './keep/library.ts';
import { openMemoryStore } from './keep/memory-store.ts';
import { RemoteKeeping } from './keep/remote-keeping.ts';
import { lived } from './keep/tampering.ts';
import { blocks, capture, facts, MACHINE, PLACE } from './keep/testing.ts';
import type { BeginRequest } from './keep/way-back.ts';
import type { Manifest } from './vm/release.ts';

const MANIFEST = {
  build: MACHINE.build,
  disk: MACHINE.disk,
  profiles: Object.entries(MACHINE.overlays).map(([name, overlay]) => ({ name, overlay })),
} as unknown as Manifest;

const REQUEST: BeginRequest = {
  place: PLACE,
  profile: 'standard',
  machineId: 7,
  id: undefined,
  tab: undefined,
  how: undefined,
};

/** As a page without HTTPS has it: without locks, each opening takes over. */
vi.stubGlobal('navigator', {});

const open: Sessions[] = [];

function setUp(store = openMemoryStore(), manifest: Partial<Manifest> = {}) {
  const events: KeepingEvent[] = [];
  const readManifest = vi.fn(() => Promise.resolve({ ...MANIFEST, ...manifest }));
  const sessions = new Sessions(new Library(store), readManifest, (event) => events.push(event));
  open.push(sessions);
  return { store, sessions, events, readManifest };
}

afterEach(async () => {
  for (const sessions of open.splice(0)) await sessions.close();
});

function begun(beginning: Beginning): Beginning & { kind: 'begun' } {
  if (beginning.kind !== 'begun') throw new Error(`asked: ${beginning.kind}`);
  return beginning;
}

const machines = ({ nodes }: Beginning & { kind: 'begun' }): RemoteKeeping[] =>
  nodes.map(({ port }) => new RemoteKeeping(port));

it('makes a session where there is none, and goes on with it', async () => {
  const { store, sessions, events, readManifest } = setUp();
  const fresh = begun(await sessions.begin(REQUEST));
  expect(fresh).toMatchObject({ cause: 'start', lasting: 'process', session: { machineId: 7 } });
  expect(fresh.nodes.map(({ name, profile }) => [name, profile])).toEqual([['node1', 'standard']]);
  const [machine] = machines(fresh);
  expect(await machine?.read()).toBeUndefined();
  await machine?.commit(blocks({ 1: 1 }), 5, 5);
  const added = await sessions.addNode('node2', 'small');
  const second = new RemoteKeeping(added.port);
  expect(await second.read()).toBeUndefined();
  await machine?.capture(capture());
  await second.capture(capture());
  await sessions.keep(facts('latest', '', { node1: 'running', node2: 'running' }));
  expect(events.map(({ type }) => type)).toEqual(['saved', 'saved']);

  const back = begun(await setUp(store).sessions.begin({ ...REQUEST, tab: fresh.session.id }));
  expect(back).toMatchObject({ cause: 'continue', session: { id: fresh.session.id } });
  expect(back.nodes.map(({ name, profile }) => [name, profile])).toEqual([
    ['node1', 'standard'],
    ['node2', 'small'],
  ]);
  for (const one of machines(back)) expect((await one.read())?.memory?.over).toBe('release');
  await expect(machine?.commit(blocks({ 9: 9 }), 0, 0), 'it was taken over').rejects.toThrow('Another tab');
  expect(readManifest).toHaveBeenCalledTimes(1);
});

it('asks where something could be lost, boots on demand, and begins another on demand', async () => {
  const store = openMemoryStore();
  const id = await lived(store);
  const { sessions } = setUp(store, { build: 'newer' });
  expect(await sessions.begin(REQUEST)).toMatchObject({ kind: 'return', fits: false, session: { id } });
  const booted = begun(await sessions.begin({ ...REQUEST, id, how: 'boot' }));
  expect(booted.cause).toBe('boot');
  expect(await machines(booted)[0]?.read()).toMatchObject({ power: 'on', memory: undefined });
  const fresh = begun(await sessions.begin({ ...REQUEST, how: 'fresh' }));
  expect(fresh.session).toMatchObject({ name: 'Playground', build: 'newer' });
  expect((await sessions.list()).sessions).toHaveLength(2);
});

it('goes back to the memory that was saved last, with the disk as it was then', async () => {
  const store = openMemoryStore();
  const id = await lived(store);
  const { sessions } = setUp(store);
  const first = begun(await sessions.begin(REQUEST));
  await machines(first)[0]?.commit(blocks({ 9: 9 }), Date.now() + 1000, 0);
  expect(await sessions.begin(REQUEST)).toMatchObject({ kind: 'return', fits: true });
  const { session } = begun(await sessions.begin({ ...REQUEST, id, how: 'continue' }));
  expect(session).toMatchObject({ id, journal: 'empty' });
  expect(session.moments.map(({ label }) => label)).toContain('The disk as it was last');
});

it('leaves an unused session for another where it cannot be begun with', async () => {
  const { store, sessions } = setUp();
  const first = begun(await sessions.begin(REQUEST));
  expect(begun(await sessions.begin(REQUEST)).session.id, 'nothing was done').toBe(first.session.id);
  await machines(begun(await sessions.begin(REQUEST)))[0]?.commit(blocks({ 1: 1 }), 0, 0);
  const second = begun(await sessions.begin(REQUEST));
  expect(second.session.id).not.toBe(first.session.id);
  const newer = begun(await setUp(store, { build: 'newer' }).sessions.begin(REQUEST));
  expect(newer.session.id).not.toBe(second.session.id);
});

it('has one machine for each node, and none for one that was removed', async () => {
  const { sessions } = setUp();
  const fresh = begun(await sessions.begin(REQUEST));
  await sessions.addNode('node3', 'small');
  const again = new RemoteKeeping(sessions.connect('node3'));
  expect(await again.read()).toBeUndefined();
  await again.commit(blocks({ 3: 3 }), 0, 0);
  await sessions.resetNode('node3');
  await again.commit(blocks({ 4: 4 }), 0, 0);
  expect(await again.read(), 'it was reset').toBeUndefined();
  expect((await sessions.removeNode('node3')).nodes).toEqual(fresh.session.nodes);
  await sessions.close();
  expect(() => sessions.connect('node1')).toThrow('No session is open');
});

it('removes what is old, but not what is open', async () => {
  const { store, sessions } = setUp();
  const { session } = begun(await sessions.begin(REQUEST));
  const other = await new Library(store).create({
    name: 'Old',
    place: PLACE,
    machine: MACHINE,
    machineId: 1,
    nodes: { node1: 'small' },
  });
  for (const id of [session.id, other])
    await store.records.change(id, (record) => ({ ...(record as object), saved: 1 }));
  await store.files.write(`${session.id}/left-over`, Uint8Array.of(1));
  await sessions.tidy();
  expect((await sessions.list()).sessions.map(({ id }) => id)).toEqual([session.id]);
  expect(await store.files.names(session.id)).toEqual([]);
});

it('goes on without the session that it was where that is gone', async () => {
  const { store, sessions } = setUp();
  const { session } = begun(await sessions.begin(REQUEST));
  await store.records.change(session.id, () => undefined);
  expect(begun(await sessions.begin({ ...REQUEST, id: session.id })).session.id).not.toBe(session.id);
});

it('tries again to read the release when that failed', async () => {
  const { sessions, readManifest } = setUp();
  readManifest.mockRejectedValueOnce(new Error('offline'));
  await expect(sessions.begin(REQUEST)).rejects.toThrow('offline');
  expect(begun(await sessions.begin(REQUEST)).cause).toBe('start');
});
