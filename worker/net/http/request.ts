/**
 * Reads requests from a connection (HTTP/1.1, RFC 9112). Strict where two readers could understand a message
 * differently: a length twice, a length beside chunks, white space before a colon, folded lines.
 */
import type { ByteReader } from './byte-reader.ts';
import { HttpError, type HttpRequest } from './message.ts';

/** Bytes of a request's line and headers: Engine and registry clients stay below 10 KiB, tokens included. */
const MAX_HEAD = 64 * 1024;

/** Bytes that a body's stream hands out at once. */
const MAX_CHUNK = 64 * 1024;

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(\d)\.(\d)$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/;

/** What a connection has to know of a request besides what its handler sees. */
export interface IncomingRequest {
  readonly request: HttpRequest;
  /** Whether another request may follow on the same connection. */
  readonly keepAlive: boolean;
  /** Reads what nobody has read of the body; resolves with whether that was all of it, within `limit` bytes. */
  drain(limit: number): Promise<boolean>;
}

/**
 * The next request; `undefined` when the client has sent its last. `onContinue` is called when somebody wants a body that
 * the client only sends after "100 Continue".
 * @throws HttpError for what is no request
 */
export async function readRequest(
  reader: ByteReader,
  onContinue: () => Promise<void>,
): Promise<IncomingRequest | undefined> {
  const head = await readHead(reader);
  if (!head) return undefined;
  const { method, target, version, headers } = head;
  const hosts = headers.get('host');
  if (hosts === null && version === '1.1') throw new HttpError(400, 'The request names no host.');
  const url = absoluteUrl(target, hosts ?? 'localhost');
  const source = bodyOf(headers, reader);
  const expectation = headers.get('expect')?.toLowerCase();
  if (expectation !== undefined && expectation !== '100-continue') {
    throw new HttpError(417, `"${expectation}" cannot be expected of this server.`);
  }
  const body = source && streamOf(source, expectation ? onContinue : undefined);
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  return {
    request: { method, url, headers, body: body?.stream ?? null },
    keepAlive: version === '1.1' ? !connection.includes('close') : connection.includes('keep-alive'),
    drain: async (limit) => (body ? body.drain(limit) : true),
  };
}

interface Head {
  method: string;
  target: string;
  version: '1.0' | '1.1';
  headers: Headers;
}

async function readHead(reader: ByteReader): Promise<Head | undefined> {
  let left = MAX_HEAD;
  const nextLine = async (): Promise<string | undefined> => {
    try {
      const line = await reader.line(left);
      left -= (line?.length ?? 0) + 2;
      return line;
    } catch (error) {
      if (error instanceof RangeError) {
        throw new HttpError(431, `The head of the request is larger than ${MAX_HEAD} bytes.`);
      }
      throw error;
    }
  };
  // RFC 9112 section 2.2: an empty line before a request is ignored.
  let line = await nextLine();
  if (line === '') line = await nextLine();
  if (line === undefined) return undefined;
  const [, method, target, major, minor] = REQUEST_LINE.exec(line) ?? [];
  if (!method || !target) throw new HttpError(400, 'The first line is no HTTP request.');
  if (major !== '1') throw new HttpError(505, 'Only HTTP/1.1 is spoken here.');
  const headers = new Headers();
  for (line = await nextLine(); line !== ''; line = await nextLine()) {
    const [, name, value] = HEADER_LINE.exec(line ?? '') ?? [];
    if (!name || value === undefined) throw new HttpError(400, 'A header cannot be read.');
    const once = /^(?:host|content-length|transfer-encoding)$/i.test(name);
    if (once && headers.has(name)) throw new HttpError(400, `${name} stands there twice.`);
    try {
      headers.append(name, value);
    } catch {
      throw new HttpError(400, `${name} cannot be read.`);
    }
  }
  return { method, target, version: minor === '0' ? '1.0' : '1.1', headers };
}

function absoluteUrl(target: string, host: string): string {
  try {
    const url = new URL(target.startsWith('/') ? `http://${host}${target}` : target);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.href;
  } catch {
    // Not an address at all: answered like one that is not HTTP's.
  }
  throw new HttpError(400, `"${target}" on "${host}" is not an address.`);
}

/** Gives the next bytes of a body; `undefined` after the last. */
type BodySource = () => Promise<Uint8Array<ArrayBuffer> | undefined>;

function bodyOf(headers: Headers, reader: ByteReader): BodySource | undefined {
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  const length = headers.get('content-length');
  if (coding !== undefined) {
    if (length !== null) throw new HttpError(400, 'A body has a length or comes in chunks, not both.');
    if (coding !== 'chunked') throw new HttpError(501, `The transfer coding "${coding}" is not known here.`);
    return chunked(reader);
  }
  if (length === null || length === '0') return undefined;
  if (!/^\d{1,15}$/.test(length)) throw new HttpError(400, 'Content-Length is no number.');
  return counted(reader, Number(length));
}

function counted(reader: ByteReader, length: number): BodySource {
  let left = length;
  return async () => {
    if (left === 0) return undefined;
    const bytes = await reader.take(Math.min(left, MAX_CHUNK));
    if (!bytes) throw new HttpError(400, 'The connection ended within a body.');
    left -= bytes.length;
    return bytes;
  };
}

/** RFC 9112 section 7.1. Extensions and trailers are read over. */
function chunked(reader: ByteReader): BodySource {
  let left = 0;
  let phase: 'first' | 'later' | 'ended' = 'first';
  const line = async (): Promise<string> => {
    const text = await reader.line(MAX_HEAD).catch(() => undefined);
    if (text === undefined) throw new HttpError(400, 'The connection ended within a chunk.');
    return text;
  };
  return async () => {
    if (phase === 'ended') return undefined;
    if (left === 0) {
      if (phase === 'later' && (await line()) !== '') throw new HttpError(400, 'A chunk is too long.');
      phase = 'later';
      const size = CHUNK_SIZE.exec(await line())?.[1];
      if (size === undefined) throw new HttpError(400, 'The size of a chunk cannot be read.');
      left = Number.parseInt(size, 16);
      if (left === 0) {
        while ((await line()) !== '');
        phase = 'ended';
        return undefined;
      }
    }
    const bytes = await reader.take(Math.min(left, MAX_CHUNK));
    if (!bytes) throw new HttpError(400, 'The connection ended within a chunk.');
    left -= bytes.length;
    return bytes;
  };
}

interface Body {
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  drain: IncomingRequest['drain'];
}

/** A body for its reader: only what is read is taken from the connection, so that a slow reader slows the client. */
function streamOf(source: BodySource, onContinue?: () => Promise<void>): Body {
  let begun = onContinue === undefined;
  let ended = false;
  let reading = Promise.resolve();
  const next: BodySource = async () => {
    if (!begun) {
      begun = true;
      await onContinue?.();
    }
    const bytes = await source();
    ended = bytes === undefined;
    return bytes;
  };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: (controller) =>
        (reading = next().then((bytes) => {
          if (bytes) controller.enqueue(bytes);
          else controller.close();
        })),
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    async drain(limit) {
      await reading;
      // A client that was never told to continue may send its body or not: nobody can tell what comes next.
      if (!begun) return false;
      for (let left = limit; !ended && left > 0;)
        left -= (await source().then((bytes) => ((ended = !bytes), bytes)))?.length ?? 0;
      return ended;
    },
  };
}
