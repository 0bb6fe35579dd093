/**
 * The files of a lesson pack, as they come out of a zip or a folder. A pack may come from anybody: names and sizes are
 * judged before a byte is unpacked, and sizes again while it is, since a zip may lie about them.
 */
import { isFilePath } from '../format/file.ts';

/** What a pack may come to: many times what a course of text and diagrams needs, and little enough for any tab. */
export const PACK_LIMITS = {
  /** Of a zip, in bytes. */
  zip: 20e6,
  files: 1000,
  /** Of one file, in bytes. */
  file: 5e6,
  /** Of all files together, in bytes. */
  total: 50e6,
};

/** Why something is not a pack that can be used; the message is for the user. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

/** By path, without a slash at the beginning. */
export type PackFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Takes files one by one, and refuses what goes beyond the limits. */
export class PackCollector {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  #count = 0;
  #bytes = 0;

  /**
   * Announces a file.
   * @param bytes its size, as the pack says
   * @returns whether it is one to read: what systems leave behind in folders is passed over
   * @throws PackError
   */
  announce(path: string, bytes: number): boolean {
    if (++this.#count > PACK_LIMITS.files)
      throw new PackError(
        `The pack has more than ${PACK_LIMITS.files} files, which is more than a pack may have.`,
      );
    if (/(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db)(\/|$)/.test(path) && !path.split('/').includes('..'))
      return false;
    if (!isFilePath(path))
      throw new PackError(
        `The pack has a file named “${path.slice(0, 100)}”. Names may have letters, digits, dots, hyphens and underscores, and must stay within the pack.`,
      );
    if (this.files.has(path)) throw new PackError(`The pack has two files named ${path}.`);
    if (bytes > PACK_LIMITS.file)
      throw new PackError(
        `${path} comes to ${megabytes(bytes)}; a file of a pack may have ${megabytes(PACK_LIMITS.file)}.`,
      );
    return true;
  }

  /** Where the content of a file that was announced goes. */
  writer(path: string): WritableStream<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    return new WritableStream({
      write: (part) => {
        length += part.length;
        this.#bytes += part.length;
        if (length > PACK_LIMITS.file)
          throw new PackError(
            `${path} unpacks to more than ${megabytes(PACK_LIMITS.file)}, which a file of a pack may have.`,
          );
        if (this.#bytes > PACK_LIMITS.total)
          throw new PackError(
            `The pack unpacks to more than ${megabytes(PACK_LIMITS.total)}, which is more than a pack may have.`,
          );
        parts.push(part);
      },
      close: () => {
        const whole = new Uint8Array(length);
        let at = 0;
        for (const part of parts) {
          whole.set(part, at);
          at += part.length;
        }
        this.files.set(path, whole);
      },
    });
  }
}
