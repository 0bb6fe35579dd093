/**
 * Where a release is read from. The machine sees only the `ReleaseSource` interface; the browser and
 * Node have their own (`RemoteSource`, behind which another worker has an `HttpSource`; `FolderSource`).
 */
import { within } from '../deadline.ts';
import { DrydockError } from '../error.ts';
import { sha256 } from './digest.ts';
import type { ReleaseFile } from '../release-file.ts';

/** How long a server may send nothing before the download is given up, in milliseconds: a dead connection never ends. */
const SILENCE_MILLISECONDS = 30_000;

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes that have arrived so far. */
  onProgress?: ((bytes: number) => void) | undefined;
  /** Called with the bytes themselves as they arrive, before anybody knows whether they are the right ones; not to be changed. */
  onChunk?: ((chunk: Uint8Array<ArrayBuffer>) => void) | undefined;
  /**
   * `no-cache` asks the server whether its file is still the one in the cache (the manifest, the only
   * file that changes); `reload` distrusts the cache altogether (a file that was damaged).
   */
  cache?: 'no-cache' | 'reload' | undefined;
  /** What the file must be; see `verify`. */
  expected?: ExpectedFile | undefined;
}

/** What proves a file: its SHA-256 in hex, or the first half of that, as chunks of the disk have it. */
export interface ExpectedFile {
  bytes?: number | undefined;
  sha256: string;
}

/** Files of a release. */
export interface FileSource {
  /**
   * Reads a whole file of the release.
   * @throws DrydockError `download-failed` with `path` and, where there was one, HTTP `status`; `damaged-file`
   * when it is not what was expected
   */
  read(path: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ReleaseSource extends FileSource {
  /**
   * Compiles a WebAssembly module of the release.
   * @throws like `readVerified`
   */
  compile(file: ReleaseFile, options?: Pick<ReadOptions, 'signal'>): Promise<WebAssembly.Module>;
}

/**
 * Reads a file that the manifest names and proves that it is the one that was published.
 * @throws DrydockError `download-failed`, `damaged-file`
 */
export function readVerified(
  source: FileSource,
  file: ReleaseFile,
  options?: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return source.read(file.path, { ...options, expected: file });
}

/**
 * Proves that `bytes`, read from `path`, are the expected ones, if any are.
 * @throws DrydockError `damaged-file` when size or hash differ
 */
export async function verify(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  expected: ReadOptions['expected'],
): Promise<Uint8Array<ArrayBuffer>> {
  if (!expected) return bytes;
  const length = expected.bytes ?? bytes.length;
  if (bytes.length === length && (await sha256(bytes)).startsWith(expected.sha256)) return bytes;
  throw new DrydockError(
    'damaged-file',
    `${path} arrived damaged: ${bytes.length} of ${length} bytes, or other bytes than were published.`,
    { path },
  );
}

/** A release served over HTTP, under `base` (an absolute URL that ends in `/`). */
export class HttpSource implements ReleaseSource {
  constructor(
    private readonly base: string,
    private readonly request: typeof fetch = (...parameters) => fetch(...parameters),
  ) {}

  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await within(SILENCE_MILLISECONDS, path, options.signal, (signal, renew) =>
      this.#download(path, { ...options, signal }, renew).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw error;
      }),
    );
    return verify(path, bytes, options.expected);
  }

  /** @param heard is called whenever something has arrived */
  async #download(
    path: string,
    { signal, onProgress, onChunk, cache, expected }: ReadOptions,
    heard: () => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const url = new URL(path, this.base);
    let response: Response;
    try {
      response = await this.request(url, { signal: signal ?? null, cache: cache ?? 'default' });
    } catch (cause) {
      throw new DrydockError(
        'download-failed',
        `${path} could not be fetched: no connection to ${url.host}.`,
        { path },
        { cause },
      );
    }
    if (!response.ok) {
      throw new DrydockError(
        'download-failed',
        `${path} could not be fetched: the server answered ${response.status}.`,
        {
          path,
          status: response.status,
        },
      );
    }
    try {
      return await collect(response, expected?.bytes ?? 0, (bytes, chunk) => {
        heard();
        onProgress?.(bytes);
        onChunk?.(chunk);
      });
    } catch (cause) {
      throw new DrydockError(
        'download-failed',
        `The connection broke while ${path} was being fetched.`,
        { path },
        { cause },
      );
    }
  }

  /**
   * Compiles a module in such a way that the browser keeps what it has optimised of it for the next visit: it does so
   * only for what it compiled straight from a response. Where that fails, the file is read from `fallback`.
   */
  async compile(
    file: ReleaseFile,
    options: Pick<ReadOptions, 'signal'> = {},
    fallback: FileSource = this,
  ): Promise<WebAssembly.Module> {
    try {
      const url = new URL(file.path, this.base);
      const signal = options.signal ?? null;
      return await WebAssembly.compileStreaming(
        this.request(url, { signal, integrity: integrityOf(file.sha256) }),
      );
    } catch {
      options.signal?.throwIfAborted();
      // No connection, damaged, or from a server that does not call it application/wasm: reading it tells which.
      return compileBytes(fallback, file, options);
    }
  }
}

/** A hash in the form of Subresource Integrity. */
function integrityOf(sha256: string): string {
  const bytes = sha256.match(/../g)?.map((hex) => Number.parseInt(hex, 16)) ?? [];
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}

/** Reads a module and compiles it. */
export async function compileBytes(
  source: FileSource,
  file: ReleaseFile,
  options?: Pick<ReadOptions, 'signal'>,
): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readVerified(source, file, options));
}

/** The body of a response; memory for `expected` bytes is asked for once. */
async function collect(
  response: Response,
  expected: number,
  onChunk: (bytes: number, chunk: Uint8Array<ArrayBuffer>) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  let whole = new Uint8Array(expected);
  let length = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > whole.length) {
      const larger = new Uint8Array(Math.max(2 * whole.length, length + value.length));
      larger.set(whole);
      whole = larger;
    }
    whole.set(value, length);
    length += value.length;
    onChunk(length, value);
  }
  return length === whole.length ? whole : whole.slice(0, length);
}
