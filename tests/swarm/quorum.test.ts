/** Five managers: what they survive, what they do not, and how a swarm is brought back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formSwarm, startCluster, type TestCluster } from './cluster.ts';

let vm: TestCluster;
beforeAll(async () => {
  vm = await startCluster(5, 'small');
  await formSwarm(vm, ['node2', 'node3', 'node4', 'node5']);
});
afterAll(() => vm.cluster.destroy());

const MANAGERS = `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | sort | paste -sd,`;
const LEADER = `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | sed -n 's/ Leader//p'`;

/** The Engine gives the new swarm five seconds to tell of itself, which on a busy host may be too few. */
const alone = (address: string): string =>
  `for i in 1 2 3 4; do docker swarm init --force-new-cluster --advertise-addr ${address} && break; sleep 5; done; docker node ls`;

test('five managers agree on a leader', async () => {
  await vm.until(
    'node3',
    MANAGERS,
    'node1 Leader,node2 Reachable,node3 Reachable,node4 Reachable,node5 Reachable',
  );
});

test('they survive the loss of two, the leader among them: another leads, and services go on', async () => {
  await vm.on('node1', 'docker service create -q -d --name kept --replicas 2 busybox sleep 1d');
  await vm.node('node1').cutPower();
  await vm.until('node3', LEADER, /^node[2345]$/);
  await vm.node('node2').cutPower();
  await vm.until('node3', LEADER, /^node[345]$/);
  await vm.until(
    'node3',
    `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | grep -c Unreachable`,
    '2',
  );
  await vm.on('node3', 'docker service scale -d kept=3');
  await vm.until('node3', `docker service ls --filter name=kept --format '{{.Replicas}}'`, '3/3');
});

test('a third loss takes the majority: nothing can be changed, tasks run on', async () => {
  const left = (await vm.on('node3', LEADER)) === 'node3' ? 'node3' : 'node4';
  await vm.node('node5').cutPower();
  await vm.until(
    left,
    'timeout 60 docker service ls 2>&1',
    /does not have a leader|no leader|lost quorum|context deadline/i,
  );
  const running = await vm.on('node3', 'docker ps -q -f name=kept | wc -l');
  expect(Number(running) + Number(await vm.on('node4', 'docker ps -q -f name=kept | wc -l'))).toBeGreaterThan(
    0,
  );
});

test('one manager makes a swarm of its own from what it knows', async () => {
  await vm.on('node3', alone('192.168.86.103'));
  await vm.until('node3', LEADER, 'node3');
  expect(await vm.on('node3', `docker service ls --format '{{.Name}}'`)).toBe('kept');
  await vm.until('node3', `docker service ls --filter name=kept --format '{{.Replicas}}'`, '3/3');
});

test('a backup of a manager brings its swarm back on another machine', async () => {
  await vm.on('node3', 'echo pin | docker secret create pin - >/dev/null');
  await vm.on(
    'node3',
    `systemctl stop docker.socket docker && tar -C /var/lib/docker -cf /root/swarm.tar swarm && systemctl start docker`,
  );
  await vm.on(
    'node4',
    'docker swarm leave --force; systemctl stop docker.socket docker; rm -rf /var/lib/docker/swarm',
  );
  await vm.on('node3', 'scp -q /root/swarm.tar node4:/root/');
  await vm.node('node3').cutPower();
  await vm.on(
    'node4',
    `tar -C /var/lib/docker -xf /root/swarm.tar && systemctl start docker
     ${alone('192.168.86.104')}`,
  );
  await vm.until(
    'node4',
    `docker service ls --format '{{.Name}}'; docker secret ls --format '{{.Name}}'`,
    'kept\npin',
  );
  await vm.until('node4', `docker service ls --filter name=kept --format '{{.Replicas}}'`, '3/3');
});
