/**
 * The snapshot that every visitor downloads: the machine booted, the Docker Engine running, everyday commands run
 * until their code is compiled, then saved. Its size is the first visit's. So all that could be read again from the
 * disk is dropped from memory before those commands, which bring back only the pages that they use; and free memory is
 * filled with zeros after them (freed pages keep their content, and the state holds every page that is not zero).
 * Compiled code belongs to pages: between the two, none may move.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstImages, openFirstHub } from '../catalogue/first-images.ts';
import { bootHostMachine, COMMAND_LINE, type HostMachine } from '../host-machine.ts';
import { install } from '../install.ts';
import { bzImage } from '../kernel/lock.ts';
import { command } from '../pipeline/command.ts';
import { beside, step, type Step } from '../pipeline/step.ts';
import { disk } from '../rootfs/disk.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import type { Hardware } from '../../worker/vm/hardware.ts';
import { settle } from '../../worker/vm/settle.ts';
import { eagerEngine } from './eager-engine.ts';
import { EVERYDAY } from './everyday.ts';
import { mergeModules } from './merge-modules.ts';
import { PROFILES } from './profiles.ts';

/** What the files of a snapshot folder are called. */
export const SNAPSHOT_FILES = {
  devices: 'devices.zst',
  core: 'core.zst',
  modules: 'modules.wasm',
  overlay: 'overlay.zst',
  facts: 'facts.json',
};

/** `facts.json`: what a release says of a snapshot. */
export interface SnapshotFacts {
  /** Names of the files with the memory's compressed parts, in order. */
  memoryParts: string[];
  consoles: [string, string, string];
  software: Record<string, string>;
}

const SETTLED = `systemctl is-system-running --wait; systemctl --failed --no-legend`;

/** What the Engine sets up on first use. */
const WARM_UP =
  'docker run --rm busybox true && docker ps >/dev/null && docker events --since 1s --until 0s >/dev/null';

/**
 * Leaves no collection of garbage pending in containerd (which would run in the first second after each restore),
 * a short journal, and an Engine that has answered once more.
 */
const QUIET = `ctr --namespace moby content prune references
journalctl --rotate -q; journalctl --vacuum-size=1K -q; sync
curl -sf --unix-socket /var/run/docker.sock http://docker/info >/dev/null`;

/**
 * Notes where in its memory the Engine has its id, which it reads once, at its start: a machine that becomes another
 * node gets another one without a restart of the Engine (`worker/vm/identity.ts`). Go moves nothing in memory.
 */
const FIND_ENGINE_ID = String.raw`mkdir -p /run/drydock
perl -e '
my ($pid, $id) = @ARGV;
open(my $maps, "<", "/proc/$pid/maps") or die "maps: $!";
open(my $memory, "<", "/proc/$pid/mem") or die "mem: $!";
while (<$maps>) {
  /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
  my ($from, $to) = (hex $1, hex $2);
  sysseek($memory, $from, 0);
  sysread($memory, my $bytes, $to - $from) or next;
  for (my $at = index($bytes, $id); $at >= 0; $at = index($bytes, $id, $at + 1)) { print $from + $at, "
" }
}' "$(cat /run/docker.pid)" "$(cat /var/lib/docker/engine-id)" > /run/drydock/engine-id
test -s /run/drydock/engine-id`;

const DROP_CACHES = 'sync; echo 3 > /proc/sys/vm/drop_caches; echo 1 > /proc/sys/vm/compact_memory';

/** Overwrites memory with zeros: as much as the lines `kinds` of meminfo say, but for `spare` megabytes. */
const zero = (kinds: string, spare: number): string => `
mkdir -p /run/zero
size=$(awk '/^(${kinds}):/ {sum += $2} END {print int(sum / 1024) - ${spare}}' /proc/meminfo)
mount -t tmpfs -o size="$size"m zero /run/zero
dd if=/dev/zero of=/run/zero/fill bs=1M count="$size" 2>/dev/null
umount /run/zero; rmdir /run/zero; sync`;

/** Memory pressure evicts what was not used of late even if it is mapped, such as what the daemons did only once. */
const EVICT = zero('MemFree|Buffers|Cached', 22);

/** With less to spare the kernel would begin to evict, and to move pages. */
const CLEAR_MEMORY = zero('MemFree', 8);

/** What every lesson check runs: like the programs of `settle`, read again last, or a restore waits for their chunks. */
const CHECK = 'curl -s --unix-socket /var/run/docker.sock http://docker/containers/json | jq . >/dev/null';

/** The kernel's own setting. Without it only the pages that are used come into memory, and into the snapshot. */
const READ_AHEAD_KILOBYTES = 128;

const readAhead = (kilobytes: number): string => `echo ${kilobytes} > /sys/block/sda/queue/read_ahead_kb`;

/** How long a login may take to come to its prompt. */
const PROMPT_MILLISECONDS = 120_000;

/** How a prompt ends: the mark behind it is that of ~/.bashrc. */
const PROMPT_END = '# \x1b]133;B\x07';

/** How agetty's line about the automatic login ends. */
const LOGIN = '(automatic login)\r\n\r\r\n';

const SOFTWARE = `
echo "docker=$(docker version --format '{{.Server.Version}}')"
echo "containerd=$(containerd --version | awk '{print $3}')"
echo "compose=$(docker compose version --short)"
echo "buildx=$(docker buildx version | awk '{print $2}')"
echo "linux=$(uname -r)"
echo "debian=$(cat /etc/debian_version)"`;

/** The step that makes the snapshot with a profile's memory. */
export function snapshot(profile: ProfileName): Step {
  const { memoryBytes, title } = PROFILES[profile];
  return step({
    name: `snapshot-${profile}`,
    title,
    seconds: 240,
    source: import.meta.url,
    files: [
      bzImage,
      beside(import.meta.url, '../host-machine.ts'),
      beside(import.meta.url, '../../worker/vm/settle.ts'),
      beside(import.meta.url, '../../worker/vm/memory.ts'),
      beside(import.meta.url, '../../worker/vm/compiled-code.ts'),
      beside(import.meta.url, '../../worker/vm/jit-module.ts'),
      beside(import.meta.url, '../../worker/vm/wasm-binary.ts'),
      beside(import.meta.url, 'everyday.ts'),
      beside(import.meta.url, 'merge-modules.ts'),
    ],
    settings: [COMMAND_LINE, String(memoryBytes)],
    needs: { install, eagerEngine, disk, ...firstImages },
    async run({ output, needs, report }) {
      const { hardware, run } = await bootHostMachine({
        engine: needs.eagerEngine,
        firmware: join(needs.disk, 'firmware'),
        image: join(needs.install, 'disk.img'),
        memoryBytes,
        onConsoleLine: report,
      });
      const hubFiles = mkdtempSync(join(tmpdir(), 'drydock-hub-'));
      try {
        const hub = openFirstHub(needs, hubFiles);
        hardware.serveHub((request) => hub.fetch(request));
        report('waiting for the Docker Engine');
        await run('until docker info >/dev/null 2>&1; do sleep 1; done');
        const failed = (await run(SETTLED)).split('\n').slice(1).join('\n').trim();
        if (failed) throw new Error(`units failed in the machine:\n${failed}`);
        report('warming up');
        await run(WARM_UP);
        const software = Object.fromEntries(
          (await run(SOFTWARE))
            .trim()
            .split('\n')
            .map((line) => line.split('=') as [string, string]),
        );
        report('opening terminals');
        const consoles = await freshTerminals(hardware, run);
        await run(DROP_CACHES);
        await run(EVICT);
        await run(readAhead(0));
        hardware.emulator.recordCode();
        for (const [i, script] of EVERYDAY.entries()) {
          report(`everyday commands: ${i + 1} of ${EVERYDAY.length}`);
          await run(script);
        }
        await run(QUIET);
        await run(FIND_ENGINE_ID);
        report('clearing memory');
        await run(CLEAR_MEMORY);
        await run(CHECK);
        await settle(hardware.agent);
        await run(readAhead(READ_AHEAD_KILOBYTES));
        await hardware.emulator.stop();
        const { core, modules } = await hardware.emulator.compiledCode();
        const { devices, memory } = await hardware.emulator.save();
        const merged = mergeModules(modules);
        if (!WebAssembly.validate(merged.slice()))
          throw new Error('the merged modules are not valid WebAssembly');
        writeFileSync(join(output, SNAPSHOT_FILES.modules), merged);
        writeFileSync(join(output, 'core'), core);
        writeFileSync(join(output, 'devices'), new Uint8Array(devices));
        const parts = memory.map((bytes, i) => ({ name: `memory-${i}`, bytes }));
        for (const { name, bytes } of parts) writeFileSync(join(output, name), bytes);
        writeFileSync(join(output, 'overlay'), hardware.disk.overlay.encode());
        const memoryParts = parts.map(({ name }) => `${name}.zst`);
        const facts: SnapshotFacts = { memoryParts, consoles, software };
        writeFileSync(join(output, SNAPSHOT_FILES.facts), JSON.stringify(facts, null, 2));
      } finally {
        await hardware.destroy();
        rmSync(hubFiles, { recursive: true });
      }
      report('compressing');
      const { facts, modules } = SNAPSHOT_FILES;
      const files = readdirSync(output).filter((name) => name !== facts && name !== modules);
      await Promise.all(
        files.map((name) =>
          command('zstd', ['-q', '-19', '--rm', join(output, name), '-o', join(output, `${name}.zst`)]),
        ),
      );
    },
  });
}

/** Starts a new login in each terminal; resolves with what they show when all have come to their prompt. */
async function freshTerminals(
  { consoles }: Hardware,
  run: HostMachine['run'],
): Promise<SnapshotFacts['consoles']> {
  const screens: SnapshotFacts['consoles'] = ['', '', ''];
  consoles.forEach((console, i) => {
    const decoder = new TextDecoder();
    console.onOutput((bytes) => (screens[i] = (screens[i] ?? '') + decoder.decode(bytes, { stream: true })));
  });
  await run('systemctl restart drydock-terminal@hvc0 drydock-terminal@hvc1 drydock-terminal@hvc2');
  const deadline = Date.now() + PROMPT_MILLISECONDS;
  while (!screens.every((screen) => screen.endsWith(PROMPT_END))) {
    if (Date.now() > deadline) throw new Error(`no prompt in a terminal: ${JSON.stringify(screens)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // Before the login, systemd asked the terminal for its size; shown again, that would be asked and answered again.
  return screens.map((screen) =>
    screen.slice(screen.lastIndexOf(LOGIN) + LOGIN.length),
  ) as SnapshotFacts['consoles'];
}

export function readFacts(folder: string): SnapshotFacts {
  return JSON.parse(readFileSync(join(folder, SNAPSHOT_FILES.facts), 'utf8')) as SnapshotFacts;
}
