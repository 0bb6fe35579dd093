/** The release: everything that the app downloads, in one folder, with the manifest that names it. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { catalogue } from './catalogue/catalogue.ts';
import { place } from './catalogue/write.ts';
import { CHUNK_BYTES, chunks } from './chunks.ts';
import { engine } from './engine.ts';
import { COMMAND_LINE } from './host-machine.ts';
import { bzImage } from './kernel/lock.ts';
import { beside, step, type Step } from './pipeline/step.ts';
import { disk, DISK_BYTES } from './rootfs/disk.ts';
import { pack } from './snapshot/pack.ts';
import { PROFILES } from './snapshot/profiles.ts';
import { readFacts, snapshot, SNAPSHOT_FILES } from './snapshot/snapshot.ts';
import { BLOB_FOLDER } from '../worker/hub/catalogue.ts';
import type { ProfileName } from '../worker/protocol.ts';
import { DEVICE_SET, V86_VERSION } from '../worker/vm/emulator.ts';
import { downloadBytes } from '../worker/vm/state.ts';
import type { ReleaseFile } from '../worker/release-file.ts';
import { RELEASE_FORMAT, type Manifest } from '../worker/vm/release.ts';

const names = Object.keys(PROFILES) as ProfileName[];
const snapshots = names.map(snapshot);
const packs = names.map((name, i) => pack(name, snapshots[i] as Step));

export const release = step({
  name: 'release',
  title: 'Putting the release together',
  seconds: 5,
  source: import.meta.url,
  files: [
    beside(import.meta.url, '../worker/vm/release.ts'),
    beside(import.meta.url, '../worker/vm/emulator.ts'),
  ],
  needs: Object.fromEntries(
    [engine, disk, chunks, catalogue, ...snapshots, ...packs].map((need) => [need.name, need]),
  ),
  run({ output, needs }) {
    const folder = (name: string): string => needs[name] ?? '';
    cpSync(join(folder('chunks'), 'chunks'), join(output, 'chunks'), { recursive: true });
    mkdirSync(join(output, 'files'));
    mkdirSync(join(output, BLOB_FOLDER), { recursive: true });
    const blobs = join(folder('catalogue'), 'blobs');
    for (const name of readdirSync(blobs)) place(join(blobs, name), join(output, BLOB_FOLDER, name));
    const add = (path: string, name: string): ReleaseFile => addFile(output, path, name);

    /** What servers send of a module. */
    const compressed = new Map<string, number>();
    const addModule = (path: string, name: string): ReleaseFile => {
      const file = add(path, name);
      const bytes = compressModule(readFileSync(path));
      writeFileSync(join(output, `${file.path}.br`), bytes);
      compressed.set(file.path, bytes.length);
      return file;
    };

    const profiles = names.map((name) => {
      const from = folder(`snapshot-${name}`);
      const facts = readFacts(from);
      return {
        name,
        memoryBytes: PROFILES[name].memoryBytes,
        state: {
          devices: add(join(from, SNAPSHOT_FILES.devices), `${name}-devices.zst`),
          core: add(join(from, SNAPSHOT_FILES.core), `${name}-core.zst`),
          modules: addModule(join(from, SNAPSHOT_FILES.modules), `${name}-modules.wasm`),
          memory: facts.memoryParts.map((part) => add(join(from, part), `${name}-${part}`)),
        },
        overlay: add(join(from, SNAPSHOT_FILES.overlay), `overlay-${name}.zst`),
        consoles: facts.consoles,
        pack: add(join(folder(`pack-${name}`), 'pack'), `pack-${name}.bin`),
      };
    });
    const engineFile = add(join(folder('engine'), 'v86.wasm.zst'), 'v86.zst');
    const index = add(join(folder('chunks'), 'index.zst'), 'index.zst');
    const firmware = join(folder('disk'), 'firmware');
    const [first] = profiles;
    if (!first) throw new Error('no profile');
    const content: Omit<Manifest, 'build'> = {
      format: RELEASE_FORMAT,
      v86: V86_VERSION,
      devices: DEVICE_SET,
      engine: engineFile,
      disk: {
        bytes: DISK_BYTES,
        chunkBytes: CHUNK_BYTES,
        storedBytes: sizeOf(join(output, 'chunks')),
        index,
      },
      boot: {
        bios: add(join(firmware, 'bios.bin'), 'bios.bin'),
        vgaBios: add(join(firmware, 'vgabios-stdvga.bin'), 'vgabios.bin'),
        kernel: add(bzImage, 'kernel.bin'),
        commandLine: COMMAND_LINE,
      },
      profiles,
      catalogue: add(join(folder('catalogue'), 'catalogue.json'), 'catalogue.json'),
      software: readFacts(folder('snapshot-standard')).software,
      firstVisitBytes:
        engineFile.bytes +
        index.bytes +
        first.overlay.bytes +
        downloadBytes(first.state) +
        (compressed.get(first.state.modules.path) ?? 0),
    };
    const build = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
    writeFileSync(join(output, 'manifest.json'), JSON.stringify({ ...content, build }, null, 2));
    return Promise.resolve();
  },
});

/** Compressed for `Content-Encoding: br`, with the largest window that browsers take. */
function compressModule(module: Buffer): Buffer {
  return brotliCompressSync(module, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: module.length,
    },
  });
}

/** Bytes of all files in a folder. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Copies a file into the release under a name that carries its hash, so that it may be cached for ever. */
function addFile(output: string, from: string, name: string): ReleaseFile {
  const bytes = readFileSync(from);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = `files/${name.replace(/(\.\w+)$/, `-${sha256.slice(0, 12)}$1`)}`;
  writeFileSync(join(output, path), bytes);
  return { path, bytes: bytes.length, sha256 };
}
