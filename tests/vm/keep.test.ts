/** What is kept of machines, and how they come back from it, on the real thing: two machines of one session. */
import { afterAll, expect, inject, test } from 'vitest';
import { createSession } from '../../worker/keep/create.ts';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import type { SessionStore } from '../../worker/keep/store.ts';
import type { MomentFacts } from '../../worker/keep/keeper.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { parseManifest } from '../../worker/vm/release.ts';
import { Machine } from '../../worker/vm/machine.ts';

const source = new FolderSource(inject('release'));
const place = { title: 'Playground' };
const running = new Set<Machine>();

async function newSession(store: SessionStore, nodes: number): Promise<Keeper> {
  const text = new TextDecoder().decode(await source.read('manifest.json'));
  const { build, disk, profiles } = parseManifest(text);
  const profile = profiles.find(({ name }) => name === 'standard');
  if (!profile) throw new Error('no profile');
  const machine = { build, profile: profile.name, disk, overlay: profile.overlay };
  const id = await createSession(store, { name: 'Test', place, machine, machineId: 1, nodes });
  return new Keeper(store, id);
}

async function start(keeper: Keeper, node: number): Promise<Machine> {
  const machine = new Machine({ source, keeping: keeper.node(node) });
  running.add(machine);
  await machine.load();
  return machine;
}

async function sh(machine: Machine, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: 120 });
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

async function keep(
  keeper: Keeper,
  machines: readonly Machine[],
  kind: MomentFacts['kind'],
  label = '',
): Promise<number> {
  const begun = performance.now();
  await Promise.all(machines.map((machine) => machine.hold()));
  await Promise.all(machines.map((machine) => machine.capture()));
  const pause = performance.now() - begun;
  const { bytes } = await keeper.keep({
    kind,
    label,
    place,
    pause,
    screens: machines.map(() => ['a screen']),
  });
  if (kind === 'checkpoint') for (const machine of machines) machine.advance();
  console.log(`${kind} ${label}: ${pause.toFixed(0)} ms, ${(bytes / 1e6).toFixed(1)} MB in all`);
  return pause;
}

async function end(machine: Machine): Promise<void> {
  running.delete(machine);
  await machine.destroy();
}

afterAll(async () => {
  for (const machine of running) await machine.destroy();
});

test('two machines go on together from a moment, and from an earlier checkpoint', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store, 2);
  const machines = [await start(keeper, 0), await start(keeper, 1)];
  const [one, two] = machines as [Machine, Machine];
  await sh(one, 'docker run -d --name web --restart no nginx:alpine && echo one > /root/note');
  await sh(
    two,
    'echo two > /root/note; (while :; do date +%s >> /run/ticks; sleep 1; done) > /dev/null 2>&1 &',
  );
  await keep(keeper, machines, 'checkpoint', 'first');
  await sh(one, 'echo changed > /root/note; docker rm -f web');
  await keep(keeper, machines, 'latest');
  await sh(two, 'echo more > /root/more');
  await keep(keeper, machines, 'latest');
  await end(one);
  await end(two);

  const again = new Keeper(store, keeper.id);
  const back = [await start(again, 0), await start(again, 1)] as const;
  expect(await sh(back[0], 'cat /root/note; docker ps -q | wc -l')).toBe('changed\n0');
  expect(await sh(back[1], 'cat /root/note /root/more')).toBe('two\nmore');
  const ticks = Number(await sh(back[1], 'wc -l < /run/ticks'));
  await expect
    .poll(async () => Number(await sh(back[1], 'wc -l < /run/ticks')), { timeout: 30_000 })
    .toBeGreaterThan(ticks);

  const { moments } = await again.record();
  const first = moments.find(({ label }) => label === 'first');
  await again.goTo(first?.id);
  await Promise.all(back.map((machine) => machine.reset()));
  expect(await sh(back[0], 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^one\nnginx version/);
  expect(await sh(back[1], 'cat /root/note; ls /root/more 2>&1 || true')).toMatch(/^two\n.*No such file/);
  await keep(again, back, 'latest');
  for (const machine of back) await end(machine);
});

test('a machine that died between two moments boots from its disk as it was last handed over', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store, 1);
  const machine = await start(keeper, 0);
  await keep(keeper, [machine], 'latest');
  await sh(machine, 'docker run --name store -v data:/data busybox sh -c "echo kept > /data/note" && sync');
  await machine.commit();
  await end(machine);

  const again = new Keeper(store, keeper.id);
  const back = await start(again, 0);
  expect(
    await sh(
      back,
      'docker run --rm -v data:/data busybox cat /data/note; docker ps -aq --filter name=store | wc -l',
    ),
  ).toBe('kept\n1');
  expect(await sh(back, 'findmnt -no OPTIONS / ')).toContain('rw');
  await keep(again, [back], 'latest');
  await end(back);

  const third = await start(new Keeper(store, keeper.id), 0);
  expect(await sh(third, 'docker run --rm -v data:/data busybox cat /data/note')).toBe('kept');
  expect(third.state).toBe('running');
});
