/** The disk of a saved session as a file, for the host's own tools to look at. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Keeper } from '../../worker/keep/keeper.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import { importSession } from '../../worker/keep/session-file.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { BLOCK_BYTES, blockAt, decodeBlocks } from '../../worker/vm/blocks.ts';
import { ChunkStore } from '../../worker/vm/chunks.ts';
import { Overlay } from '../../worker/vm/overlay.ts';
import { parseManifest, profileOf } from '../../worker/vm/release.ts';
import { readVerified } from '../../worker/vm/source.ts';
import { decompress } from '../../worker/vm/zstd.ts';

const run = promisify(execFile);

/** The released disk; sessions' blocks are laid over copies of it. */
export class SavedDisk {
  readonly #folder: string;
  readonly #blocks: number;

  private constructor(folder: string, blocks: number) {
    this.#folder = folder;
    this.#blocks = blocks;
  }

  static async open(release: string): Promise<SavedDisk> {
    const source = new FolderSource(release);
    const manifest = parseManifest(new TextDecoder().decode(await source.read('manifest.json')));
    const { index, chunkBytes, bytes } = manifest.disk;
    const chunks = new ChunkStore(source, await decompress(await readVerified(source, index)), chunkBytes);
    const overlay = new Overlay();
    overlay.decode(await decompress(await readVerified(source, profileOf(manifest, 'standard').overlay)));
    const folder = mkdtempSync(join(tmpdir(), 'drydock-disk-'));
    await write(join(folder, 'released'), 'w', async (file) => {
      await file.truncate(bytes);
      for (let position = 0; position * chunkBytes < bytes; position++) {
        const chunk = await chunks.read(position);
        if (chunk.some((byte) => byte !== 0)) await file.write(chunk, 0, chunk.length, position * chunkBytes);
      }
      for (const number of overlay.numbers())
        await file.write(overlay.get(number) as Uint8Array, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    });
    return new SavedDisk(folder, bytes / BLOCK_BYTES);
  }

  /**
   * Looks at the disk of an exported session with e2fsprogs, after its journal was replayed as a boot does.
   * @returns what is wrong with the file system, empty for nothing; and what is in the file at `path`
   */
  async look(sessionFile: string, path: string): Promise<{ faults: string; content: string }> {
    const store = openMemoryStore();
    const id = await importSession(store, new Blob([await readFile(sessionFile)]));
    const saved = await new Keeper(store, id).node('node1').read();
    const disk = join(this.#folder, 'saved');
    await run('cp', ['--sparse=always', join(this.#folder, 'released'), disk]);
    await write(disk, 'r+', async (file) => {
      for (const blocks of saved?.blocks ?? []) {
        const { numbers, bytes } = await decodeBlocks(blocks, this.#blocks);
        for (const [i, number] of numbers.entries())
          await file.write(blockAt(bytes, i), 0, BLOCK_BYTES, number * BLOCK_BYTES);
      }
    });
    await run('e2fsck', ['-E', 'journal_only', '-y', disk]);
    const faults = await run('e2fsck', ['-f', '-n', disk]).then(
      () => '',
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    const { stdout: content } = await run('debugfs', ['-R', `cat ${path}`, disk], { maxBuffer: 1e8 });
    return { faults, content };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function write(
  path: string,
  flags: string,
  action: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await action(file);
  } finally {
    await file.close();
  }
}
