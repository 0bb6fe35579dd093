/** What is kept of machines, and how they come back from it, on the real thing: two machines of one session. */
import { expect, test } from 'vitest';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import { BROADCAST_MAC } from '../../worker/net/ethernet.ts';
import { GATEWAY_ADDRESS } from '../../worker/net/lan.ts';
import type { Deliver } from '../../worker/net/switch.ts';
import { frameOf } from '../../worker/net/testing.ts';
import type { Machine } from '../../worker/vm/machine.ts';
import { end, keep, newSession, sh, start } from './kept-machine.ts';

test('two machines go on together from a moment, and from an earlier checkpoint', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store, { node1: 'standard', node2: 'standard' });
  const [one, two] = [await start(keeper), await start(keeper, 'node2')];
  const machines = { node1: one, node2: two };
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
  const back = [await start(again), await start(again, 'node2')] as const;
  expect(await sh(back[0], 'cat /root/note; docker ps -q | wc -l')).toBe('changed\n0');
  expect(await sh(back[1], 'cat /root/note /root/more')).toBe('two\nmore');
  const ticks = Number(await sh(back[1], 'wc -l < /run/ticks'));
  await expect
    .poll(async () => Number(await sh(back[1], 'wc -l < /run/ticks')), { timeout: 120_000 })
    .toBeGreaterThan(ticks);

  const { moments } = await again.record();
  const first = moments.find(({ label }) => label === 'first');
  await again.goTo(first?.id);
  await Promise.all(back.map((machine) => machine.reset()));
  expect(await sh(back[0], 'cat /root/note; docker exec web nginx -v 2>&1')).toMatch(/^one\nnginx version/);
  expect(await sh(back[1], 'cat /root/note; ls /root/more 2>&1 || true')).toMatch(/^two\n.*No such file/);
  await keep(again, { node1: back[0], node2: back[1] }, 'latest');
  for (const machine of back) await end(machine);
});

test('a machine that died between two moments boots from its disk as it was last handed over', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store);
  const machine = await start(keeper);
  await keep(keeper, { node1: machine }, 'latest');
  await sh(machine, 'docker run --name store -v data:/data busybox sh -c "echo kept > /data/note" && sync');
  await machine.commit();
  await end(machine);

  const again = new Keeper(store, keeper.id);
  const back = await start(again);
  expect(
    await sh(
      back,
      'docker run --rm -v data:/data busybox cat /data/note; docker ps -aq --filter name=store | wc -l',
    ),
  ).toBe('kept\n1');
  expect(await sh(back, 'findmnt -no OPTIONS / ')).toContain('rw');
  await keep(again, { node1: back }, 'latest');
  await end(back);

  const third = await start(new Keeper(store, keeper.id));
  expect(await sh(third, 'docker run --rm -v data:/data busybox cat /data/note')).toBe('kept');
  expect(third.state).toBe('running');
});

/** Of an experiment (IEEE 802, local experimental EtherType 1): the kernel takes such a frame, and throws it away. */
const EXPERIMENT = 0x88b5;

test('what comes while a machine is captured waits until it goes on, and breaks no device of what is kept', async () => {
  const store = openMemoryStore();
  const keeper = await newSession(store);
  let fromLan: Deliver = () => false;
  const lan = {
    plug: (deliver: Deliver) => {
      fromLan = deliver;
      return { receive: () => undefined, unplug: () => undefined };
    },
  };
  let [open, isCommitting, isKept] = [(): void => undefined, false, false];
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow: Pick<Keeper, 'node'> = {
    node: (name) => {
      const keeping = keeper.node(name);
      return {
        ...keeping,
        commit: async (...written) => {
          isCommitting = true;
          await gate;
          // With something newer on its disk than in its memory, a machine boots.
          if (!isKept) await keeping.commit(...written);
        },
      };
    },
  };
  const machine = await start(slow, 'node1', { lan });
  const hasFile = async (of: Machine, path: string): Promise<boolean> =>
    (await sh(of, `[ -e ${path} ] && echo yes || true`)) === 'yes';
  await sh(machine, 'echo something > /root/written; sync');
  await expect.poll(() => isCommitting).toBe(true);

  const kept = keep(keeper, { node1: machine }, 'latest');
  let frames = 0;
  const flood = setInterval(() => {
    fromLan(frameOf(EXPERIMENT, new Uint8Array(60), BROADCAST_MAC));
    frames++;
    if (frames === 6) {
      machine.send(0, new TextEncoder().encode('touch /run/typed\r'));
      machine.resize(1, 100, 30);
      machine.statistics();
    }
    if (frames === 12) {
      clearInterval(flood);
      open();
    }
  }, 20);
  await kept;
  isKept = true;
  expect(frames).toBe(12);
  await expect.poll(() => hasFile(machine, '/run/typed'), { timeout: 60_000 }).toBe(true);
  expect(await sh(machine, 'stty -F /dev/hvc1 size')).toBe('30 100');
  await end(machine);

  const back = await start(new Keeper(store, keeper.id), 'node1', { lan });
  expect(await hasFile(back, '/run/typed')).toBe(false);
  for (let i = 0; i < 8; i++) fromLan(frameOf(EXPERIMENT, new Uint8Array(60), BROADCAST_MAC));
  expect(await sh(back, `ping -c 1 -W 20 ${GATEWAY_ADDRESS}`)).toContain('1 received');
  back.send(0, new TextEncoder().encode('touch /run/again\r'));
  await expect.poll(() => hasFile(back, '/run/again'), { timeout: 60_000 }).toBe(true);
  expect(await sh(back, "dmesg | grep 'is not a head' || true")).toBe('');
});
