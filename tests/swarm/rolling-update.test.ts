/** A service rolls to a new version while a client asks through the mesh once a second: not one request fails. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formSwarm, replicas, startCluster, type TestCluster } from './cluster.ts';

let vm: TestCluster;
beforeAll(async () => {
  vm = await startCluster(3);
  await formSwarm(vm, [], ['node2', 'node3']);
});
afterAll(() => vm.cluster.destroy());

/** Asks each node in turn, once a second, and notes the version that answers or that none did. */
const CLIENT = `cat > /root/client <<'END'
#!/bin/bash
while :; do
  for node in node1 node2 node3; do
    curl -sS -m 10 $node:8080 2>&1 | tail -n 1 >> /root/answers
    sleep 1
  done
done
END
chmod +x /root/client; rm -f /root/answers; systemd-run -q --unit client /root/client`;

const version = (number: number): string =>
  `sh -c 'mkdir /www; echo v${number} > /www/index.html; exec httpd -f -h /www'`;

test('six replicas on three nodes', async () => {
  await vm.on(
    'node1',
    `docker service create -q -d --name web --replicas 6 -p 8080:80 \\
      --health-cmd 'wget -q -O /dev/null localhost' --health-interval 5s --health-timeout 20s --health-start-period 60s \\
      --update-parallelism 2 --update-delay 2s --update-order start-first --stop-grace-period 5s \\
      busybox ${version(1)}`,
  );
  await vm.until('node1', replicas('web'), '6/6');
  await vm.on('node2', CLIENT);
  await vm.until('node2', 'grep -c v1 /root/answers', /^([6-9]|\d\d+)$/);
  await vm.on('node1', `docker service update -q -d --args "${version(2)}" web`);
  await vm.until('node1', `docker service inspect web --format '{{.UpdateStatus.State}}'`, 'completed');
  const seen = Number(await vm.on('node2', 'wc -l < /root/answers'));
  await vm.until('node2', 'wc -l < /root/answers', new RegExp(`^(?!${seen}$)\\d+$`));
  const answers = (await vm.on('node2', 'systemctl stop client; sed \\$d /root/answers')).split('\n');
  expect(new Set(answers)).toEqual(new Set(['v1', 'v2']));
  expect(answers.at(-1)).toBe('v2');
});
