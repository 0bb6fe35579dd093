/** Zips whose entries are stored as they are; one from outside is read entry by entry, within limits. */
import {
  BlobReader,
  BlobWriter,
  configure,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
  type FileEntry,
} from '@zip.js/zip.js';

// Its own workers come from blob: URLs, which the page's policy refuses; and nothing is compressed here.
configure({ useWebWorkers: false });

/** Makes a zip of the entries that `fill` adds. */
export async function writeZip(
  fill: (add: (name: string, bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter('application/zip'), { level: 0, extendedTimestamp: false });
  await fill(async (name, bytes) => {
    await writer.add(name, new Uint8ArrayReader(bytes));
  });
  return writer.close();
}

export type ZipProblem = 'unreadable' | 'not-a-zip' | 'damaged' | 'too-large';

export class ZipError extends Error {
  override readonly name = 'ZipError';

  constructor(
    readonly problem: ZipProblem,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}

/** Of an entry of the directory (the fixed part, a name, what else there may be), in bytes, generously. */
const DIRECTORY_ENTRY_BYTES = 400;

/** Of the record at the end of a zip (APPNOTE 4.3.16), without a comment. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;

/** What a zip of ours begins with: an entry (APPNOTE 4.3.7). */
const ENTRY_SIGNATURE = 0x04034b50;

export class StoredZip {
  readonly #entries: ReadonlyMap<string, FileEntry>;

  private constructor(entries: ReadonlyMap<string, FileEntry>) {
    this.#entries = entries;
  }

  /** Reads the directory of a zip. @throws ZipError */
  static async open(zip: Blob, most: { bytes: number; files: number }): Promise<StoredZip> {
    if (zip.size > most.bytes) throw new ZipError('too-large');
    await checkEnd(zip, most.files);
    const entries = new Map<string, FileEntry>();
    try {
      const reader = new ZipReader(new BlobReader(zip), {
        checkSignature: true,
        // They are looked up, and never used as paths.
        filenameValidation: 'tolerant',
      });
      for await (const entry of reader.getEntriesGenerator()) {
        if (entries.size >= most.files) throw new ZipError('too-large');
        if (entry.directory || entries.has(entry.filename)) throw new ZipError('damaged');
        entries.set(entry.filename, entry);
      }
    } catch (cause) {
      throw cause instanceof ZipError ? cause : new ZipError('damaged', { cause });
    }
    return new StoredZip(entries);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Reads an entry. @param most bytes that it may have @throws ZipError */
  async read(name: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#entries.get(name);
    if (!entry || entry.encrypted || entry.compressionMethod !== 0) throw new ZipError('damaged');
    if (entry.compressedSize !== entry.uncompressedSize) throw new ZipError('damaged');
    if (entry.uncompressedSize > most) throw new ZipError('too-large');
    try {
      const bytes = await entry.getData(new Uint8ArrayWriter());
      if (bytes.length === entry.uncompressedSize) return bytes;
    } catch (cause) {
      throw new ZipError('damaged', { cause });
    }
    throw new ZipError('damaged');
  }
}

/** Looks at the end of a zip before its directory is read, which would be done in one piece. */
async function checkEnd(zip: Blob, mostFiles: number): Promise<void> {
  if (zip.size < END_BYTES) throw new ZipError('not-a-zip');
  const start = zip.size - END_BYTES;
  const view = await look(zip, start);
  if (view.getUint32(0, true) !== END_SIGNATURE) {
    const isCutOff = (await look(zip, 0)).getUint32(0, true) === ENTRY_SIGNATURE;
    throw new ZipError(isCutOff ? 'damaged' : 'not-a-zip');
  }
  const count = view.getUint16(10, true);
  const directoryBytes = start - view.getUint32(16, true);
  if (count > mostFiles || directoryBytes > mostFiles * DIRECTORY_ENTRY_BYTES)
    throw new ZipError('too-large');
}

async function look(zip: Blob, start: number): Promise<DataView> {
  try {
    return new DataView(await zip.slice(start, start + END_BYTES).arrayBuffer());
  } catch (cause) {
    throw new ZipError('unreadable', { cause });
  }
}
