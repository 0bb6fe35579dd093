/** A release read from a folder on this computer: the command line, the tests and the image pipeline. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DrydockError } from '../error.ts';
import type { ReleaseFile } from '../release-file.ts';
import { compileBytes, verify, type ReadOptions, type ReleaseSource } from '../vm/source.ts';

export class FolderSource implements ReleaseSource {
  constructor(private readonly folder: string) {}

  async read(
    path: string,
    { signal, onProgress, onChunk, expected }: ReadOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await readFile(join(this.folder, path), { signal }));
    } catch (cause) {
      signal?.throwIfAborted();
      throw new DrydockError(
        'download-failed',
        `${join(this.folder, path)} cannot be read.`,
        { path },
        { cause },
      );
    }
    onProgress?.(bytes.length);
    onChunk?.(bytes);
    return verify(path, bytes, expected);
  }

  compile(file: ReleaseFile, options?: Pick<ReadOptions, 'signal'>): Promise<WebAssembly.Module> {
    return compileBytes(this, file, options);
  }
}
