import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { FolderSource } from '../../worker/node/folder-source.ts';
import type { MachineEvent } from '../../worker/protocol.ts';
import { parseManifest } from '../../worker/vm/release.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { compileBytes, verify, type FileSource, type ReleaseSource } from '../../worker/vm/source.ts';
import { clockError } from '../clock.ts';
import { restoreMachine } from './machine.ts';

/** How a prompt ends: the mark behind it is that of ~/.bashrc. */
const PROMPT_END = '# \x1b]133;B\x07';

/** A release read by `read`. */
function reading(read: FileSource['read']): ReleaseSource {
  return { read, compile: (file, options) => compileBytes({ read }, file, options) };
}

test('two machines of one snapshot run at once, apart, and with random numbers of their own', async () => {
  const [one, two] = [await restoreMachine(), await restoreMachine()];
  await one.sh('echo one > /root/mark');
  const look = 'cat /root/mark 2>/dev/null || echo none';
  expect([await one.sh(look), await two.sh(look)]).toEqual(['one', 'none']);
  const create = 'docker create busybox';
  expect(await one.sh(create)).not.toBe(await two.sh(create));
  await one.machine.destroy();
  await two.machine.destroy();

  const folder = inject('release');
  const { profiles } = parseManifest(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  for (const { path, sha256 } of profiles.flatMap(({ state }) => [
    state.devices,
    state.core,
    state.modules,
    ...state.memory,
  ])) {
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex');
    expect(hash, 'the snapshot was written to').toBe(sha256);
  }
});

test('reset brings back the machine as it was at first', async () => {
  const { machine, sh } = await restoreMachine();
  await sh('rm -rf /usr/bin/docker /root/.bashrc; docker() { :; }; echo gone');
  await machine.reset();
  expect(machine.state).toBe('running');
  expect(await sh('docker run --rm busybox echo back')).toBe('back');
  await machine.destroy();
});

test('a machine returns to a checkpoint, with its containers, its files and the right clock', async () => {
  const { machine, sh } = await restoreMachine({ checkpoints: true });
  await sh(`docker pull -q drydock/whoami:v1
docker run -d --name web busybox sh -c 'echo kept > /kept; exec httpd -f -h /'
echo before > /root/note`);
  const checkpoint = await machine.checkpoint();
  expect(await sh('cat /root/note'), 'it goes on after the checkpoint').toBe('before');
  for (const round of ['first', 'second']) {
    await sh(`docker rm -f web && docker rmi drydock/whoami:v1 && echo ${round} > /root/note`);
    await machine.returnTo(checkpoint);
    expect(await sh('cat /root/note')).toBe('before');
    expect(
      await sh(`curl -s "$(docker inspect -f '{{.NetworkSettings.IPAddress}}' web)/kept"`),
      'the container answers',
    ).toBe('kept');
    expect(await clockError(sh)).toBeLessThan(500);
    // Over a connection to the hub that was open at the checkpoint, and is gone.
    await sh('docker pull -q drydock/whoami:v2 && docker image inspect drydock/whoami:v1');
  }
  await machine.destroy();
});

test('a pause stops the guest, and its clock is right afterwards', async () => {
  const { machine, sh } = await restoreMachine();
  await machine.pause();
  const before = machine.statistics().instructions;
  await expect(machine.exec('true')).rejects.toMatchObject({ code: 'wrong-state' });
  const paused = Date.now();
  await expect.poll(() => Date.now() - paused, { timeout: 10_000 }).toBeGreaterThan(3000);
  expect(machine.statistics().instructions).toBe(before);
  await machine.run();
  expect(await clockError(sh)).toBeLessThan(500);
  await machine.destroy();
});

test('a terminal takes typing, shows output and knows its size', async () => {
  const { machine } = await restoreMachine();
  let screen = '';
  machine.subscribe((event: MachineEvent) => {
    if (event.type === 'output' && event.console === 0) screen += new TextDecoder().decode(event.bytes);
  });
  machine.resize(0, 101, 37);
  machine.send(0, new TextEncoder().encode('echo "size: $(stty size)"\r'));
  await expect.poll(() => screen, { timeout: 120_000 }).toContain('size: 37 101');
  // A long paste arrives whole: 20 KB are more than the guest's buffers hold at once.
  const text = Array.from({ length: 400 }, (_, i) => `: line ${i} ${'x'.repeat(40)}`).join('\r');
  machine.send(0, new TextEncoder().encode(`${text}\recho pasted $((40 + 2))\r`));
  await expect.poll(() => screen, { timeout: 120_000 }).toContain('pasted 42');
  for (const i of [0, 199, 399]) expect(screen).toContain(`line ${i} x`);
  screen = '';
  await machine.restartConsole(0);
  // The login throws away what was typed before its prompt.
  await expect.poll(() => screen.endsWith(PROMPT_END), { timeout: 120_000 }).toBe(true);
  machine.send(0, new TextEncoder().encode('echo fresh $((1 + 1))\r'));
  await expect.poll(() => screen, { timeout: 120_000 }).toContain('fresh 2');
  await machine.destroy();
});

test('a guest that reboots comes back with what it had written, whatever is done to its window meanwhile', async () => {
  const { machine, sh } = await restoreMachine();
  await sh('echo survived > /root/mark; sync');
  machine.send(0, new TextEncoder().encode('systemctl reboot\r'));
  await expect.poll(() => machine.state, { timeout: 120_000 }).toBe('loading');
  const dragging = setInterval(() => {
    for (const console of [0, 1, 2] as const) machine.resize(console, 80 + (Date.now() % 40), 24);
  }, 1);
  await expect.poll(() => machine.state, { timeout: 240_000 }).toBe('running');
  clearInterval(dragging);
  machine.resize(0, 101, 37);
  await expect.poll(() => sh('stty -F /dev/hvc0 size')).toBe('37 101');
  expect(await sh('cat /root/mark; until docker info >/dev/null 2>&1; do sleep 1; done')).toBe('survived');
  await machine.destroy();
});

test('a guest that powers off says so, and can be started again', async () => {
  const { machine, sh } = await restoreMachine();
  machine.send(0, new TextEncoder().encode('systemctl poweroff\r'));
  await expect.poll(() => machine.state, { timeout: 120_000 }).toBe('off');
  await machine.reset();
  expect(await sh('echo up')).toBe('up');
  await machine.destroy();
});

/** The release without the boot pack, and without any chunk of the disk while `missing`. */
function withoutChunks(missing: () => boolean): ReleaseSource {
  const source = new FolderSource(inject('release'));
  return reading((path, options) => {
    const isMissing = path.includes('pack-') || (missing() && path.startsWith('chunks'));
    return source.read(isMissing ? 'nowhere' : path, options);
  });
}

test('a missing chunk holds the machine until it can be read', async () => {
  let missing = false;
  const machine = new Machine({ source: withoutChunks(() => missing) });
  const failures: MachineEvent[] = [];
  machine.subscribe((event) => {
    if (event.type === 'failure') failures.push(event);
  });
  await machine.load();
  missing = true;
  machine.send(0, new TextEncoder().encode('docker run --rm busybox echo patient > /root/said\r'));
  await expect.poll(() => machine.state, { timeout: 120_000 }).toBe('waiting-for-disk');
  expect(failures[0]).toMatchObject({ error: { code: 'download-failed' } });
  missing = false;
  machine.retryDisk();
  const said = 'until [ -s /root/said ]; do sleep 0.2; done; cat /root/said';
  expect(await machine.exec(said, { timeout: 120 })).toMatchObject({ stdout: 'patient\n' });
  await machine.destroy();
});

test('a boot whose disk cannot be read fails at once, and says why', async () => {
  let missing = false;
  const machine = new Machine({ source: withoutChunks(() => missing) });
  await machine.load();
  await machine.cutPower();
  missing = true;
  await expect(machine.powerOn()).rejects.toMatchObject({ code: 'download-failed' });
  expect(machine.state).toBe('failed');
  missing = false;
  await machine.reset();
  expect(await machine.exec('echo up')).toMatchObject({ stdout: 'up\n' });
  await machine.destroy();
});

test.each([
  ['a damaged snapshot', /-memory-1-/, 'damaged-file'],
  ['a damaged engine', /v86-/, 'damaged-file'],
  ['damaged compiled code', /-modules-/, 'damaged-file'],
  ['a damaged list of compiled code', /-core-/, 'damaged-file'],
])('%s is refused with a clear error', async (_, which, code) => {
  const source = new FolderSource(inject('release'));
  const machine = new Machine({
    source: reading(async (path, { expected, ...options } = {}) => {
      const bytes = await source.read(path, options);
      if (which.test(path)) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      return verify(path, bytes, expected);
    }),
  });
  await expect(machine.load()).rejects.toMatchObject({ code });
  expect(machine.state).toBe('failed');
});

test('a snapshot of another version is refused before anything large is fetched', async () => {
  const folder = new FolderSource(inject('release'));
  const asked: string[] = [];
  const machine = new Machine({
    source: reading(async (path, options) => {
      asked.push(path);
      const bytes = await folder.read(path, options);
      return new TextEncoder().encode(
        new TextDecoder().decode(bytes).replace(/"v86": "[^"]+"/, '"v86": "0.5.1"'),
      );
    }),
  });
  await expect(machine.load()).rejects.toMatchObject({ code: 'wrong-release' });
  expect(asked).toEqual(['manifest.json']);
});
