/** A session that is taken elsewhere as a file: its programs go on, although nothing that was compiled comes along. */
import { expect, test } from 'vitest';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import { exportSession, importSession } from '../../worker/keep/session-file.ts';
import type { Machine } from '../../worker/vm/machine.ts';
import { checkDevices } from '../../worker/vm/foreign-devices.ts';
import { end, keep, newSession, sh, start } from './kept-machine.ts';

const ticks = async (machine: Machine): Promise<number> => Number(await sh(machine, 'wc -l < /run/ticks'));

/** v86's state of devices with other JSON in it (its `src/state.js`). */
function withState(devices: Uint8Array, change: (state: unknown[]) => void): Uint8Array<ArrayBuffer> {
  const header = new DataView(devices.slice(0, 16).buffer);
  const end = 16 + header.getUint32(12, true);
  const info = JSON.parse(new TextDecoder().decode(devices.subarray(16, end))) as { state: unknown[] };
  change(info.state);
  const json = new TextEncoder().encode(JSON.stringify(info));
  const buffers = devices.subarray(Math.ceil(end / 4) * 4);
  const start = Math.ceil((16 + json.length) / 4) * 4;
  const changed = new Uint8Array(start + buffers.length);
  header.setUint32(8, changed.length, true);
  header.setUint32(12, json.length, true);
  changed.set(new Uint8Array(header.buffer));
  changed.set(json, 16);
  changed.set(buffers, start);
  return changed;
}

const HOSTILE: Record<string, (state: unknown[]) => void> = {
  'more memory than there is': (state) => (state[0] = -1),
  'a register of the FPU that does not exist': (state) => (state[69] = 184),
  'an object of a type that v86 does not save': (state) =>
    (state[62] = { __state_type__: 'constructor', args: 4e9 }),
  'a method in the place of a number': (state) => (state[3] = { __state_type__: 'constructor', key: 'push' }),
  'a screen without end': (state) => ((state[52] as unknown[])[5] = 1e300),
  'a queue without end': (state) => (((state[82] as unknown[][])[0]?.[10] as unknown[])[0] = 1e9),
  'a part that is missing': (state) => state.pop(),
};

/** Such a state never reaches v86: the guest could then reach the emulator's own memory. */
async function refusesHostileDevices(keeper: Keeper): Promise<void> {
  const saved = await keeper.node('node1').read();
  const devices = saved?.memory?.state.devices ?? new Uint8Array(0);
  checkDevices(devices.slice().buffer, devices.slice().buffer);
  for (const [name, change] of Object.entries(HOSTILE)) {
    const hostile = withState(devices, change);
    expect(() => {
      checkDevices(hostile.buffer, devices.slice().buffer);
    }, name).toThrow('was not made by a machine of Drydock');
  }
  if (saved?.memory) saved.memory.state.devices = withState(devices, (state) => (state[0] = -1));
  await expect(
    start({ node: () => ({ ...keeper.node('node1'), read: () => Promise.resolve(saved) }) }),
  ).rejects.toMatchObject({ code: 'damaged-file' });
}

test('a session goes on in another store, and from there again', async () => {
  const home = openMemoryStore();
  const keeper = await newSession(home);
  const machine = await start(keeper);
  await sh(machine, 'docker run -d --name web nginx:alpine && echo one > /root/note');
  await keep(keeper, { node1: machine }, 'checkpoint');
  await sh(
    machine,
    'echo two > /root/note; (while :; do date +%s >> /run/ticks; sleep 1; done) > /dev/null 2>&1 &',
  );
  await keep(keeper, { node1: machine }, 'latest');
  await end(machine);

  const file = await keeper.whileStill(() => exportSession(home, keeper.id));
  const elsewhere = openMemoryStore();
  const begun = performance.now();
  const id = await importSession(elsewhere, file);
  console.log(`${(file.size / 1e6).toFixed(1)} MB, read in ${(performance.now() - begun).toFixed(0)} ms`);
  expect(id).not.toBe(keeper.id);

  const there = new Keeper(elsewhere, id);
  await refusesHostileDevices(there);
  expect((await there.node('node1').read())?.memory?.state.code).toBeUndefined();
  const arrived = await start(there);
  expect(await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^two\nnginx version/);
  const before = await ticks(arrived);
  expect(before).toBeGreaterThan(0);
  await expect.poll(() => ticks(arrived), { timeout: 120_000 }).toBeGreaterThan(before);

  await sh(arrived, 'echo three > /root/note');
  await keep(there, { node1: arrived }, 'latest');
  expect(
    (await there.node('node1').read())?.memory?.state.code?.valid,
    'nothing of the release’s code',
  ).toEqual([]);
  await arrived.reset();
  expect(await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^three\nnginx version/);

  const { moments } = await there.record();
  await there.goTo(moments.find(({ kind }) => kind === 'checkpoint')?.id);
  await arrived.reset();
  expect(
    await sh(arrived, 'cat /root/note; docker exec web nginx -v 2>&1; ls /run/ticks 2>&1 || true'),
  ).toMatch(/^one\nnginx version.*\n.*No such file/);
});
