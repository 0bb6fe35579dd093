/**
 * Cuts the disk image into chunks (see worker/vm/chunk-format.ts for the format) and compresses each.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CHUNK_NAME_BYTES, chunkName, chunkPath, digestName } from '../worker/vm/chunk-format.ts';
import { install } from './install.ts';
import { command } from './pipeline/command.ts';
import { beside, step } from './pipeline/step.ts';

/** Bytes of a chunk. Smaller ones make more requests, larger ones fetch more than is read. */
export const CHUNK_BYTES = 1 << 16;

export const chunks = step({
  name: 'chunks',
  title: 'Cutting the disk into chunks',
  seconds: 240,
  source: import.meta.url,
  files: [beside(import.meta.url, '../worker/vm/chunk-format.ts')],
  settings: [String(CHUNK_BYTES)],
  needs: { install },
  async run({ output, needs, report }) {
    const raw = join(output, 'raw');
    const count = cut(join(needs.install, 'disk.img'), raw);
    report(`compressing ${readdirSync(raw).length} chunks`);
    const files = readdirSync(raw);
    const lanes = availableParallelism();
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const mine = files.filter((_, i) => i % lanes === lane);
        for (let i = 0; i < mine.length; i += 200) {
          await command('zstd', ['-q', '-19', '--no-check', '--rm', ...mine.slice(i, i + 200)], { cwd: raw });
          if (lane === 0) report(`compressing chunks: ${Math.round((100 * i) / mine.length)} %`);
        }
      }),
    );
    const index = new Uint8Array(count * CHUNK_NAME_BYTES);
    for (const file of readdirSync(raw)) {
      const position = parseInt(file, 10);
      index.set(await digestName(new Uint8Array(readFileSync(join(raw, file)))), position * CHUNK_NAME_BYTES);
      const path = join(output, chunkPath(chunkName(index, position) ?? ''));
      mkdirSync(join(path, '..'), { recursive: true });
      renameSync(join(raw, file), path);
    }
    rmSync(raw, { recursive: true });
    writeFileSync(join(output, 'index'), index);
    await command('zstd', ['-q', '-19', '--rm', join(output, 'index'), '-o', join(output, 'index.zst')]);
  },
});

/** Writes each chunk of `image` that is not all zeros to a file named by its position; returns how many there are in all. */
function cut(image: string, folder: string): number {
  mkdirSync(folder);
  const descriptor = openSync(image, 'r');
  const count = Math.ceil(fstatSync(descriptor).size / CHUNK_BYTES);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; position < count; position++) {
    readSync(descriptor, chunk, 0, CHUNK_BYTES, position * CHUNK_BYTES);
    if (!chunk.equals(zeros)) writeFileSync(join(folder, String(position)), chunk);
  }
  closeSync(descriptor);
  return count;
}
