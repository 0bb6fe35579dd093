/** Reads requests from a connection (HTTP/1.1, RFC 9112). */
import { bodyOf, type BodySource } from './body.ts';
import type { ByteReader } from './byte-reader.ts';
import { readHead } from './head.ts';
import { HttpError, type HttpRequest } from './message.ts';

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(\d)\.(\d)$/;

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
  const head = await readHead(reader, parseRequestLine);
  if (!head) return undefined;
  const { headers } = head;
  const { method, target, version } = head.line;
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

function parseRequestLine(line: string): { method: string; target: string; version: '1.0' | '1.1' } {
  const [, method, target, major, minor] = REQUEST_LINE.exec(line) ?? [];
  if (!method || !target) throw new HttpError(400, 'The first line is no HTTP request.');
  if (major !== '1') throw new HttpError(505, 'Only HTTP/1.1 is spoken here.');
  return { method, target, version: minor === '0' ? '1.0' : '1.1' };
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
