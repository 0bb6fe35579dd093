import { expect, it } from 'vitest';
import { MemoryRecords } from './memory-store.ts';
import { RegistryError } from './registry-error.ts';
import { RemoteRecords, serveRecords } from './remote-records.ts';

function connect(records: MemoryRecords) {
  const { port1, port2 } = new MessageChannel();
  return { end: serveRecords(records, port1), remote: new RemoteRecords(port2) };
}

const since = { since: 1 };

it('shows one thread what another has written', async () => {
  const records = new MemoryRecords();
  const [one, two] = [connect(records).remote, connect(records).remote];
  await one.transact('write', (tx) => tx.put('repositories', 'docker.io/anna/web', since));
  expect(await two.transact('read', (tx) => tx.get('repositories', 'docker.io/anna/web'))).toEqual(since);
});

it('undoes what fails, and throws the very error', async () => {
  const records = new MemoryRecords();
  const { remote } = connect(records);
  const error = new RegistryError('DENIED', 'not yours');
  const failing = remote.transact('write', async (tx) => {
    await tx.put('repositories', 'a', since);
    throw error;
  });
  await expect(failing).rejects.toBe(error);
  expect(await remote.transact('read', (tx) => tx.list('repositories', { prefix: '' }))).toEqual([]);
});

it('goes on for others when a thread ends in the middle of a transaction', async () => {
  const records = new MemoryRecords();
  const [ending, other] = [connect(records), connect(records)];
  await new Promise<void>((begun) => {
    void ending.remote.transact('write', async (tx) => {
      await tx.put('repositories', 'a', since);
      begun();
      await new Promise(() => undefined);
    });
  });
  ending.end();
  expect(await other.remote.transact('read', (tx) => tx.list('repositories', { prefix: '' }))).toEqual([]);
});
