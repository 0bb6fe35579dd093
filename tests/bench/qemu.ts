/**
 * The baseline: the same kernel, disk and commands on `qemu-system-i386 -accel tcg`, a C emulator with a
 * mature JIT, on the same computer. It boots (states cannot be exchanged), so only commands are compared.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_LINE } from '../../images/host-machine.ts';
import { install } from '../../images/install.ts';
import { bzImage } from '../../images/kernel/lock.ts';
import { PROFILES } from '../../images/snapshot/profiles.ts';
import { Agent } from '../../worker/vm/agent.ts';
import { COMMANDS, FIRST_CONTAINER, median, repeat, timed } from './commands.ts';

const BOOT_MILLISECONDS = 300_000;

/**
 * Seconds by metric id.
 * @param report told what is being measured
 */
export async function measureQemu(report: (doing: string) => void): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-qemu-'));
  const path = join(folder, 'agent');
  const consoles = [0, 1, 2].flatMap((port) => [
    '-chardev',
    `null,id=hvc${port}`,
    '-device',
    `virtconsole,chardev=hvc${port}`,
  ]);
  const qemu = spawn(
    'qemu-system-i386',
    [
      '-accel',
      'tcg,thread=single',
      '-m',
      String(PROFILES.standard.memoryBytes / 2 ** 20),
      '-nodefaults',
      '-display',
      'none',
    ]
      .concat(['-kernel', bzImage, '-append', COMMAND_LINE.replace(/tsc=\S+ clocksource=\S+ /, '')])
      .concat(['-drive', `file=${join(install.output, 'disk.img')},format=raw,if=ide,snapshot=on`])
      .concat([
        '-nic',
        'user,model=virtio-net-pci',
        '-serial',
        'null',
        '-device',
        'virtio-serial-pci',
        ...consoles,
      ])
      .concat([
        '-chardev',
        `socket,id=hvc3,path=${path},server=on,wait=off`,
        '-device',
        'virtconsole,chardev=hvc3',
      ]),
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    report('qemu: boot');
    const socket = await connectTo(path);
    const agent = new Agent({
      send: (bytes) => socket.write(bytes),
      onOutput: (listener) =>
        socket.on('data', (bytes: Buffer) => {
          listener(new Uint8Array(bytes));
        }),
    });
    await agent.ready(BOOT_MILLISECONDS);
    await agent.exec('until docker info >/dev/null 2>&1; do sleep 1; done', { timeout: 300 });
    const run = async (script: string): Promise<number> => {
      const { stdout, exitCode, stderr } = await agent.exec(timed(script), { timeout: 120 });
      if (exitCode !== 0) throw new Error(`qemu: ${script}: ${stderr}`);
      return Number(stdout);
    };
    const seconds = new Map([['run-first', await run(FIRST_CONTAINER)]]);
    for (const each of COMMANDS) {
      report(`qemu: ${each.title}`);
      seconds.set(each.id, median(await repeat(each, run)));
    }
    return seconds;
  } finally {
    qemu.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connectTo(path: string): Promise<Socket> {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path, () => {
          resolve(socket);
        });
        socket.on('error', reject);
      });
    } catch (error) {
      if (Date.now() > deadline) throw new Error('qemu-system-i386 did not start', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
