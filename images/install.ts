/**
 * The first boot of the machine, done once here: the Engine in it pulls the first container images, and
 * the machine is shut down. What it wrote is laid into the disk image.
 */
import { closeSync, copyFileSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstImages, firstImagesHash, openFirstHub } from './catalogue/first-images.ts';
import { engine } from './engine.ts';
import { bootHostMachine, COMMAND_LINE } from './host-machine.ts';
import { bzImage } from './kernel/lock.ts';
import { beside, step } from './pipeline/step.ts';
import { disk } from './rootfs/disk.ts';
import { BLOCK_BYTES, type Overlay } from '../worker/vm/overlay.ts';

/** Plenty: images are built with the page cache of the whole disk. */
const MEMORY_BYTES = 512 * 2 ** 20;

/** Stops the Engine, then lets the kernel write everything and make the file system read-only (SysRq s and u). */
const SHUT_DOWN =
  'systemctl stop docker.socket docker containerd; sync; echo s > /proc/sysrq-trigger; echo u > /proc/sysrq-trigger';

export const install = step({
  name: 'install',
  title: 'First boot: pulling the first container images',
  seconds: 150,
  source: import.meta.url,
  files: [bzImage, beside(import.meta.url, 'host-machine.ts')],
  settings: [COMMAND_LINE, firstImagesHash],
  needs: { disk, engine, ...firstImages },
  async run({ output, needs, report }) {
    const source = join(needs.disk, 'disk.img');
    const { hardware, run } = await bootHostMachine({
      engine: needs.engine,
      firmware: join(needs.disk, 'firmware'),
      image: source,
      memoryBytes: MEMORY_BYTES,
      onConsoleLine: report,
    });
    const files = mkdtempSync(join(tmpdir(), 'drydock-hub-'));
    try {
      const hub = openFirstHub(needs, files);
      hardware.serveHub((request) => hub.fetch(request));
      report('waiting for the Docker Engine');
      await run('until docker info >/dev/null 2>&1; do sleep 1; done');
      report('pulling container images');
      await run('docker pull -q busybox && docker pull -q hello-world');
      report('shutting down');
      await run(SHUT_DOWN);
    } finally {
      await hardware.destroy();
      rmSync(files, { recursive: true });
    }
    const image = join(output, 'disk.img');
    copyFileSync(source, image, constants.COPYFILE_FICLONE);
    layOverlay(hardware.disk.overlay, image);
  },
});

function layOverlay(overlay: Overlay, image: string): void {
  const descriptor = openSync(image, 'r+');
  for (const number of overlay.numbers()) {
    const block = overlay.get(number);
    if (block) writeSync(descriptor, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
  }
  closeSync(descriptor);
}
