/** Files of one session: writing blocks into new ones, and keeping their number small. */
import { cutBlocks, decodeBlocks, mergeBlocks, type Blocks } from '../vm/blocks.ts';
import { compress, encodeBlocks } from './encode.ts';
import type { KeptFile } from './record.ts';
import type { SessionFiles } from './store.ts';

/** Larger files are left as they are, for they would be written again and again. */
const MERGED_BYTES = 8 * 1024 * 1024;

/** Numbers of blocks are 32 bits; what a disk has is looked at when they are laid over it. */
const END = 2 ** 32;

export class SessionFolder {
  constructor(
    private readonly files: SessionFiles,
    readonly session: string,
  ) {}

  /** Writes `bytes` into a new file. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<KeptFile> {
    const random = crypto.getRandomValues(new Uint8Array(10));
    const name = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
    await this.files.write(`${this.session}/${name}`, bytes);
    return { name, bytes: bytes.length };
  }

  read({ name }: KeptFile): Promise<Uint8Array<ArrayBuffer>> {
    return this.files.read(`${this.session}/${name}`);
  }

  readAll(all: readonly KeptFile[]): Promise<Uint8Array<ArrayBuffer>[]> {
    return Promise.all(all.map((file) => this.read(file)));
  }

  async writePlain(bytes: Uint8Array): Promise<KeptFile> {
    return this.write(await compress(bytes));
  }

  async writeBlocks(blocks: Blocks): Promise<KeptFile[]> {
    const written: KeptFile[] = [];
    for (const part of cutBlocks(blocks)) written.push(await this.write(await encodeBlocks(part)));
    return written;
  }

  /**
   * The same blocks in fewer files: a file that is less than twice as large as the next is merged with it, so that
   * their number grows with the logarithm of what was written, and so does how often each block is written again.
   */
  async compact(all: readonly KeptFile[]): Promise<KeptFile[]> {
    const compacted: KeptFile[] = [];
    for (const file of all) {
      compacted.push(file);
      for (;;) {
        const [older, newer] = compacted.slice(-2);
        if (!older || !newer || older.bytes >= 2 * newer.bytes || older.bytes > MERGED_BYTES) break;
        const sets = await Promise.all(
          [older, newer].map(async (one) => decodeBlocks(await this.read(one), END)),
        );
        const merged = await this.writeBlocks(mergeBlocks(sets));
        compacted.splice(-2, 2, ...merged);
        if (merged.length > 1) break;
      }
    }
    return compacted;
  }

  /** Removes the files of the session that are not in `needed`. */
  async sweep(needed: readonly KeptFile[]): Promise<void> {
    const names = new Set(needed.map(({ name }) => name));
    const present = await this.files.names(this.session);
    await this.files.remove(
      this.session,
      present.filter((name) => !names.has(name)),
    );
  }

  /** Removes the files of `before` that are not in `after`. */
  async drop(before: readonly KeptFile[], after: readonly KeptFile[]): Promise<void> {
    const names = new Set(after.map(({ name }) => name));
    const dropped = before.map(({ name }) => name).filter((name) => !names.has(name));
    if (dropped.length > 0) await this.files.remove(this.session, dropped);
  }
}
