/** What is kept of several machines on one LAN, on the real thing: they come back together, and off if they were off. */
import { expect, test } from 'vitest';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import { nodeAddress } from '../../worker/net/lan.ts';
import { Switch } from '../../worker/net/switch.ts';
import { end, keep, newSession, sh, start } from './kept-machine.ts';

const NAMES = ['node1', 'node2', 'node3'] as const satisfies NodeName[];
const PROFILES = { node1: 'standard', node2: 'small', node3: 'small' } as const;

async function startAll(keeper: Keeper) {
  const lan = new Switch();
  const [node1, node2, node3] = await Promise.all(
    NAMES.map((name) => start(keeper, name, { lan, profile: PROFILES[name] })),
  );
  if (!node1 || !node2 || !node3) throw new Error('no machines');
  return { node1, node2, node3 };
}

test('a swarm of three machines goes on from one moment', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store, PROFILES);
  const swarm = await startAll(keeper);
  await sh(swarm.node1, `docker swarm init --advertise-addr ${nodeAddress('node1')}`);
  const token = await sh(swarm.node1, 'docker swarm join-token -q worker');
  for (const name of ['node2', 'node3'] as const)
    await sh(swarm[name], `docker swarm join --token ${token} ${nodeAddress('node1')}:2377`);
  const ready = "docker node ls --format '{{.Hostname}} {{.Status}}' | sort";
  await expect
    .poll(() => sh(swarm.node1, ready), { timeout: 240_000, interval: 1000 })
    .toBe('node1 Ready\nnode2 Ready\nnode3 Ready');
  const pause = await keep(keeper, swarm, 'latest');
  for (const machine of Object.values(swarm)) await end(machine);

  const back = await startAll(new Keeper(store, keeper.id));
  // What the manager remembers would say that they are ready: that they take on a new role shows that they are.
  await sh(back.node1, 'docker node promote node2 node3');
  const managers = "docker node ls --format '{{.Status}} {{.ManagerStatus}}' | sort";
  await expect
    .poll(() => sh(back.node1, managers), { timeout: 240_000, interval: 1000 })
    .toBe('Ready Leader\nReady Reachable\nReady Reachable');
  console.log(`held for ${pause.toFixed(0)} ms`);
  for (const machine of Object.values(back)) await end(machine);
});

test('a machine that was off comes back off, with all that it had written, and boots from that', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store, { node1: 'small', node2: 'small' });
  const profile = 'small';
  const [node1, node2] = [
    await start(keeper, 'node1', { profile }),
    await start(keeper, 'node2', { profile }),
  ];
  await keep(keeper, { node1, node2 }, 'checkpoint', 'both on');
  await sh(node2, 'echo kept > /root/note; sync');
  await node2.cutPower();
  await keep(keeper, { node1, node2 }, 'latest');
  expect(await keeper.summary()).toMatchObject({ journal: 'empty' });
  await end(node1);
  await end(node2);

  const again = new Keeper(store, keeper.id);
  const back = {
    node1: await start(again, 'node1', { profile }),
    node2: await start(again, 'node2', { profile }),
  };
  expect([back.node1.state, back.node2.state]).toEqual(['running', 'off']);
  await keep(again, back, 'latest');
  await back.node2.powerOn();
  expect(await sh(back.node2, 'cat /root/note; hostname')).toBe('kept\nnode2');
  await sh(back.node2, 'echo more > /root/more; sync');
  await keep(again, back, 'latest');
  const { moments, at } = await again.record();
  const booted = moments.find(({ id }) => id === at)?.nodes.node2;
  expect(booted).toMatchObject({ base: 'parent', state: 'running', memory: { whole: true } });
  for (const machine of Object.values(back)) await end(machine);

  const third = new Keeper(store, keeper.id);
  const machine = await start(third, 'node2', { profile });
  expect(await sh(machine, 'cat /root/note /root/more')).toBe('kept\nmore');
  await third.resetNode('node2');
  await machine.reset();
  expect(await sh(machine, 'ls /root/note 2>&1 || true; hostname')).toMatch(/No such file[^]*node2$/);
  await sh(machine, 'echo fresh > /root/note; sync');
  await machine.commit();
  await third.goTo(moments.find(({ label }) => label === 'both on')?.id);
  await machine.reset();
  expect(await sh(machine, 'ls /root/note 2>&1 || true')).toMatch(/No such file/);
});
