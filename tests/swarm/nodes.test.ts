/** Nodes apart from any swarm: who each is, how they reach one another, and what happens to one whose plug is pulled. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NodeName } from '../../worker/net/lan.ts';
import { clockError } from '../clock.ts';
import { startCluster, type TestCluster } from './cluster.ts';

let vm: TestCluster;
beforeAll(async () => {
  vm = await startCluster(2);
});
afterAll(() => vm.cluster.destroy());

const nodes: NodeName[] = ['node1', 'node2'];
const onBoth = (script: string): Promise<string[]> => Promise.all(nodes.map((name) => vm.on(name, script)));

describe('each node', () => {
  test('has its own name and address', async () => {
    expect(await onBoth('hostname')).toEqual(nodes);
    expect(await onBoth('hostname -i')).toEqual(['192.168.86.101', '192.168.86.102']);
    expect(await onBoth('cat /sys/class/net/eth0/address')).toEqual([
      '52:54:00:86:01:01',
      '52:54:00:86:01:02',
    ]);
    expect(await onBoth('docker info --format {{.Name}}')).toEqual(nodes);
  });

  test.each([
    ['machine id', 'cat /etc/machine-id'],
    ['Engine id', 'docker info --format {{.ID}}'],
    ['link-local address', `ip -6 -brief address show eth0 scope link`],
    ['ssh host key', 'ssh $(hostname) cat /etc/ssh/ssh_host_ed25519_key.pub'],
    ['random numbers', 'docker run -d busybox true'],
  ])('has its own %s', async (_, script) => {
    const [one, two] = await onBoth(script);
    expect(one).not.toBe('');
    expect(one).not.toBe(two);
  });

  test('has no unit that failed, and a journal that goes on', async () => {
    expect(await onBoth('systemctl --failed --no-legend')).toEqual(['', '']);
    for (const lines of await onBoth(
      'logger drydock-mark; sleep 1; journalctl --no-pager | grep -c -e drydock-mark -e docker',
    ))
      expect(Number(lines)).toBeGreaterThan(1);
  });

  test('has the same time as the others, also after one stood still', async () => {
    await vm.node('node2').pause();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await vm.node('node2').run();
    for (const name of nodes)
      expect(await clockError((script) => vm.on(name, script)), name).toBeLessThan(500);
  });
});

describe('a node reaches another', () => {
  test('by name, and none that is not there', async () => {
    await vm.on('node1', 'ping -c 2 -W 5 node2');
    await vm.on('node2', 'ping -c 2 -W 5 node1');
    expect(await vm.failing('node1', 'ping -c 1 -W 5 node3')).toContain('Unreachable');
  });

  test('by ssh without a password', async () => {
    expect(await vm.on('node1', 'ssh node2 hostname')).toBe('node2');
    expect(await vm.on('node2', 'ssh 192.168.86.101 hostname')).toBe('node1');
    expect(await vm.on('node1', 'docker -H ssh://root@node2 info --format {{.Name}}')).toBe('node2');
    await vm.on('node1', 'echo sent > /tmp/sent && scp -q /tmp/sent node2:/tmp/got');
    expect(await vm.on('node2', 'cat /tmp/got')).toBe('sent');
  });

  test('not through a cable that is unplugged, and slowly through a slow one', async () => {
    const cable = { end: 'plugged', delay: 0, loss: 0, rate: 0 } as const;
    await vm.node('node2').setCable({ ...cable, end: 'unplugged' });
    await vm.failing('node1', 'ping -c 1 -W 2 node2');
    expect(await vm.failing('node2', 'curl -sS -m 5 http://mirror.drydock/v2/')).toContain('curl');
    await vm.node('node2').setCable({ ...cable, delay: 300 });
    const milliseconds = /min\/avg\/max\/mdev = ([\d.]+)/.exec(
      await vm.on('node1', 'ping -c 3 -W 5 node2'),
    )?.[1];
    expect(Number(milliseconds)).toBeGreaterThan(600);
    await vm.node('node2').setCable(cable);
    await vm.on('node1', 'ping -c 1 -W 5 node2');
  });
});

test('an image that one node pushes, another pulls', async () => {
  await vm.on('node1', 'docker login -u gordon -p secret 2>&1; docker pull -q busybox');
  await vm.on('node1', 'docker tag busybox gordon/mine && docker push -q gordon/mine');
  expect(await vm.on('node2', 'docker pull -q gordon/mine')).toContain('gordon/mine');
});

test('the traffic of a node can be captured', async () => {
  const node = vm.node('node1');
  await node.startPacketCapture();
  await vm.on('node1', 'ping -c 2 -p 6472796b node2');
  expect((await node.packetCapture())?.frames).toBeGreaterThanOrEqual(4);
  const file = Buffer.from((await node.endPacketCapture()) ?? []);
  expect(file.subarray(0, 4).toString('hex')).toBe('d4c3b2a1');
  expect(file.includes(Buffer.from('drykdryk'))).toBe(true);
});

describe('a node whose plug is pulled while it writes', () => {
  test('is off at once, and comes back from its disk as the same node', async () => {
    const id = await vm.on('node2', 'docker info --format {{.ID}}');
    const key = await vm.on('node2', 'cat /etc/ssh/ssh_host_ed25519_key.pub');
    await vm.on(
      'node2',
      `docker run -d --restart always --name kept -v data:/data busybox sh -c 'i=0; while i=$((i + 1)); do echo $i >> /data/log; sync; done'
       echo safe > /root/safe; sync /root/safe; echo 1 > /root/unsafe`,
    );
    await vm.until('node2', 'docker run --rm -v data:/data busybox tail -n 1 /data/log', /^\d\d/);
    await vm.node('node2').cutPower();
    expect(await vm.node('node2').state).toBe('off');
    await vm.failing('node1', 'ping -c 1 -W 3 node2');
    await vm.node('node2').powerOn();
    expect(await vm.on('node2', 'hostname; hostname -i; cat /root/safe')).toBe('node2\n192.168.86.102\nsafe');
    expect(await vm.on('node2', 'docker info --format {{.ID}}')).toBe(id);
    expect(await vm.on('node2', 'cat /etc/ssh/ssh_host_ed25519_key.pub')).toBe(key);
    await vm.until('node2', `docker inspect kept --format '{{.State.Status}}'`, 'running');
    expect(await vm.on('node2', 'dmesg | grep -c "EXT4-fs error" || true')).toBe('0');
    await vm.on('node1', 'ping -c 1 -W 5 node2');
  });

  test('shut down by its own user it can be switched on again', async () => {
    await vm.on('node2', 'systemctl poweroff --no-block');
    await expect.poll(() => vm.node('node2').state, { timeout: 120_000, interval: 500 }).toBe('off');
    await vm.node('node2').powerOn();
    expect(await vm.on('node1', 'ssh node2 hostname')).toBe('node2');
  });
});
