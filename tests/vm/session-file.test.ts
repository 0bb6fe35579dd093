/** A session that is taken elsewhere as a file: its programs go on, although nothing that was compiled comes along. */
import { expect, test } from 'vitest';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import { exportSession, importSession } from '../../worker/keep/session-file.ts';
import type { Machine } from '../../worker/vm/machine.ts';
import { end, keep, newSession, sh, start } from './kept-machine.ts';

const ticks = async (machine: Machine): Promise<number> => Number(await sh(machine, 'wc -l < /run/ticks'));

test('a session goes on in another store, and from there again', async () => {
  const home = openMemoryStore();
  const keeper = await newSession(home, 1);
  const machine = await start(keeper);
  await sh(machine, 'docker run -d --name web nginx:alpine && echo one > /root/note');
  await keep(keeper, [machine], 'checkpoint');
  await sh(
    machine,
    'echo two > /root/note; (while :; do date +%s >> /run/ticks; sleep 1; done) > /dev/null 2>&1 &',
  );
  await keep(keeper, [machine], 'latest');
  await end(machine);

  const file = await keeper.whileStill(() => exportSession(home, keeper.id));
  const elsewhere = openMemoryStore();
  const begun = performance.now();
  const id = await importSession(elsewhere, file);
  console.log(`${(file.size / 1e6).toFixed(1)} MB, read in ${(performance.now() - begun).toFixed(0)} ms`);
  expect(id).not.toBe(keeper.id);

  const there = new Keeper(elsewhere, id);
  expect((await there.node(0).read())?.memory?.state.code).toBeUndefined();
  const arrived = await start(there);
  expect(await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^two\nnginx version/);
  const before = await ticks(arrived);
  expect(before).toBeGreaterThan(0);
  await expect.poll(() => ticks(arrived), { timeout: 30_000 }).toBeGreaterThan(before);

  await sh(arrived, 'echo three > /root/note');
  await keep(there, [arrived], 'latest');
  expect((await there.node(0).read())?.memory?.state.code?.valid, 'nothing of the release’s code').toEqual(
    [],
  );
  await arrived.reset();
  expect(await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^three\nnginx version/);

  const { moments } = await there.record();
  await there.goTo(moments.find(({ kind }) => kind === 'checkpoint')?.id);
  await arrived.reset();
  expect(
    await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1; ls /run/ticks 2>&1 || true'),
  ).toMatch(/^one\nnginx version.*\n.*No such file/);
});
