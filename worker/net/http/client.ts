/**
 * An HTTP client on a TCP connection of the gateway (HTTP/1.1, RFC 9112): one request after another. What answers is a
 * program in the machine, which may be anything: an answer that cannot be read breaks the connection.
 */
import { asDrydockError, DrydockError } from '../../error.ts';
import type { TcpConnection } from '../tcp-connection.ts';
import { bodyOf, untilEnd, type BodySource } from './body.ts';
import { ByteReader } from './byte-reader.ts';
import { readHead, type Head } from './head.ts';
import { encodeLatin1 } from './latin1.ts';
import { HttpError } from './message.ts';

export interface ClientRequest {
  /** In capitals. */
  method: string;
  /** Path and query. */
  target: string;
  /** Host is among them; what says how long the body is need not be. */
  headers: readonly (readonly [name: string, value: string])[];
  body?: Uint8Array | undefined;
  /** Gives up: breaks the connection off once the request is being sent, also while the body of the answer is read. */
  signal?: AbortSignal | undefined;
}

export interface ClientResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The values of Set-Cookie. */
  readonly cookies: readonly string[];
  /** Bytes as they arrive; `null` where the answer has none. Whoever cancels it breaks the connection off. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

const STATUS_LINE = /^HTTP\/1\.(\d) (\d{3})(?: (.*))?$/;

interface Status {
  version: '1.0' | '1.1';
  status: number;
  statusText: string;
}

export class HttpClient {
  readonly #connection: TcpConnection;
  readonly #reader: ByteReader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Resolves when the last answer has been read. */
  #turn: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'last-answer' | 'closed' = 'open';
  /** Resolves when the connection has ended, in whatever way. */
  readonly ended: Promise<void>;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection.readable);
    this.#writer = connection.writable.getWriter();
    this.#writer.closed.catch(() => undefined);
    const close = (): void => {
      this.#state = 'closed';
    };
    this.ended = connection.closed.then(close, close);
  }

  /** Whether another request can be sent. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /**
   * Sends a request when the answer to the one before has been read, and resolves when its answer begins.
   * @throws DrydockError `network-failed` when the connection breaks, or what comes is no answer
   */
  async request(request: ClientRequest): Promise<ClientResponse> {
    const before = this.#turn;
    let finish: () => void = () => undefined;
    this.#turn = new Promise<void>((resolve) => (finish = resolve));
    try {
      await unlessAborted(before, request.signal);
      if (!this.isOpen) throw new DrydockError('network-failed', 'The connection has ended.');
    } catch (thrown) {
      void before.then(finish);
      throw asDrydockError(thrown, 'network-failed', 'The request was given up.');
    }
    const abort = (): void => {
      this.abort(request.signal?.reason);
    };
    request.signal?.addEventListener('abort', abort);
    const done = (): void => {
      request.signal?.removeEventListener('abort', abort);
      if (this.#state === 'last-answer') this.close();
      else if (this.isOpen) void this.#watchEnd();
      finish();
    };
    try {
      // A server may answer, and end the connection, before it has read all of a body.
      const written = this.#write(request);
      written.catch(() => undefined);
      return await this.#read(request.method, done);
    } catch (thrown) {
      this.abort(thrown);
      done();
      throw asDrydockError(thrown, 'network-failed', 'The answer could not be read.');
    }
  }

  /** Ends the connection in good order. */
  close(): void {
    this.#state = 'closed';
    this.#connection.close();
  }

  /** Breaks the connection off, and whatever is under way on it. */
  abort(reason?: unknown): void {
    this.#state = 'closed';
    this.#connection.abort(reason);
  }

  /** Ends an idle connection when the server does. */
  async #watchEnd(): Promise<void> {
    if (await this.#reader.atEnd().catch(() => false)) this.close();
  }

  async #write({ method, target, headers, body }: ClientRequest): Promise<void> {
    const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
    const measured = headers.some(([name]) => /^content-length$/i.test(name));
    if (!measured && (body || !/^(?:GET|HEAD|DELETE|OPTIONS)$/.test(method)))
      lines.push(`Content-Length: ${body?.length ?? 0}`);
    const head = encodeLatin1(`${lines.join('\r\n')}\r\n\r\n`);
    await this.#writer.write(head);
    if (body && body.length > 0) await this.#writer.write(body);
  }

  async #read(method: string, done: () => void): Promise<ClientResponse> {
    let head: Head<Status> | undefined;
    do {
      head = await readHead(this.#reader, parseStatusLine);
      if (!head) throw new DrydockError('network-failed', 'The connection ended before an answer came.');
    } while (head.line.status < 200);
    const { headers, cookies } = head;
    const { version, status, statusText } = head.line;
    const isEmpty = method === 'HEAD' || status === 204 || status === 304;
    const isMeasured = headers.has('transfer-encoding') || headers.has('content-length');
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    const keepsAlive = version === '1.1' ? !connection.includes('close') : connection.includes('keep-alive');
    if (!keepsAlive || (!isEmpty && !isMeasured)) this.#state = 'last-answer';
    const source = isEmpty ? undefined : isMeasured ? bodyOf(headers, this.#reader) : untilEnd(this.#reader);
    if (!source) done();
    return {
      status,
      statusText,
      headers,
      cookies,
      body: source ? this.#streamOf(source, done) : null,
    };
  }

  #streamOf(source: BodySource, done: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          try {
            const bytes = await source();
            if (bytes) {
              controller.enqueue(bytes);
              return;
            }
            controller.close();
          } catch (thrown) {
            this.abort(thrown);
            controller.error(asDrydockError(thrown, 'network-failed', 'The answer broke off.'));
          }
          done();
        },
        cancel: (reason) => {
          this.abort(reason);
          done();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** Waits for `promise`, but no longer than until `signal` aborts. @throws its reason */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (onAbort = resolve));
  signal?.addEventListener('abort', onAbort);
  if (!signal?.aborted) await Promise.race([promise, aborted]);
  signal?.removeEventListener('abort', onAbort);
  signal?.throwIfAborted();
}

function parseStatusLine(line: string): Status {
  const [, minor, status, statusText = ''] = STATUS_LINE.exec(line) ?? [];
  if (!status) throw new HttpError(400, 'What answers there does not speak HTTP.');
  return { version: minor === '0' ? '1.0' : '1.1', status: Number(status), statusText };
}
