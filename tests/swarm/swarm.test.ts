/** What Docker Swarm does, verb by verb, looked at from the other nodes: one manager and two workers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formSwarm, replicas, startCluster, type TestCluster } from './cluster.ts';

/** TCP, which the Engines use between them; ESP, the protocol of an encrypted overlay (RFC 4303); the UDP port of VXLAN (RFC 7348). */
const TCP = 6;
const ESP = 50;
const VXLAN = 4789;

let vm: TestCluster;
beforeAll(async () => {
  vm = await startCluster(3);
  await formSwarm(vm, [], ['node2', 'node3']);
});
afterAll(() => vm.cluster.destroy());

const nodeColumn = (column: string): string =>
  `docker node ls --format '{{.Hostname}} {{.${column}}}' | sed 's/ $/ worker/' | sort | paste -sd,`;
const tasksOn = (node: string): Promise<string> =>
  vm.on('node1', `docker node ps ${node} -q -f desired-state=running | wc -l`);

describe('nodes', () => {
  test('are listed, ready, with one leader', async () => {
    await vm.until('node1', nodeColumn('Status'), 'node1 Ready,node2 Ready,node3 Ready');
    expect(await vm.on('node1', nodeColumn('ManagerStatus'))).toBe('node1 Leader,node2 worker,node3 worker');
    expect(await vm.failing('node2', 'docker node ls')).toContain('not a swarm manager');
  });

  test('are promoted and demoted', async () => {
    await vm.on('node1', 'docker node promote node2');
    await vm.until('node2', nodeColumn('ManagerStatus'), 'node1 Leader,node2 Reachable,node3 worker');
    await vm.on('node1', 'docker node demote node2');
    await vm.until('node1', nodeColumn('ManagerStatus'), 'node1 Leader,node2 worker,node3 worker');
    await vm.until('node2', 'docker node ls 2>&1', /not a swarm manager/);
  });

  test('hold what their labels are asked for, and nothing once they are drained', async () => {
    await vm.on('node1', 'docker node update --label-add disk=ssd node3');
    await vm.on(
      'node1',
      `docker service create -q -d --name placed --replicas 2 --constraint node.labels.disk==ssd busybox sleep 1d`,
    );
    await vm.until('node1', replicas('placed'), '2/2');
    expect(await vm.on('node3', `docker ps -q -f name=placed | wc -l`)).toBe('2');
    await vm.on('node1', 'docker node update --availability drain node3');
    await vm.until('node3', `docker ps -q -f name=placed | wc -l`, '0');
    expect(await vm.on('node1', replicas('placed'))).toBe('0/2');
    await vm.on('node1', 'docker node update --availability active node3');
    await vm.until('node3', `docker ps -q -f name=placed | wc -l`, '2');
    await vm.on('node1', 'docker service rm placed');
  });

  test('leave, are removed, and join again with a new token', async () => {
    await vm.on('node3', 'docker swarm leave');
    await vm.until('node1', nodeColumn('Status'), 'node1 Ready,node2 Ready,node3 Down');
    await vm.on('node1', 'docker node rm node3');
    expect(await vm.on('node1', nodeColumn('Status'))).toBe('node1 Ready,node2 Ready');
    const old = await vm.on('node1', 'docker swarm join-token -q worker');
    const token = await vm.on('node1', 'docker swarm join-token --rotate -q worker');
    expect(token).not.toBe(old);
    expect(await vm.failing('node3', `timeout 60 docker swarm join --token ${old} node1:2377`)).toContain(
      'token',
    );
    await vm.on(
      'node3',
      `docker swarm leave --force 2>/dev/null; docker swarm join --token ${token} node1:2377`,
    );
    await vm.until('node1', nodeColumn('Status'), 'node1 Ready,node2 Ready,node3 Ready');
  });
});

describe('services', () => {
  test('are spread, scaled, and global', async () => {
    await vm.on('node1', 'docker service create -q -d --name spread --replicas 3 busybox sleep 1d');
    await vm.until('node1', replicas('spread'), '3/3');
    for (const name of ['node1', 'node2', 'node3'] as const)
      expect(await vm.on(name, 'docker ps -q -f name=spread | wc -l')).toBe('1');
    await vm.on('node1', 'docker service scale -d spread=5');
    await vm.until('node1', replicas('spread'), '5/5');
    await vm.on('node1', 'docker service rm spread');
    await vm.until('node2', 'docker ps -q -f name=spread | wc -l', '0');
    await vm.on('node1', 'docker service create -q -d --name everywhere --mode global busybox sleep 1d');
    await vm.until('node1', replicas('everywhere'), '3/3');
    expect(await vm.on('node3', 'docker ps -q -f name=everywhere | wc -l')).toBe('1');
    await vm.on('node1', 'docker service rm everywhere');
  });

  test('are spread over what a preference names', async () => {
    await vm.on(
      'node1',
      'docker node update --label-add rack=a node1; docker node update --label-add rack=a node2; docker node update --label-add rack=b node3',
    );
    await vm.on(
      'node1',
      `docker service create -q -d --name racks --replicas 4 --placement-pref spread=node.labels.rack busybox sleep 1d`,
    );
    await vm.until('node1', replicas('racks'), '4/4');
    expect(await tasksOn('node3')).toBe('2');
    await vm.on('node1', 'docker service rm racks');
  });

  test('restart a task that ends, as their policy says', async () => {
    await vm.on(
      'node1',
      `docker service create -q -d --name failing --restart-condition on-failure --restart-max-attempts 2 --restart-delay 1s busybox false
      docker service create -q -d --name ending --restart-condition none busybox true`,
    );
    await vm.until('node1', `docker service ps failing -q | wc -l`, '3');
    await vm.until('node1', `docker service ps ending --format '{{.CurrentState}}' --no-trunc`, /^Complete/);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(
      await vm.on('node1', 'docker service ps failing -q | wc -l; docker service ps ending -q | wc -l'),
    ).toBe('3\n1');
    await vm.on('node1', 'docker service rm failing ending');
  });

  test('replace an unhealthy task', async () => {
    await vm.on(
      'node1',
      `docker service create -q -d --name sick --health-cmd 'test -e /well' --health-interval 2s --health-retries 2 --restart-delay 1s --constraint node.hostname==node2 busybox sh -c 'touch /well; sleep 1d'`,
    );
    await vm.until('node1', replicas('sick'), '1/1');
    const before = await vm.on('node2', 'docker ps -q -f name=sick');
    await vm.on('node2', `docker exec ${before} rm /well`);
    await vm.until(
      'node2',
      `docker ps -q -f name=sick -f health=healthy`,
      new RegExp(`^(?!${before})[0-9a-f]{12}$`),
    );
    await vm.on('node1', 'docker service rm sick');
  });

  test('tell their logs from all nodes', async () => {
    await vm.on(
      'node1',
      `docker service create -q -d --name talking --mode global --hostname '{{.Node.Hostname}}' busybox sh -c 'echo said by $(hostname); sleep 1d'`,
    );
    await vm.until('node1', replicas('talking'), '3/3');
    const logs = await vm.until('node1', 'docker service logs talking', /(said[^]*){3}/);
    for (const name of ['node1', 'node2', 'node3']) expect(logs).toContain(`said by ${name}`);
    await vm.on('node1', 'docker service rm talking');
  });

  test('go back by hand, and by themselves when an update fails', async () => {
    await vm.on(
      'node1',
      `docker service create -q -d --name app --replicas 2 --update-monitor 5s --update-failure-action rollback busybox sleep 1d`,
    );
    await vm.until('node1', replicas('app'), '2/2');
    await vm.on('node1', `docker service update -q -d --args 'sleep 2d' app`);
    await vm.until('node1', `docker service inspect app --format '{{.UpdateStatus.State}}'`, 'completed');
    await vm.on('node1', 'docker service rollback -q -d app');
    await vm.until(
      'node1',
      `docker service inspect app --format '{{.UpdateStatus.State}} {{.Spec.TaskTemplate.ContainerSpec.Args}}'`,
      'rollback_completed [sleep 1d]',
    );
    await vm.on('node1', `docker service update -q -d --args 'false' app`);
    await vm.until(
      'node1',
      `docker service inspect app --format '{{.UpdateStatus.State}} {{.Spec.TaskTemplate.ContainerSpec.Args}}'`,
      'rollback_completed [sleep 1d]',
    );
    await vm.until('node1', replicas('app'), '2/2');
    await vm.on('node1', 'docker service rm app');
  });
});

describe('networks', () => {
  test('a published port answers on every node, from every task', async () => {
    await vm.on('node1', 'docker service create -q -d --name mesh --replicas 2 -p 8080:80 drydock/whoami');
    await vm.until('node1', replicas('mesh'), '2/2');
    for (const name of ['node1', 'node2', 'node3'] as const) {
      const answers = await vm.until(
        'node1',
        `for i in 1 2 3 4; do curl -s -m 5 ${name}:8080 | grep Hostname; done | sort -u | wc -l`,
        '2',
      );
      expect(answers).toBe('2');
    }
    expect(await vm.on('node3', 'ipvsadm -Ln 2>/dev/null | wc -l')).not.toBe('0');
    await vm.on('node1', 'docker service rm mesh');
  });

  test('a host-mode port answers only where a task is', async () => {
    await vm.on(
      'node1',
      `docker service create -q -d --name direct --constraint node.hostname==node3 -p mode=host,published=8081,target=80 drydock/whoami`,
    );
    await vm.until('node1', replicas('direct'), '1/1');
    await vm.until('node1', 'curl -s -m 5 node3:8081/health', 'OK');
    await vm.failing('node1', 'curl -s -m 5 node2:8081/health');
    await vm.on('node1', 'docker service rm direct');
  });

  test.each([
    ['an overlay', '', VXLAN],
    ['an encrypted overlay', '--opt encrypted', ESP],
  ])('a container reaches one on another node by name across %s', async (_, option, protocol) => {
    await vm.on('node1', `docker network create -d overlay --attachable ${option} between`);
    await vm.on('node1', 'docker run -d --name here --network between busybox sleep 1d');
    // The Engine gives a worker twenty seconds to be let into a network, which on a busy host may be too few.
    await vm.until(
      'node2',
      'docker rm -f there >/dev/null 2>&1; docker run -d --name there --network between busybox sleep 1d',
      /^[0-9a-f]{64}$/,
    );
    await vm.until(
      'node1',
      'docker exec here ping -c 1 -W 3 there >/dev/null 2>&1 && echo reached',
      'reached',
    );
    await vm.node('node2').startPacketCapture();
    await vm.on('node1', 'docker exec here ping -c 3 -W 5 -s 1300 there');
    const seen = packetsOf(await vm.node('node2').endPacketCapture(), 192, 168, 86, 101);
    const between = seen.filter(({ kind, length }) => kind !== TCP && length > 1300);
    expect(between.map(({ kind }) => kind)).toEqual([protocol, protocol, protocol]);
    if (protocol === ESP) {
      expect(seen.map(({ kind }) => kind)).not.toContain(VXLAN);
      await vm.on('node1', 'ip xfrm state | grep -q "dst 192.168.86.102"');
    }
    // Large segments fit, too.
    await vm.on(
      'node2',
      `docker exec there sh -c 'mkdir /www; head -c 300000 /dev/zero > /www/zero; httpd -h /www -p 7000'`,
    );
    await vm.until('node1', 'docker exec here sh -c "wget -q -O - http://there:7000/zero | wc -c"', '300000');
    await vm.on('node1', 'docker rm -f here');
    await vm.on('node2', 'docker rm -f there');
    await vm.on('node1', 'docker network rm between');
  });

  test('a service has one address, or with DNSRR those of its tasks', async () => {
    await vm.on(
      'node1',
      `docker network create -d overlay --attachable names
      docker service create -q -d --name one --replicas 2 --network names busybox sleep 1d
      docker service create -q -d --name each --replicas 2 --network names --endpoint-mode dnsrr busybox sleep 1d`,
    );
    await vm.until('node1', replicas('one'), '2/2');
    await vm.until('node1', replicas('each'), '2/2');
    const count = (name: string): string =>
      `docker run --rm --network names busybox nslookup -type=a ${name} 127.0.0.11 | grep -c '^Address.*10[.]'`;
    await vm.until('node3', count('one'), '1');
    await vm.until('node3', count('tasks.one'), '2');
    await vm.until('node3', count('each'), '2');
    await vm.on('node1', 'docker service rm one each');
    await vm.until('node1', 'docker network rm names 2>&1', /^names$/);
  });
});

describe('a stack', () => {
  test('comes from a Compose file, with secrets and configs, which are rotated', async () => {
    await vm.on(
      'node1',
      `mkdir -p /root/shop && cd /root/shop && echo first > pin && echo 'greeting one' > motd
cat > stack.yaml <<'END'
services:
  web:
    image: busybox
    command: sh -c 'mkdir -p /www; cat /run/secrets/pin /motd > /www/index.html; httpd -f -h /www'
    ports: ['8090:80']
    secrets: [pin]
    configs: [{ source: motd, target: /motd }]
    deploy: { replicas: 2, placement: { constraints: ['node.role == worker'] } }
secrets: { pin: { file: pin } }
configs: { motd: { file: motd } }
END
docker stack deploy -d -c stack.yaml shop`,
    );
    await vm.until('node1', replicas('shop_web'), '2/2');
    await vm.until('node2', 'curl -s -m 5 node1:8090', 'first\ngreeting one');
    expect(
      await vm.on(
        'node1',
        `docker stack services shop --format '{{.Name}}'; docker stack ls --format '{{.Name}}'`,
      ),
    ).toBe('shop_web\nshop');
    expect(
      await vm.on(
        'node2',
        `docker inspect $(docker ps -q -f name=shop_web) --format '{{json .Config.Env}}' | grep -c first || true`,
      ),
    ).toBe('0');
    await vm.on(
      'node1',
      `echo second | docker secret create pin2 - && docker service update -q -d --secret-rm shop_pin --secret-add source=pin2,target=pin shop_web
      echo 'greeting two' | docker config create motd2 - && docker service update -q -d --config-rm shop_motd --config-add source=motd2,target=/motd shop_web`,
    );
    await vm.until(
      'node3',
      'for i in 1 2 3 4; do curl -s -m 5 node1:8090; done | sort -u',
      'greeting two\nsecond',
    );
    await vm.on('node1', 'docker stack rm shop && docker secret rm pin2 && docker config rm motd2');
    await vm.until('node1', 'docker secret ls -q | wc -l; docker config ls -q | wc -l', '0\n0');
  });
});

describe('the swarm itself', () => {
  test('gets new certificates from a new root', async () => {
    const root = (name: 'node1' | 'node2') =>
      vm.on(name, 'sha256sum < /var/lib/docker/swarm/certificates/swarm-root-ca.crt');
    const [before, issued] = [
      await root('node2'),
      await vm.on('node2', 'sha256sum < /var/lib/docker/swarm/certificates/swarm-node.crt'),
    ];
    await vm.on('node1', 'docker swarm ca --rotate --quiet');
    await vm.until(
      'node1',
      `docker node ls -q | xargs docker node inspect --format '{{.Status.State}}' | sort -u`,
      'ready',
    );
    await vm.until(
      'node2',
      'sha256sum < /var/lib/docker/swarm/certificates/swarm-node.crt',
      new RegExp(`^(?!${issued.slice(0, 64)})`),
    );
    expect(await root('node2')).not.toBe(before);
    expect(await root('node2')).toBe(await root('node1'));
  });

  test('is locked when its manager starts again, and unlocked by its key', async () => {
    const key = /SWMKEY-\S+/.exec(await vm.on('node1', 'docker swarm update --autolock=true'))?.[0] ?? '';
    expect(await vm.on('node1', 'docker swarm unlock-key -q')).toBe(key);
    await vm.on('node1', 'systemctl restart docker');
    expect(await vm.failing('node1', 'docker node ls')).toContain('locked');
    expect(await vm.failing('node1', 'echo SWMKEY-1-wrong | docker swarm unlock')).toMatch(/invalid|key/);
    await vm.on('node1', `echo ${key} | docker swarm unlock`);
    await vm.until('node1', nodeColumn('Status'), 'node1 Ready,node2 Ready,node3 Ready');
    await vm.on('node1', 'docker swarm update --autolock=false');
  });
});

/** What IPv4 packets of a capture from an address carry: the protocol's number, for UDP to VXLAN its port. */
function packetsOf(
  file: Uint8Array | undefined,
  ...source: [number, number, number, number]
): { kind: number; length: number }[] {
  const packets: { kind: number; length: number }[] = [];
  const bytes = Buffer.from(file ?? []);
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const ethernet = at + 16;
    if (bytes.readUInt16BE(ethernet + 12) !== 0x0800) continue;
    const ip = ethernet + 14;
    if (source.some((byte, i) => bytes[ip + 12 + i] !== byte)) continue;
    const protocol = bytes[ip + 9] ?? 0;
    const port = bytes.readUInt16BE(ip + 4 * ((bytes[ip] ?? 0) & 15) + 2);
    packets.push({
      kind: protocol === 17 && port === VXLAN ? VXLAN : protocol,
      length: bytes.readUInt16BE(ip + 2),
    });
  }
  return packets;
}
