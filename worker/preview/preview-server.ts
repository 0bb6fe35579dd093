/**
 * Answers what a preview asks for: takes requests from a port that leads to the preview's origin, makes each over a
 * connection of its own to one port of one machine, and sends back what comes. The other side is untrusted: it can ask
 * for nothing but that one port, and only for so much at once.
 *
 * A browser does not let a service worker see or set all of what belongs to a request. So here the request is made to
 * look as if the browser had gone to the machine itself: its Host, its Origin, its cookies.
 */
import { asDrydockError, DrydockError } from '../error.ts';
import { HttpClient, type ClientResponse } from '../net/http/client.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { within } from '../deadline.ts';
import { z } from '../schema.ts';
import { HiddenCookies } from './hidden-cookies.ts';
import type { HeaderList, LoggedRequest, PreviewAnswer, PreviewFailure, PreviewMessage } from './protocol.ts';

/** Requests on their way at once; those beyond wait, as they do in a browser. */
const REQUESTS_AT_ONCE = 8;

/** Requests that wait; a page that asks for more has them refused. */
const REQUESTS_WAITING = 1000;

/** How long an answer may take to begin, in milliseconds. */
const ANSWER_MILLISECONDS = 120_000;

const MAX_BODY = 64 * 1024 * 1024;

const headerSchema = z.tuple([
  z.string().check(z.regex(/^[!#$%&'*+.^_`|~\w-]+$/)),
  // A byte a character, and none that ends a line.
  z.string().check(z.maxLength(16_384), z.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
]);

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('request'),
    id: z.int(),
    method: z.string().check(z.regex(/^[A-Z]{1,20}$/)),
    target: z.string().check(z.maxLength(16_384), z.regex(/^\/[\x21-\x7e]*$/)),
    headers: z.array(headerSchema).check(z.maxLength(200)),
    cookies: z.optional(z.string().check(z.maxLength(16_384), z.regex(/^[\t\x20-\x7e\x80-\xff]*$/))),
    body: z.optional(z.instanceof(ArrayBuffer)),
  }),
  z.object({ type: z.literal('more'), id: z.int() }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
]);

/** Headers of the connection, not of the message (RFC 9110 section 7.6.1), and those that are ours to set. */
const OURS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Headers of answers that do not reach the browser: those of the connection; those that would keep the page out of the
 * frame that it is shown in; those that speak of the browser's origin, which is another; and cookies, which go their own way.
 */
const KEPT_BACK = new Set([
  'clear-site-data',
  'connection',
  'content-encoding',
  'keep-alive',
  'set-cookie',
  'strict-transport-security',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-frame-options',
]);

type Request = PreviewMessage & { type: 'request' };

export interface PreviewTarget {
  /** The machine's port. */
  connect: (signal: AbortSignal) => Promise<TcpConnection>;
  /** What the reader calls it, `localhost:8080`. */
  host: string;
}

export class PreviewServer {
  readonly #port: MessagePort;
  readonly #target: PreviewTarget;
  readonly #onRequest: (request: LoggedRequest) => void;
  readonly #cookies = new HiddenCookies();
  readonly #end = new AbortController();
  readonly #answers = new Map<number, { stop: AbortController; body: Body | undefined }>();
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  /** @param onRequest told of each request when its answer begins, or does not come */
  constructor(port: MessagePort, target: PreviewTarget, onRequest: (request: LoggedRequest) => void) {
    this.#port = port;
    this.#target = target;
    this.#onRequest = onRequest;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = messageSchema.safeParse(data);
      if (message.success) this.#take(message.data);
    };
  }

  close(): void {
    this.#end.abort(new DrydockError('wrong-state', 'The preview was closed.'));
    for (const { stop } of this.#answers.values()) stop.abort(this.#end.signal.reason);
    this.#port.close();
  }

  #take(message: PreviewMessage): void {
    if (message.type === 'request') {
      if (this.#answers.has(message.id)) return;
      void this.#answer(message);
    } else if (message.type === 'more') void this.#answers.get(message.id)?.body?.send();
    else this.#answers.get(message.id)?.stop.abort(new DrydockError('network-failed', 'Nobody reads on.'));
  }

  async #answer(request: Request): Promise<void> {
    const { id, method, target } = request;
    const answer = { stop: new AbortController(), body: undefined as Body | undefined };
    this.#answers.set(id, answer);
    const at = Date.now();
    const begun = performance.now();
    const log = (status: number | undefined): void => {
      this.#onRequest({ method, target, status, milliseconds: performance.now() - begun, at });
    };
    const finish = (): void => {
      this.#answers.delete(id);
    };
    try {
      const { client, response } = await this.#fetch(request, answer.stop.signal);
      log(response.status);
      const headers = this.#headersFor(response);
      const { body } = response;
      this.#send({
        type: 'head',
        id,
        status: response.status,
        statusText: response.statusText,
        headers,
        cookies: this.#cookies.take(response.cookies, target, request.cookies !== undefined),
        hasBody: body !== null,
      });
      if (!body) {
        client.close();
        finish();
        return;
      }
      answer.body = new Body(decoded(body, response.headers.get('content-encoding')), (message) => {
        if (message.type !== 'bytes') finish();
        this.#send({ ...message, id });
      });
    } catch (thrown) {
      finish();
      if (answer.stop.signal.aborted) return;
      log(undefined);
      this.#send({ id, ...failure(thrown) });
    }
  }

  /** Makes a request when there are not too many on their way. Its place is free again when its connection has ended. */
  async #fetch(
    { method, target, headers, cookies, body }: Request,
    stop: AbortSignal,
  ): Promise<{ client: HttpClient; response: ClientResponse }> {
    if (body && body.byteLength > MAX_BODY)
      throw new DrydockError('network-failed', `More than ${MAX_BODY / 2 ** 20} MB cannot be sent at once.`);
    await this.#place();
    let connection: TcpConnection | undefined;
    try {
      return await within(ANSWER_MILLISECONDS, `${method} ${target}`, stop, async (signal) => {
        connection = await this.#target.connect(signal).catch(refused);
        connection.closed.then(this.#free, this.#free);
        stop.addEventListener('abort', () => connection?.abort(stop.reason));
        const client = new HttpClient(connection);
        const response = await client.request({
          method,
          target,
          headers: this.#headersOf({ method, target, headers, cookies }),
          body: body && new Uint8Array(body),
          signal,
        });
        return { client, response };
      });
    } catch (error) {
      if (!connection) this.#free();
      throw error;
    }
  }

  async #place(): Promise<void> {
    if (this.#waiting.length >= REQUESTS_WAITING)
      throw new DrydockError('network-failed', 'The page asks for too much at once.');
    if (this.#underWay >= REQUESTS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#underWay++;
  }

  readonly #free = (): void => {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#underWay--;
  };

  #headersOf({
    method,
    target,
    headers,
    cookies,
  }: Pick<Request, 'method' | 'target' | 'headers' | 'cookies'>): HeaderList {
    const { host } = this.#target;
    const all = [cookies, this.#cookies.header(target)].filter((value) => value).join('; ');
    return [
      ['Host', host],
      ...headers.filter(([name]) => !OURS.has(name.toLowerCase())),
      ...(method === 'GET' || method === 'HEAD'
        ? []
        : [['Origin', `http://${host}`] satisfies HeaderList[0]]),
      ...(all ? [['Cookie', all] satisfies HeaderList[0]] : []),
      ['Accept-Encoding', 'identity'],
      ['Connection', 'close'],
    ];
  }

  #headersFor({ headers }: ClientResponse): HeaderList {
    const list: HeaderList = [];
    headers.forEach((value, name) => {
      if (!KEPT_BACK.has(name))
        list.push([name, name === 'content-security-policy' ? inFrame(value) : value]);
    });
    return list.filter(([name]) => name !== 'content-length' || !headers.has('content-encoding'));
  }

  #send(answer: PreviewAnswer): void {
    this.#port.postMessage(answer, answer.type === 'bytes' ? [answer.bytes.buffer] : []);
  }
}

/** A policy that does not keep its page out of a frame, and does not ask for HTTPS. */
function inFrame(policy: string): string {
  return policy
    .split(';')
    .filter((directive) => !/^\s*(?:frame-ancestors|upgrade-insecure-requests|sandbox)\b/i.test(directive))
    .join(';');
}

/** A body as a browser sees it. What was asked for is not encoded; files that are stored compressed may come so all the same. */
function decoded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  encoding: string | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (encoding === null || encoding === 'identity') return body;
  if (encoding === 'gzip' || encoding === 'deflate')
    return body.pipeThrough<Uint8Array<ArrayBuffer>>(new DecompressionStream(encoding));
  throw new DrydockError(
    'network-failed',
    `The answer is encoded as "${encoding}", which was not asked for.`,
  );
}

/** Tells that no connection came about from one that broke. */
class Refused extends Error {
  override readonly name = 'Refused';
}

function refused(cause: unknown): never {
  const error = asDrydockError(cause, 'network-failed', 'There is no connection.');
  throw error.code === 'network-failed' ? new Refused(error.message, { cause }) : error;
}

function failure(thrown: unknown): BodyMessage & { type: 'failure' } {
  if (thrown instanceof Refused) return { type: 'failure', reason: 'refused', message: thrown.message };
  const { code, message } = asDrydockError(thrown, 'network-failed', 'The answer broke off.');
  const reason = code === 'timeout' ? 'timeout' : code === 'wrong-state' ? 'stopped' : 'unreadable';
  return { type: 'failure', reason, message };
}

type BodyMessage =
  | { type: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' }
  | { type: 'failure'; reason: PreviewFailure; message: string };

/** Sends a body, a piece each time that it is asked for more. */
class Body {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #send: (message: BodyMessage) => void;
  #asked = Promise.resolve();

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, send: (message: BodyMessage) => void) {
    this.#reader = body.getReader();
    this.#send = send;
  }

  send(): Promise<void> {
    return (this.#asked = this.#asked.then(async () => {
      try {
        const { done, value } = await this.#reader.read();
        this.#send(done ? { type: 'end' } : { type: 'bytes', bytes: value.slice() });
      } catch (thrown) {
        this.#send(failure(thrown));
      }
    }));
  }
}
