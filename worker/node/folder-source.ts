/** A release read from a folder on this computer: the command line, the tests and the image pipeline. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DrydockError } from '../error.ts';
import type { ReadOptions, ReleaseSource } from '../vm/source.ts';

export class FolderSource implements ReleaseSource {
  constructor(private readonly folder: string) {}

  async read(path: string, { signal, onProgress }: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const bytes = new Uint8Array(await readFile(join(this.folder, path), { signal }));
      onProgress?.(bytes.length);
      return bytes;
    } catch (cause) {
      signal?.throwIfAborted();
      throw new DrydockError(
        'download-failed',
        `${join(this.folder, path)} cannot be read.`,
        { path },
        { cause },
      );
    }
  }
}
