/**
 * The root file system on a host that cannot run i386 programs: no root to register qemu-user with, or no
 * binfmt_misc at all.
 *
 * 1. `debootstrap --foreign` downloads the packages and unpacks the required ones. That runs nothing of
 *    i386; without root it goes through fakeroot, which remembers owners and devices in a file.
 * 2. The tree becomes a disk, and the emulated machine boots from it with a script as its init: the second
 *    stage of debootstrap, which unpacks and configures everything, as on a real PC.
 * 3. The machine sends itself as a tar file through a terminal. From there on nothing differs.
 *
 * The machine needs about a quarter of an hour for it, three times as long as qemu-user.
 */
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asRoot } from '../host/fakeroot.ts';
import { engine } from '../engine.ts';
import { createHostHardware } from '../host-machine.ts';
import { command } from '../pipeline/command.ts';
import type { Hardware } from '../../worker/vm/hardware.ts';
import { DPKG_OPTIONS, MIRROR } from './debian.ts';

const DISK_BYTES = 4 * 2 ** 30;
const MEMORY_BYTES = 1024 * 2 ** 20;

/** Two hours: it took 50 minutes on a host whose cores were busy with other things. */
const CONFIGURE_MILLISECONDS = 7_200_000;

/** Printed on the kernel's console when the tar file has been sent, and when something failed. */
const DONE = 'drydock: sent';
const FAILED = 'drydock: failed';

const CONFIGURE = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
exec >/dev/ttyS0 2>&1
mount -t proc proc /proc; mount -t sysfs sys /sys
# Held open: when the last one closes a terminal, its modes are lost.
exec 3<> /dev/hvc1
if /debootstrap/debootstrap --second-stage &&
  apt-get clean &&
  rm -rf /var/lib/apt/lists/* /var/log/bootstrap.log /drydock-configure &&
  stty raw -echo <&3 &&
  tar -C / --one-file-system --numeric-owner --exclude=./proc/* --exclude=./sys/* --exclude=./dev/* --exclude=./lost+found -cf /dev/hvc1 .
then echo ${DONE}
else echo ${FAILED}
fi
while :; do sleep 3600; done
`;

export interface UnpackOptions {
  packages: string[];
  suite: string;
  /** Where the tar file goes. */
  tar: string;
  report: (line: string) => void;
}

export async function unpackRootfs(options: UnpackOptions): Promise<void> {
  const { packages, suite, tar, report } = options;
  const work = mkdtempSync(join(tmpdir(), 'drydock-unpack-'));
  try {
    const root = join(work, 'root');
    const owners = join(work, 'owners');
    report('this host cannot run i386 programs: unpacking here, configuring in the machine');
    await asRoot(
      owners,
      'debootstrap',
      [
        '--foreign',
        '--arch=i386',
        '--variant=minbase',
        `--include=${packages.join(',')}`,
        suite,
        root,
        MIRROR,
      ],
      report,
    );
    const archives = join(root, 'var/cache/apt/archives');
    const firmware = readdirSync(archives).find((file) => file.startsWith('seabios_'));
    await command('dpkg-deb', ['-x', join(archives, firmware ?? 'seabios.deb'), join(work, 'firmware')]);
    mkdirSync(join(root, 'etc/dpkg/dpkg.cfg.d'), { recursive: true });
    writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/drydock'), DPKG_OPTIONS.join('\n') + '\n');
    writeFileSync(join(root, 'drydock-configure'), CONFIGURE, { mode: 0o755 });
    const image = join(work, 'disk.img');
    writeFileSync(image, '');
    truncateSync(image, DISK_BYTES);
    await asRoot(
      owners,
      'mke2fs',
      ['-q', '-t', 'ext4', '-m', '0', '-O', '^metadata_csum_seed,^orphan_file', '-d', root, image],
      report,
    );
    await engine.build(report);
    let outcome = '';
    const hardware = await createHostHardware({
      engine: engine.output,
      firmware: join(work, 'firmware/usr/share/seabios'),
      image,
      memoryBytes: MEMORY_BYTES,
      kernelOptions: 'init=/drydock-configure',
      onConsoleLine: (line) => {
        report(line);
        if (line.includes(DONE) || line.includes(FAILED)) outcome = line;
      },
    });
    try {
      await receiveTar(hardware, tar, () => outcome);
    } finally {
      await hardware.destroy();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes what comes through the second terminal to `tar` until the machine says how it ended. */
async function receiveTar(
  { emulator, consoles }: Hardware,
  tar: string,
  outcome: () => string,
): Promise<void> {
  const file = createWriteStream(tar);
  let last = new Uint8Array();
  consoles[1].onOutput((bytes) => {
    file.write(bytes);
    last = bytes;
  });
  await emulator.run();
  const deadline = Date.now() + CONFIGURE_MILLISECONDS;
  while (outcome() === '') {
    if (Date.now() > deadline)
      throw new Error('The machine did not configure its packages within two hours.');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await new Promise((resolve) => file.end(resolve));
  // A tar file is whole records of 10 KiB and ends in zeros.
  const { size } = await stat(tar);
  if (outcome().includes(FAILED) || size === 0 || size % 10240 !== 0 || last.some((byte) => byte !== 0)) {
    throw new Error(`The machine could not configure its packages (${outcome()}, ${size} bytes received).`);
  }
}
