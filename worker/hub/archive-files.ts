/**
 * The files of an archive, taken into the store as they stream by: each is an upload of its own, so that nothing large
 * is held in memory, the order of the files does not matter, and nothing is visible before all of it is proved.
 */
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { asDrydockError, DrydockError } from '../error.ts';
import { readBounded } from '../bounded-body.ts';
import { storedStream, type ByteStream } from './blob-stream.ts';
import type { HubStore } from './store.ts';
import type { Uploads } from './uploads.ts';

/** No repository has this name, so no request reaches these uploads. */
const NOWHERE = 'import';
/** More files than any image's archive has; each costs a little memory. */
const MAX_FILES = 10_000;
const MAX_PATH = 512;

/** A file whose content is an upload in the store. */
export interface ArchiveFile {
  upload: string;
  digest: string;
  bytes: number;
}

export class ArchiveFiles {
  private readonly files = new Map<string, ArchiveFile>();
  private readonly links = new Map<string, string>();

  constructor(
    private readonly store: HubStore,
    private readonly uploads: Uploads,
  ) {}

  /**
   * Reads a tar file, gzipped or not.
   * @throws DrydockError `damaged-file` for what is none, ends early, or holds what an image's archive does not
   */
  async read(archive: ReadableStream<Uint8Array>): Promise<void> {
    const reader = (await inflated(archive)).pipeThrough(createTarDecoder({ strict: true })).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        await this.take(value);
      }
    } catch (error) {
      await reader.cancel(error).catch(() => undefined);
      throw asDrydockError(error, 'damaged-file', `The archive cannot be read: ${text(error)}`);
    }
  }

  private async take({ header, body }: ParsedTarEntry): Promise<void> {
    const path = safePath(header.name);
    if (header.type === 'directory') return body.cancel();
    if (this.files.has(path) || this.links.has(path)) throw damaged(`it holds ${path} twice.`);
    if (this.files.size + this.links.size >= MAX_FILES)
      throw damaged(`it holds more than ${MAX_FILES} files.`);
    if (header.type === 'symlink' || header.type === 'link') {
      const target = header.linkname ?? '';
      this.links.set(path, header.type === 'link' ? safePath(target) : resolved(path, target));
      return body.cancel();
    }
    if (header.type !== undefined && header.type !== 'file')
      throw damaged(`${path} is a ${header.type}, which no image's archive has.`);
    const upload = await this.store.beginUpload(NOWHERE);
    // Known before it is filled: what fails half-way is removed with the rest.
    const file = { upload, digest: '', bytes: 0 };
    this.files.set(path, file);
    const appended = await this.uploads.append(upload, 0, body, header.size);
    if (appended.state !== 'appended' || appended.bytes !== header.size)
      throw damaged(`${path} is cut short.`);
    file.bytes = appended.bytes;
    file.digest = await this.uploads.digest(upload, file.bytes);
    const named = /^blobs\/sha256\/(.*)$/.exec(path)?.[1];
    if (named !== undefined && file.digest !== `sha256:${named}`)
      throw damaged(`${path} has other bytes than its name says.`);
  }

  /** The file at a path, through links; undefined if there is none. */
  get(path: string): ArchiveFile | undefined {
    let at = path;
    for (let hops = 0; hops < 8; hops++) {
      const target = this.links.get(at);
      if (target === undefined) return this.files.get(at);
      at = target;
    }
    return undefined;
  }

  open({ upload, bytes }: ArchiveFile): ByteStream {
    return storedStream(this.store, upload, { start: 0, end: bytes });
  }

  /** @throws DrydockError `damaged-file` if there are more than `max` bytes */
  async bytes(file: ArchiveFile, max: number): Promise<Uint8Array<ArrayBuffer>> {
    const content = await readBounded(this.open(file), max);
    if (!content) throw damaged(`a document in it has ${file.bytes} bytes; at most ${max} are taken.`);
    return content;
  }

  /** Removes what has not become a blob. */
  async discard(): Promise<void> {
    for (const { upload } of this.files.values()) await this.uploads.cancel(upload);
  }
}

export function damaged(why: string, cause?: unknown): DrydockError {
  return new DrydockError('damaged-file', `The archive cannot be imported: ${why}`, {}, { cause });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws DrydockError for a path that leads out of the archive */
function safePath(name: string): string {
  const path = name.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  const outside = name.startsWith('/') || path.split('/').some((part) => part === '..' || part === '');
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if ((outside && path !== '' && path !== '.') || path.length > MAX_PATH || /[\\\u0000-\u001f]/.test(path))
    throw damaged(`it holds a file with the path ${JSON.stringify(name)}.`);
  return path;
}

/** Where a symbolic link leads. */
function resolved(path: string, target: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) throw damaged(`the link ${path} leads out of it.`);
    } else if (part !== '.') {
      parts.push(part);
    }
  }
  return safePath(parts.join('/'));
}

/** The stream itself, or what it inflates to if it begins as gzip does (RFC 1952). */
async function inflated(
  archive: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const reader = archive.getReader();
  const held: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < 2) {
    const { done, value } = await reader.read();
    if (done) break;
    held.push(value);
    bytes += value.length;
  }
  const [first = 0, second = 0] = held.flatMap((chunk) => [...chunk.subarray(0, 2)]);
  const again = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const chunk = held.shift() ?? (await reader.read()).value;
      if (chunk) controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return first === 0x1f && second === 0x8b ? again.pipeThrough(new DecompressionStream('gzip')) : again;
}
