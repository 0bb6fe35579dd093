/** A disk image in a file of the host, as the base of a machine's disk while the machine is made. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { DiskBase } from '../worker/vm/disk.ts';

export class ImageFile implements DiskBase {
  readonly chunkBytes = 1 << 16;
  readonly bytes: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.bytes = fstatSync(this.#descriptor).size;
  }

  peek(position: number): Uint8Array {
    const chunk = new Uint8Array(this.chunkBytes);
    readSync(this.#descriptor, chunk, 0, this.chunkBytes, position * this.chunkBytes);
    return chunk;
  }

  read(position: number): Promise<Uint8Array> {
    return Promise.resolve(this.peek(position));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
