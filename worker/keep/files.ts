/** Files of one session: writing blocks into new ones, and keeping their number small. */
import { DrydockError } from '../error.ts';
import { BLOCK_BYTES, cutBlocks, decodeBlocks, FILE_BLOCKS, mergeBlocks, type Blocks } from '../vm/blocks.ts';
import { hex } from '../vm/chunk-format.ts';
import { compress, packBlocks } from './encode.ts';
import type { KeptFile } from './record.ts';
import type { SessionFiles } from './store.ts';

/** Nothing is added to files with more in them, half of what fits: they would be written again and again. */
const MERGED_BYTES = (FILE_BLOCKS / 2) * BLOCK_BYTES;

/** Numbers of blocks are 32 bits; what a disk has is looked at when they are laid over it. */
const END = 2 ** 32;

export class SessionFolder {
  /** Names of files that were written and that no record names yet. */
  #loose: string[] = [];

  constructor(
    private readonly files: SessionFiles,
    readonly session: string,
  ) {}

  /** Writes a new file. @param plain bytes of what is compressed in it */
  async write(bytes: Uint8Array<ArrayBuffer>, plain: number): Promise<KeptFile> {
    const name = hex(crypto.getRandomValues(new Uint8Array(10)));
    this.#loose.push(name);
    await this.files.write(`${this.session}/${name}`, bytes);
    return { name, bytes: bytes.length, plain };
  }

  /** @throws DrydockError `damaged-file` for one that is gone, or not as long as it was */
  async read({ name, bytes: length }: KeptFile): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.files.read(`${this.session}/${name}`);
    if (bytes.length === length) return bytes;
    throw new DrydockError(
      'damaged-file',
      `The file ${name} of the saved session has ${bytes.length} of ${length} bytes.`,
      { file: name },
    );
  }

  readAll(all: readonly KeptFile[]): Promise<Uint8Array<ArrayBuffer>[]> {
    return Promise.all(all.map((file) => this.read(file)));
  }

  async writePlain(bytes: Uint8Array): Promise<KeptFile> {
    return this.write(await compress(bytes), bytes.length);
  }

  async writeBlocks(blocks: Blocks): Promise<KeptFile[]> {
    const written: KeptFile[] = [];
    for (const part of cutBlocks(blocks)) written.push(await this.writePlain(packBlocks(part)));
    return written;
  }

  /**
   * The same blocks in fewer files: a file with less than twice as much in it as the next is merged with that, so that
   * their number grows with the logarithm of what was written, and so does how often each block is written again.
   */
  async compact(all: readonly KeptFile[]): Promise<KeptFile[]> {
    const compacted: KeptFile[] = [];
    for (const file of all) {
      compacted.push(file);
      for (;;) {
        const [older, newer] = compacted.slice(-2);
        if (!older || !newer || older.plain >= 2 * newer.plain || older.plain > MERGED_BYTES) break;
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

  /**
   * Removes the files of the session that are not among `needed`, which is asked for after they were listed: what
   * another tab writes from then on is none of them.
   */
  async sweep(needed: () => Promise<readonly KeptFile[]>): Promise<void> {
    const present = await this.files.names(this.session);
    const names = new Set((await needed()).map(({ name }) => name));
    await this.files.remove(
      this.session,
      present.filter((name) => !names.has(name)),
    );
  }

  /** Removes what the record that is now `after` no longer names: files of `before`, and what was written for neither. */
  async settle(before: readonly KeptFile[], after: readonly KeptFile[]): Promise<void> {
    const names = new Set(after.map(({ name }) => name));
    const known = [...before.map(({ name }) => name), ...this.#loose];
    this.#loose = [];
    const dropped = known.filter((name) => !names.has(name));
    if (dropped.length > 0) await this.files.remove(this.session, dropped);
  }

  /** Removes what was written for a record that did not come about. */
  abandon(): Promise<void> {
    return this.settle([], []);
  }
}
