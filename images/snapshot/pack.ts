/**
 * The boot pack: the chunks that the first minute reads, in one file. They are found by living through that
 * minute here: the snapshot is restored and does what most visitors do first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunks as chunksStep } from '../chunks.ts';
import { engine } from '../engine.ts';
import { ImageFile } from '../image-file.ts';
import { install } from '../install.ts';
import { beside, step, type Step } from '../pipeline/step.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { chunkName, chunkPath, encodePack } from '../../worker/vm/chunk-format.ts';
import { Disk } from '../../worker/vm/disk.ts';
import { Hardware } from '../../worker/vm/hardware.ts';
import { Overlay } from '../../worker/vm/overlay.ts';
import { settle } from '../../worker/vm/settle.ts';
import { decompress } from '../../worker/vm/zstd.ts';
import { PROFILES } from './profiles.ts';
import { readFacts, SNAPSHOT_FILES } from './snapshot.ts';

const FIRST_MINUTE = 'docker ps; docker images; docker run --rm busybox echo hi; docker ps -a; ls -l /';

/** The disk image, noting which chunks are read, in order. */
class RecordingImage extends ImageFile {
  readonly positions = new Set<number>();

  override peek(position: number): Uint8Array {
    this.positions.add(position);
    return super.peek(position);
  }
}

export function pack(profile: ProfileName, snapshot: Step): Step {
  return step({
    name: `pack-${profile}`,
    title: `Recording what the first minute reads (${profile})`,
    seconds: 60,
    source: import.meta.url,
    files: [beside(import.meta.url, '../../worker/vm/chunk-format.ts')],
    needs: { chunks: chunksStep, engine, install, snapshot },
    async run({ output, needs, report }) {
      const image = new RecordingImage(join(needs.install, 'disk.img'));
      const overlay = new Overlay();
      overlay.decode(await decompress(readFileSync(join(needs.snapshot, SNAPSHOT_FILES.overlay))));
      const hardware = await Hardware.create({
        memoryBytes: PROFILES[profile].memoryBytes,
        disk: new Disk(image, image.bytes, overlay),
        engine: await WebAssembly.compile(readFileSync(join(needs.engine, 'v86.wasm'))),
      });
      try {
        const saved = (name: string): Buffer => readFileSync(join(needs.snapshot, name));
        for (const name of readFacts(needs.snapshot).memoryParts) hardware.emulator.fillMemory(saved(name));
        const devices = await decompress(saved(SNAPSHOT_FILES.devices));
        await hardware.emulator.restore(devices.buffer, {
          core: await decompress(saved(SNAPSHOT_FILES.core)),
          modules: await WebAssembly.compile(new Uint8Array(saved(SNAPSHOT_FILES.modules))),
        });
        await hardware.emulator.run();
        await settle(hardware.agent);
        report('first commands');
        const result = await hardware.agent.exec(FIRST_MINUTE, { timeout: 300 });
        if (result.exitCode !== 0) throw new Error(`the first minute failed: ${result.stderr}`);
      } finally {
        await hardware.destroy();
        image.close();
      }
      const index = await decompress(readFileSync(join(needs.chunks, 'index.zst')));
      const names = [...image.positions]
        .map((position) => chunkName(index, position))
        .filter((name) => name !== undefined);
      const packed = new Map(names.map((name) => [name, readFileSync(join(needs.chunks, chunkPath(name)))]));
      writeFileSync(join(output, 'pack'), encodePack(packed));
    },
  });
}
