/**
 * The machine for use without a network: all files of a release that it may read, the whole disk among them. Chunks of
 * the disk are named by their content, so that after an update of the site only those that changed are missing.
 */
import { keptShare, type KeptFiles, type KeptShare, type NeededFile } from './kept-files.ts';
import type { ProfileName } from './protocol.ts';
import type { OnProgress } from './tasks.ts';
import { CHUNK_NAME_BYTES, chunkName, chunkPath } from './vm/chunk-format.ts';
import type { Manifest } from './vm/release.ts';
import { readVerified, type FileSource } from './vm/source.ts';
import { decompress } from './vm/zstd.ts';

/** Downloads at a time: most are chunks of 20 KB. */
const AT_ONCE = 16;

export const MANIFEST = 'manifest.json';

export class KeptMachine {
  /** Paths of what is kept; read once, since the browser takes most of a second for so many. */
  #paths: Promise<Set<string>> | undefined;

  private constructor(
    private readonly kept: KeptFiles,
    private readonly files: readonly NeededFile[],
    private readonly manifest: Uint8Array<ArrayBuffer>,
  ) {}

  /** @param text the manifest as it was read @throws DrydockError `download-failed`, `damaged-file` */
  static async open(
    kept: KeptFiles,
    source: FileSource,
    text: Uint8Array<ArrayBuffer>,
    manifest: Manifest,
    profile: ProfileName,
  ): Promise<KeptMachine> {
    const index = await decompress(await readVerified(source, manifest.disk.index));
    return new KeptMachine(kept, [...machineFiles(manifest, profile, index)], text);
  }

  async share(): Promise<KeptShare> {
    return keptShare(this.files, await (this.#paths ??= this.kept.paths()));
  }

  /** Keeps what is missing, and forgets what an earlier release needed. @throws like `KeptFiles.keep` */
  async keep(signal: AbortSignal, onProgress: OnProgress): Promise<void> {
    try {
      await this.kept.keep(this.files, AT_ONCE, signal, onProgress);
      // Until here the earlier release is whole, and its manifest the one that is read without a network.
      await this.kept.replace(MANIFEST, this.manifest);
      const needed = new Set([MANIFEST, ...this.files.map(({ path }) => path)]);
      await this.kept.drop([...(await this.kept.paths())].filter((path) => !needed.has(path)));
    } finally {
      this.#paths = undefined;
    }
  }

  /** @returns whether there was anything */
  async drop(): Promise<boolean> {
    const paths = await this.kept.paths();
    await this.kept.drop(paths);
    this.#paths = undefined;
    return paths.size > 0;
  }
}

/** The files of a release that a machine of `profile` may read, but for those of the hub. */
function* machineFiles(
  { engine, disk, boot, profiles }: Manifest,
  profile: ProfileName,
  index: Uint8Array,
): Generator<NeededFile> {
  const { bios, vgaBios, kernel } = boot;
  for (const { name, state, overlay, pack } of profiles) {
    if (name !== profile) continue;
    const files = [engine, disk.index, bios, vgaBios, kernel, overlay, pack, state.devices, state.core];
    for (const file of [...files, state.modules, ...state.memory])
      yield { path: file.path, bytes: file.bytes, expected: file };
  }
  const names = new Set<string>();
  for (let i = 0; i < index.length / CHUNK_NAME_BYTES; i++) {
    const name = chunkName(index, i);
    if (name !== undefined) names.add(name);
  }
  const bytes = disk.storedBytes / names.size;
  for (const name of names) yield { path: chunkPath(name), bytes, expected: { sha256: name } };
}
