import { expect, test } from 'vitest';
import { Library } from './library.ts';
import { openMemoryStore } from './memory-store.ts';
import type { NewSession } from './create.ts';

const file = { path: 'files/a', bytes: 1, sha256: '0'.repeat(64) };
const session: NewSession = {
  name: 'Networks',
  place: { title: 'Networks' },
  machine: {
    build: 'b',
    disk: { bytes: 4096, chunkBytes: 4096, storedBytes: 1, index: file },
    overlays: { standard: file },
  },
  machineId: 1,
  nodes: { node1: 'standard' },
};

const free = () => Promise.resolve({ release: () => undefined });
const taken = () => Promise.resolve(undefined);

async function age(library: Library, id: string, change: object): Promise<void> {
  await library.store.records.change(id, (record) => ({ ...(record as object), ...change }));
}

test('a deleted session is not listed, can be had back, and goes after a while', async () => {
  const library = new Library(openMemoryStore());
  const id = await library.create(session);
  await age(library, id, { used: 1 });
  await library.delete(id);
  expect((await library.list()).sessions).toEqual([]);
  await library.restore(id);
  expect((await library.list()).sessions.map(({ name }) => name)).toEqual(['Networks']);
  await library.delete(id);
  await library.tidy(free);
  await library.restore(id);
  await age(library, id, { deleted: 1 });
  await library.tidy(free);
  await expect(library.restore(id)).rejects.toThrow('no longer in the browser.');
});

test('a session in which nothing was done goes, unless a tab has it open', async () => {
  const library = new Library(openMemoryStore());
  const id = await library.create(session);
  await library.tidy(free);
  await age(library, id, { saved: 1 });
  await library.tidy(taken);
  expect((await library.list()).sessions).toHaveLength(1);
  await library.tidy(free);
  expect((await library.list()).sessions).toEqual([]);
});

test('a record of another version is listed as one that cannot be read, and stays', async () => {
  const library = new Library(openMemoryStore());
  const id = await library.create(session);
  await age(library, id, { format: 99 });
  await library.tidy(free);
  expect((await library.list()).unreadable).toMatchObject([
    { id, name: 'Networks', problem: 'wrong-release' },
  ]);
  await expect(library.open(id, session.machine, () => undefined)).rejects.toMatchObject({
    code: 'wrong-release',
  });
});

test('a record that is not the one of its key is listed by what it is called, and nothing is done with it', async () => {
  const library = new Library(openMemoryStore());
  const id = await library.create(session);
  const other = await library.create({ ...session, name: 'Volumes' });
  await age(library, other, { id });
  const { sessions, unreadable } = await library.list();
  expect(sessions.map(({ name }) => name)).toEqual(['Networks']);
  expect(unreadable).toMatchObject([{ id: other, name: 'Volumes', problem: 'damaged-file' }]);
  await library.destroy(other);
  expect((await library.list()).sessions).toHaveLength(1);
  expect((await library.list()).unreadable).toEqual([]);
});

test('a session whose files cannot be removed is not forgotten', async () => {
  const store = openMemoryStore();
  const id = await new Library(store).create(session);
  const stuck = { ...store, files: { ...store.files, removeAll: () => Promise.reject(new Error('in use')) } };
  await expect(new Library(stuck).destroy(id)).rejects.toThrow('in use');
  expect((await new Library(store).list()).sessions).toHaveLength(1);
});

test('who opens a session ends the writing of who had it before', async () => {
  const library = new Library(openMemoryStore());
  const id = await library.create(session);
  const first = await library.open(id, session.machine, () => undefined);
  const second = await library.open(id, session.machine, () => undefined);
  await expect(first.describe({ name: 'mine' })).rejects.toThrow('Another tab has taken this session over.');
  expect((await second.describe({ name: 'theirs' })).name).toBe('theirs');
});
