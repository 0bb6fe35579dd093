import { afterAll, beforeAll, expect, test } from 'vitest';
import { clockError } from '../clock.ts';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;
beforeAll(async () => {
  vm = await restoreMachine();
});
afterAll(() => vm.machine.destroy());

test('systemd runs the machine, and nothing failed', async () => {
  expect(await vm.sh('systemctl is-system-running')).toBe('running');
});

test('the clock is right after a restore', async () => {
  expect(await clockError(vm.sh)).toBeLessThan(500);
});

test('daemon.json is honoured after systemctl restart docker, and journalctl tells of it', async () => {
  await vm.sh(
    `jq '. + {labels: ["course=dca"], "log-driver": "local"}' /etc/docker/daemon.json > /tmp/d && cp /tmp/d /etc/docker/daemon.json && systemctl restart docker`,
  );
  expect(await vm.sh(`docker info --format '{{.LoggingDriver}} {{.Labels}}'`)).toBe('local [course=dca]');
  expect(await vm.sh('journalctl -u docker --no-pager')).toContain('Daemon has completed initialization');
  expect(await vm.sh('docker run --rm busybox echo again')).toBe('again');
});

test('files go in and out unchanged', async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await vm.machine.writeFile('/tmp/random', bytes);
  expect(await vm.machine.readFile('/tmp/random')).toEqual(bytes);
  await expect(vm.machine.readFile('/nowhere')).rejects.toMatchObject({ code: 'agent-failed' });
});

test('exec gives exit code, both outputs, standard input, environment, and a deadline that ends the script', async () => {
  expect(await vm.machine.exec('cat; echo "$WHO" >&2; exit 3', { stdin: 'in', env: { WHO: 'me' } })).toEqual({
    exitCode: 3,
    stdout: 'in',
    stderr: 'me\n',
    timedOut: false,
  });
  const late = await vm.machine.exec('echo begun; sleep 1000', { timeout: 2 });
  expect(late).toMatchObject({ stdout: 'begun\n', timedOut: true, exitCode: 124 });
});
