import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;
beforeAll(async () => {
  vm = await restoreMachine();
});
afterAll(() => vm.machine.destroy());

describe('the Engine', () => {
  test('uses overlay2, cgroup v2, AppArmor and seccomp', async () => {
    const info = JSON.parse(await vm.sh(`docker info --format '{{json .}}'`)) as Record<string, unknown>;
    expect(info).toMatchObject({ Driver: 'overlay2', CgroupVersion: '2', OSType: 'linux' });
    expect(info.SecurityOptions).toEqual(
      expect.arrayContaining([
        expect.stringContaining('name=apparmor'),
        expect.stringContaining('name=seccomp'),
      ]),
    );
  });

  test('confines a container with AppArmor and seccomp in fact', async () => {
    const status = await vm.sh('docker run --rm busybox cat /proc/self/attr/current /proc/self/status');
    expect(status).toContain('docker-default (enforce)');
    expect(status).toMatch(/Seccomp:\s+2/);
  });

  test('runs a container ten times in a row', async () => {
    for (let i = 0; i < 10; i++) expect(await vm.sh('docker run --rm busybox echo hi')).toBe('hi');
  });

  test('runs hello-world', async () => {
    expect(await vm.sh('docker run --rm hello-world')).toContain('Hello from Docker!');
  });

  test('executes in a running container and keeps its logs', async () => {
    await vm.sh(`docker run -d --name talker busybox sh -c 'echo out; echo err >&2; exec sleep 1000'`);
    expect(await vm.sh('docker exec -e NAME=you talker sh -c \'echo "hello $NAME"\'')).toBe('hello you');
    expect(await vm.sh('docker logs talker 2>&1')).toMatch(/out/);
    expect(await vm.sh('docker logs talker 2>&1 >/dev/null')).toBe('err');
    await vm.sh('docker rm -f talker');
  });

  test('gives different containers of two identical commands different ids', async () => {
    const ids = await vm.sh('docker create busybox; docker create busybox');
    expect(new Set(ids.split('\n')).size).toBe(2);
    await vm.sh('docker container prune -f');
  });
});

describe('limits', () => {
  test('-m 64m is enforced: an over-eater is OOM-killed', async () => {
    await vm.sh('docker run -d --name eater -m 64m --memory-swap 64m busybox sh -c "tail /dev/zero"');
    const code = await vm.sh('docker wait eater');
    expect(code).toBe('137');
    expect(await vm.sh(`docker inspect eater --format '{{.State.OOMKilled}}'`)).toBe('true');
    await vm.sh('docker rm -f eater');
  });

  test('--cpus 0.5 throttles a busy loop', async () => {
    await vm.sh(`docker run -d --name busy --cpus 0.5 busybox sh -c 'while :; do :; done'`);
    expect(await vm.sh('docker exec busy cat /sys/fs/cgroup/cpu.max')).toBe('50000 100000');
    const throttled = await vm.sh(
      `for i in $(seq 50); do n=$(docker exec busy grep nr_throttled /sys/fs/cgroup/cpu.stat | cut -d' ' -f2); [ "$n" -gt 0 ] && break; sleep 0.2; done; echo "$n"`,
    );
    expect(Number(throttled)).toBeGreaterThan(0);
    await vm.sh('docker rm -f busy');
  });
});

describe('storage and networks', () => {
  test('a named volume outlives its container', async () => {
    await vm.sh(`docker run --rm -v keep:/data busybox sh -c 'echo kept > /data/file'`);
    expect(await vm.sh('docker run --rm -v keep:/data busybox cat /data/file')).toBe('kept');
    await vm.sh('docker volume rm keep');
  });

  test('containers on a network of their own find each other by name', async () => {
    await vm.sh(
      'docker network create lane && docker run -d --name server --network lane busybox httpd -f -h /etc',
    );
    expect(await vm.sh('docker run --rm --network lane busybox wget -qO- http://server/hostname')).toMatch(
      /^[0-9a-f]{12}$/,
    );
    await vm.sh('docker rm -f server && docker network rm lane');
  });

  test('a published port answers inside the machine and through the gateway', async () => {
    await vm.sh(
      `docker run -d --name web -p 8080:80 busybox sh -c 'mkdir /www; echo "a page" > /www/index.html; exec httpd -f -h /www'`,
    );
    expect(await vm.sh('curl -s --retry 20 --retry-connrefused --retry-delay 0 http://localhost:8080/')).toBe(
      'a page',
    );
    expect(await get(vm, 8080)).toMatch(/^HTTP\/1\.[01] 200 OK\r\n[^]*a page/);
    await vm.sh('docker rm -f web');
  });

  test('a port that nothing is published on refuses', async () => {
    await expect(get(vm, 8081)).rejects.toMatchObject({ code: 'network-failed' });
  });
});

describe('no internet', () => {
  test.each([
    ['ping -c 1 8.8.8.8', /unreachable/i],
    ['curl -sS https://example.com', /could not resolve host/i],
    ['curl -sS http://93.184.216.34', /(could not|failed to) connect|unreachable/i],
    ['docker pull nosuch', /pull access denied for nosuch/],
    ['docker pull registry.example.com/nosuch', /no such host/],
    ['docker run --rm busybox ping -c 1 -W 2 8.8.8.8', /unreachable|100% packet loss/i],
    ['docker run --rm busybox wget -T 5 http://example.com', /bad address/i],
  ])('%s fails at once, and plainly', async (command, message) => {
    const { exitCode, stdout, stderr, timedOut } = await vm.machine.exec(command, { timeout: 60 });
    expect(timedOut).toBe(false);
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(message);
  });

  test('the gateway answers a ping and its own name', async () => {
    await vm.sh('ping -c 1 -W 5 gateway && getent hosts node1');
  });
});

/** One HTTP/1.0 request to a published port, over the gateway's own TCP. */
async function get({ machine }: TestMachine, port: number): Promise<string> {
  const connection = await machine.hardware.gateway.connect({
    address: '192.168.86.101',
    port,
    timeout: 10,
  });
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode('GET / HTTP/1.0\r\nHost: node1\r\n\r\n'));
  return await new Response(connection.readable).text();
}
