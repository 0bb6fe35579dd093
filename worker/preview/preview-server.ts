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
import type { Cookies } from './cookies.ts';
import { Places } from './places.ts';
import type { HeaderList, LoggedRequest, PreviewAnswer, PreviewFailure, PreviewMessage } from './protocol.ts';

/** Requests on their way at once; those beyond wait, as they do in a browser. */
const REQUESTS_AT_ONCE = 8;

/** Requests that wait; a page that asks for more has them refused. */
const REQUESTS_WAITING = 1000;

/** How long an answer may take to begin, in milliseconds, and how much longer for each byte that is sent. */
const ANSWER_MILLISECONDS = 120_000;
const MILLISECONDS_PER_BYTE = 0.01;

/** Bytes of all bodies that are being sent, or wait for it. */
const MAX_BODIES = 128 * 1024 * 1024;

/** The last status of HTTP (RFC 9110 section 15). */
const LAST_STATUS = 599;

const targetSchema = z.string().check(z.maxLength(16_384), z.regex(/^\/[\x21-\x7e]*$/));

const headerSchema = z.tuple([
  z.string().check(z.regex(/^[!#$%&'*+.^_`|~\w-]+$/)),
  // A byte a character, and none that ends a line.
  z.string().check(z.maxLength(16_384), z.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
]);

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('request'),
    id: z.int(),
    method: z.string().check(z.maxLength(40), z.regex(/^[!#$%&'*+.^_`|~\w-]+$/)),
    target: targetSchema,
    page: targetSchema,
    headers: z.array(headerSchema).check(z.maxLength(200)),
    body: z.optional(z.instanceof(ArrayBuffer)),
  }),
  z.object({ type: z.literal('more'), id: z.int() }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
  z.object({
    type: z.literal('cookie'),
    target: targetSchema,
    set: z.string().check(z.maxLength(8192)),
  }),
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

type Head = PreviewAnswer & { type: 'head' };

export interface PreviewTarget {
  /** The machine's port. */
  connect: (signal: AbortSignal) => Promise<TcpConnection>;
  /** What the reader calls it, `localhost:8080`. */
  host: string;
  cookies: Cookies;
}

/** A request on its way, or its answer. */
interface Exchange {
  readonly stop: AbortController;
  client: HttpClient | undefined;
  body: Body | undefined;
  /** Frees its place. */
  free: () => void;
}

export class PreviewServer {
  readonly #port: MessagePort;
  readonly #target: PreviewTarget;
  readonly #onRequest: (request: LoggedRequest) => void;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #places = new Places(REQUESTS_AT_ONCE, REQUESTS_WAITING);
  #bodyBytes = 0;

  /** @param onRequest told of each request when its answer begins, or does not come */
  constructor(port: MessagePort, target: PreviewTarget, onRequest: (request: LoggedRequest) => void) {
    this.#port = port;
    this.#target = target;
    this.#onRequest = onRequest;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = messageSchema.safeParse(data);
      if (message.success) this.#take(message.data);
      else this.#refuse(data);
    };
  }

  /** Ends everything under way. */
  close(): void {
    for (const id of [...this.#exchanges.keys()]) this.#cancel(id);
    this.#send({ type: 'closed' });
    this.#port.close();
  }

  #take(message: PreviewMessage): void {
    switch (message.type) {
      case 'request':
        if (!this.#exchanges.has(message.id)) void this.#answer(message);
        break;
      case 'more':
        this.#exchanges.get(message.id)?.body?.send();
        break;
      case 'cancel':
        this.#cancel(message.id);
        break;
      case 'cookie':
        this.#target.cookies.takeFromScript(message.set, message.target);
    }
  }

  /** Says that a message cannot be understood, where somebody waits for its answer. */
  #refuse(data: unknown): void {
    const { id } = (data ?? {}) as { id?: unknown };
    if (typeof id !== 'number' || !Number.isInteger(id) || this.#exchanges.has(id)) return;
    this.#send({ type: 'failure', id, reason: 'unreadable', message: 'The request cannot be understood.' });
  }

  async #answer(request: Request): Promise<void> {
    const { id, method, target, body } = request;
    const exchange: Exchange = {
      stop: new AbortController(),
      client: undefined,
      body: undefined,
      free: () => undefined,
    };
    this.#exchanges.set(id, exchange);
    const bytes = body?.byteLength ?? 0;
    this.#bodyBytes += bytes;
    const at = Date.now();
    const begun = performance.now();
    let outcome: { status: number | undefined } | undefined;
    try {
      if (this.#bodyBytes > MAX_BODIES)
        throw new DrydockError(
          'network-failed',
          `More than ${MAX_BODIES / 2 ** 20} MB cannot be sent at once.`,
        );
      const deadline = ANSWER_MILLISECONDS + bytes * MILLISECONDS_PER_BYTE;
      const response = await within(deadline, `${method} ${target}`, exchange.stop.signal, async (signal) => {
        exchange.free = await this.#places.take(signal);
        outcome = { status: undefined };
        const connection = await this.#target.connect(signal).catch(refused);
        exchange.client = new HttpClient(connection);
        const headers = this.#headersOf(request);
        return exchange.client.request({
          method,
          target,
          headers,
          body: body && new Uint8Array(body),
          signal,
        });
      });
      const { status, statusText, headers } = this.#headOf(response);
      const content = response.body && decoded(response.body, response.headers.get('content-encoding'));
      outcome = { status: response.status };
      this.#target.cookies.take(response.cookies, target);
      const visible = this.#target.cookies.visible(request.page);
      const hasBody = content !== null;
      this.#send({ type: 'head', id, status, statusText, headers, cookies: visible, hasBody });
      if (!content) this.#finish(id);
      else
        exchange.body = new Body(content, (message) => {
          if (message.type !== 'bytes') this.#finish(id);
          this.#send({ ...message, id });
        });
    } catch (thrown) {
      const isWanted = !exchange.stop.signal.aborted;
      exchange.client?.abort(thrown);
      this.#finish(id);
      if (isWanted) this.#send({ id, ...failure(thrown) });
      else outcome = undefined;
    }
    this.#bodyBytes -= bytes;
    if (outcome)
      this.#onRequest({
        method,
        target,
        status: outcome.status,
        milliseconds: performance.now() - begun,
        at,
      });
  }

  /** Forgets an exchange that is over, and ends its connection: a server may leave that to us. */
  #finish(id: number): void {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    exchange?.client?.close();
    exchange?.free();
  }

  #cancel(id: number): void {
    const exchange = this.#exchanges.get(id);
    if (!exchange) return;
    const reason = new DrydockError('network-failed', 'Nobody reads on.');
    exchange.stop.abort(reason);
    exchange.client?.abort(reason);
    this.#finish(id);
  }

  #headersOf({ method, target, headers }: Request): HeaderList {
    const { host, cookies } = this.#target;
    const all = cookies.header(target);
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

  /** @throws DrydockError `network-failed` for what a browser could not be given */
  #headOf({ status, statusText, headers }: ClientResponse): Pick<Head, 'status' | 'statusText' | 'headers'> {
    if (status > LAST_STATUS) throw new DrydockError('network-failed', `${status} is no status of HTTP.`);
    const list: HeaderList = [];
    headers.forEach((value, name) => {
      const isOther = name === 'content-length' && headers.has('content-encoding');
      if (!KEPT_BACK.has(name) && !isOther)
        list.push([name, name === 'content-security-policy' ? inFrame(value) : value]);
    });
    // Such a text may have what a browser's Response refuses.
    const text = statusText.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
    return { status, statusText: text, headers: list };
  }

  #send(answer: PreviewAnswer): void {
    this.#port.postMessage(answer, answer.type === 'bytes' ? [answer.bytes.buffer] : []);
  }
}

/** Policies (several are joined by commas) that do not keep their page out of a frame, and do not ask for HTTPS. */
function inFrame(policies: string): string {
  const isKept = (directive: string): boolean =>
    !/^\s*(?:frame-ancestors|upgrade-insecure-requests|sandbox)\b/i.test(directive);
  return policies
    .split(',')
    .map((policy) => policy.split(';').filter(isKept).join(';'))
    .join(',');
}

/** A body as a browser sees it. What was asked for is not encoded; files that are stored compressed may come so all the same. */
function decoded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  header: string | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoding = header?.trim().toLowerCase().replace(/^x-/, '') ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
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

/** Sends a body, a piece when it is asked for one. */
class Body {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #send: (message: BodyMessage) => void;
  #state: 'waiting' | 'reading' = 'waiting';

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, send: (message: BodyMessage) => void) {
    this.#reader = body.getReader();
    this.#send = send;
  }

  send(): void {
    if (this.#state === 'reading') return;
    this.#state = 'reading';
    this.#reader.read().then(
      ({ done, value }) => {
        this.#state = 'waiting';
        this.#send(done ? { type: 'end' } : { type: 'bytes', bytes: value.slice() });
      },
      (thrown: unknown) => {
        this.#send(failure(thrown));
      },
    );
  }
}
