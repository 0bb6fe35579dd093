/** Boots a machine from a disk image on this computer: how the pipeline works inside the machine it makes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Disk } from '../worker/vm/disk.ts';
import { Hardware } from '../worker/vm/hardware.ts';
import { Overlay } from '../worker/vm/overlay.ts';
import { ImageFile } from './image-file.ts';
import { bzImage } from './kernel/lock.ts';

/**
 * The kernel's command line. `audit=0`: AppArmor needs the audit code, but nobody reads its records. `highres=off`: timers
 * are due at a tick of 10 ms, so that several wake the machine together; Go's programs ask for many of 20 µs, and `docker
 * run` takes a twentieth fewer instructions.
 */
export const COMMAND_LINE =
  'root=/dev/sda rw rootfstype=ext4 console=ttyS0 tsc=reliable clocksource=tsc mitigations=off random.trust_cpu=on nowatchdog audit=0 highres=off';

const LINE_FEED = 10;

/** What systemd prints twice a second while a unit takes its time. */
const WAITING = /^\[[ *]+\] /;

/** How long a boot may take until the agent answers: 30 to 70 s were seen alone on two cores. */
const BOOT_MILLISECONDS = 600_000;

export interface HostMachineOptions {
  /** Folder of the step `engine`. */
  engine: string;
  /** Folder with bios.bin and vgabios-stdvga.bin. */
  firmware: string;
  image: string;
  memoryBytes: number;
  /** Added to the kernel's command line. */
  kernelOptions?: string;
  /** Called with each line on the kernel's console. */
  onConsoleLine: (line: string) => void;
}

export interface HostMachine {
  hardware: Hardware;
  /** Runs a script and resolves with its output. @throws Error with both outputs when it fails */
  run: (script: string, timeout?: number) => Promise<string>;
}

/** The hardware with the disk and the kernel in it, not running yet. */
export async function createHostHardware(options: HostMachineOptions): Promise<Hardware> {
  const { engine, firmware, image, memoryBytes, kernelOptions, onConsoleLine } = options;
  const file = new ImageFile(image);
  const hardware = await Hardware.create({
    memoryBytes,
    disk: new Disk(file, file.bytes, new Overlay()),
    engine: await WebAssembly.compile(readFileSync(join(engine, 'v86.wasm'))),
    boot: {
      bios: arrayBuffer(join(firmware, 'bios.bin')),
      vgaBios: arrayBuffer(join(firmware, 'vgabios-stdvga.bin')),
      kernel: arrayBuffer(bzImage),
      commandLine: [COMMAND_LINE, kernelOptions].filter(Boolean).join(' '),
    },
  });
  let line = '';
  hardware.emulator.onSerial((byte) => {
    if (byte !== LINE_FEED) {
      line += String.fromCharCode(byte);
      return;
    }
    const text = stripVTControlCharacters(line).trimEnd();
    if (!WAITING.test(text)) onConsoleLine(text);
    line = '';
  });
  return hardware;
}

/** Boots the machine and waits until its agent answers. */
export async function bootHostMachine(options: HostMachineOptions): Promise<HostMachine> {
  const hardware = await createHostHardware(options);
  await hardware.emulator.run();
  await hardware.agent.ready(BOOT_MILLISECONDS);
  return {
    hardware,
    async run(script, timeout = 300) {
      const { exitCode, stdout, stderr, timedOut } = await hardware.agent.exec(script, { timeout });
      if (exitCode === 0) return stdout;
      throw new Error(
        `in the machine: ${script}\n${timedOut ? 'timed out' : `exit code ${exitCode}`}\n${stdout}${stderr}`,
      );
    },
  };
}

function arrayBuffer(path: string): ArrayBuffer {
  return new Uint8Array(readFileSync(path)).buffer;
}
