/** Nodes of a swarm that are away for a while: the others go on without them, and take them back as real machines would. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clockError } from '../clock.ts';
import { formSwarm, replicas, startCluster, type TestCluster } from './cluster.ts';

const ABSENCE_MILLISECONDS = 5 * 60_000;

/** Which nodes the wanted tasks of `web` run on, one a line. */
const PLACES = `docker service ps web --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' | grep Running | cut -d' ' -f1 | sort`;

/** Names and states of all nodes. */
const NODES = `docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' | sort`;

const ALL_READY = /^node1 Ready Leader\s+node2 Ready\s+node3 Ready$/;

let vm: TestCluster;
beforeAll(async () => {
  vm = await startCluster(3);
  await formSwarm(vm, [], ['node2', 'node3']);
  for (const name of ['node1', 'node2', 'node3'] as const) await vm.on(name, 'docker pull -q busybox');
  await vm.on('node1', 'docker service create -q --name web --replicas 3 busybox sleep 1d');
  await vm.until('node1', PLACES, 'node1\nnode2\nnode3');
});
afterAll(() => vm.cluster.destroy());

test('paused for five minutes: its tasks run elsewhere, and it is back with the right time and without them', async () => {
  const container = await vm.on('node2', 'docker ps -q --filter name=web');
  await vm.node('node2').pause();
  const back = Date.now() + ABSENCE_MILLISECONDS;
  await vm.until('node1', NODES, /^node2 Down/m);
  await vm.until('node1', PLACES, /^(?!.*node2)(.+\n){2}.+$/s);
  await vm.on('node1', 'docker service update -q --detach --label-add changed=yes web');
  await new Promise((resolve) => setTimeout(resolve, back - Date.now()));
  await vm.node('node2').run();
  await vm.until('node1', NODES, ALL_READY);
  expect(await clockError((script) => vm.on('node2', script))).toBeLessThan(500);
  await vm.until('node2', `docker ps -q --filter id=${container}`, '');
  expect(await vm.on('node1', replicas('web'))).toBe('3/3');
  await vm.on('node1', 'docker service scale -d web=6');
  await vm.until('node1', PLACES, /^(?=.*node2)(.+\n){5}.+$/s);
  await vm.until('node2', 'docker ps -q --filter name=web | wc -l', /^[1-9]/);
});

test('its plug pulled while it writes: it comes back from its disk as the same node, and takes tasks again', async () => {
  await vm.on('node1', 'docker service scale -d web=3');
  await vm.until('node1', replicas('web'), '3/3');
  const id = await vm.on('node3', `docker info --format '{{.Swarm.NodeID}}'`);
  await vm.on(
    'node3',
    `docker run -d --name writer -v data:/data busybox sh -c 'i=0; while i=$((i + 1)); do echo $i >> /data/log; sync; done'`,
  );
  await vm.until('node3', 'docker run --rm -v data:/data busybox tail -n 1 /data/log', /^\d\d/);
  await vm.node('node3').cutPower();
  await vm.until('node1', NODES, /^node3 Down/m);
  await vm.until('node1', PLACES, /^(?!.*node3)(.+\n){2}.+$/s);
  await vm.node('node3').powerOn();
  await vm.until('node1', NODES, ALL_READY);
  expect(await vm.on('node3', `docker info --format '{{.Swarm.NodeID}}'`)).toBe(id);
  expect(await vm.on('node3', 'dmesg | grep -c "EXT4-fs error" || true')).toBe('0');
  await vm.on('node1', 'docker service update -q --detach --force web');
  await vm.until('node1', PLACES, /^(?=.*node3)(.+\n){2}.+$/s);
});

test('a machine carried away for good: its node stays down until it is removed, and a new one takes its name', async () => {
  await vm.cluster.remove('node3');
  await vm.until('node1', NODES, /^node3 Down/m);
  await vm.until('node1', PLACES, /^(?!.*node3)(.+\n){2}.+$/s);
  await vm.cluster.add('node3');
  const token = await vm.on('node1', 'docker swarm join-token -q worker');
  await vm.on('node3', `docker swarm join --token ${token} node1:2377`);
  await vm.until('node1', NODES, /^node3 Down\s+node3 Ready/m);
  await vm.on(
    'node1',
    `docker node rm $(docker node ls -q --filter name=node3 | while read -r id; do
    [ "$(docker node inspect "$id" --format '{{.Status.State}}')" = down ] && echo "$id"; done)`,
  );
  await vm.until('node1', NODES, ALL_READY);
});
