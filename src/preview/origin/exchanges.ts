/** Requests that are on their way to a machine over one port, and their answers. */
import type {
  HeaderList,
  PreviewAnswer,
  PreviewFailure,
  PreviewMessage,
} from '../../../worker/preview/protocol.ts';
import { withinDeadline } from './deadline.ts';

/** How long an answer may take to begin, in milliseconds: longer than the machine's end waits. */
const ANSWER_MILLISECONDS = 180_000;

type Head = PreviewAnswer & { type: 'head' };

export type Sent =
  | (Omit<Head, 'id' | 'hasBody'> & { body: ReadableStream<Uint8Array<ArrayBuffer>> | null })
  | { type: 'failure'; reason: PreviewFailure | 'cancelled'; message: string };

interface Exchange {
  onHead: (head: Head) => void;
  onFailure: (failure: Sent & { type: 'failure' }) => void;
  body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
}

export class Exchanges {
  readonly #port: MessagePort;
  readonly #onEnd: () => void;
  readonly #all = new Map<number, Exchange>();
  #nextId = 1;
  #state: 'open' | 'ended' = 'open';

  /** @param onEnd called when nothing is answered on `port` any more */
  constructor(port: MessagePort, onEnd: () => void) {
    this.#port = port;
    this.#onEnd = onEnd;
    port.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
      this.#take(data);
    };
  }

  /**
   * Sends a request on; resolves when its answer begins, or when it is known that none comes.
   * @param page path of the page that asks for it
   * @param host what the machine's port is called
   */
  async request(
    request: Request,
    { target, page, host }: { target: string; page: string; host: string },
  ): Promise<Sent> {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const bytes = hasBody ? await request.arrayBuffer() : undefined;
    const body = bytes && bytes.byteLength > 0 ? bytes : undefined;
    if (this.#state === 'ended')
      return { type: 'failure', reason: 'stopped', message: 'It was opened anew.' };
    const id = this.#nextId++;
    const sent = new Promise<Sent>((resolve) => {
      const exchange: Exchange = {
        onHead: ({ id: _, hasBody: some, ...head }) => {
          if (!some) this.#all.delete(id);
          resolve({ ...head, body: some ? this.#bodyOf(id, exchange) : null });
        },
        onFailure: (failure) => {
          this.#all.delete(id);
          exchange.body?.error(new TypeError(failure.message));
          resolve(failure);
        },
        body: undefined,
      };
      this.#all.set(id, exchange);
      request.signal.addEventListener('abort', () => {
        this.#send({ type: 'cancel', id });
        exchange.onFailure({ type: 'failure', reason: 'cancelled', message: 'The page does not want it.' });
      });
    });
    const { method } = request;
    this.#send(
      { type: 'request', id, method, target, page, headers: headersOf(request, host), body },
      body ? [body] : [],
    );
    const answer = await withinDeadline(ANSWER_MILLISECONDS, sent);
    if (answer) return answer;
    this.#all.delete(id);
    this.#send({ type: 'cancel', id });
    return { type: 'failure', reason: 'timeout', message: 'The machine’s worker did not answer.' };
  }

  /** Has a cookie set that a script of the page at `target` sets. */
  setCookie(target: string, set: string): void {
    this.#send({ type: 'cookie', target, set });
  }

  /** Ends everything under way: there is another way. */
  end(message: string): void {
    for (const { onFailure } of [...this.#all.values()])
      onFailure({ type: 'failure', reason: 'stopped', message });
    this.#all.clear();
    this.#state = 'ended';
    this.#port.close();
    this.#onEnd();
  }

  #send(message: PreviewMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  #take(answer: PreviewAnswer): void {
    if (answer.type === 'closed') {
      this.end('The preview was closed.');
      return;
    }
    const exchange = this.#all.get(answer.id);
    if (!exchange) return;
    switch (answer.type) {
      case 'head':
        exchange.onHead(answer);
        break;
      case 'failure':
        exchange.onFailure({ type: 'failure', reason: answer.reason, message: answer.message });
        break;
      case 'bytes':
        exchange.body?.enqueue(answer.bytes);
        break;
      case 'end':
        exchange.body?.close();
        this.#all.delete(answer.id);
    }
  }

  #bodyOf(id: number, exchange: Exchange): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream(
      {
        start: (controller) => {
          exchange.body = controller;
        },
        pull: () => {
          this.#send({ type: 'more', id });
        },
        cancel: () => {
          this.#all.delete(id);
          this.#send({ type: 'cancel', id });
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** The headers of a request that a service worker sees, and those that say what the browser would have said itself. */
function headersOf({ headers, referrer }: Request, host: string): HeaderList {
  const list: HeaderList = [...headers];
  const { origin } = location;
  if (referrer.startsWith(`${origin}/`))
    list.push(['Referer', `http://${host}${referrer.slice(origin.length)}`]);
  if (!headers.has('user-agent')) list.push(['User-Agent', navigator.userAgent]);
  if (!headers.has('accept-language')) list.push(['Accept-Language', navigator.languages.join(', ')]);
  return list;
}
