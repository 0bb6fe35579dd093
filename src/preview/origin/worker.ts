/**
 * The service worker of a preview's origin: whatever a page there asks for comes from one port of a machine. It is told
 * by the hidden page (`connector.ts`) which way that is; browsers end an idle service worker, so it asks again.
 */
import type { HeaderList, PreviewAnswer, PreviewMessage } from '../../../worker/preview/protocol.ts';
import { keepCookies, visibleCookies } from './cookies.ts';
import { errorPage, type PageError } from './error-page.ts';
import type { FromOrigin, ToWorker } from './messages.ts';
import { withScript } from './page-html.ts';
import { CONNECTOR, CONNECTOR_SCRIPT, OWN_CACHE, PAGE_SCRIPT } from './paths.ts';

/** What a service worker has that the types for pages do not know. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Client {
  readonly url: string;
  postMessage(message: FromOrigin): void;
}
interface ClientMessageEvent extends MessageEvent<ToWorker> {
  readonly source: MessagePort | null;
}
declare const self: {
  readonly location: Location;
  readonly navigator: Navigator;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Client[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: ClientMessageEvent) => void): void;
};

/** Our own files here, kept so that a preview opens without a network. */
const OWN_FILES = [CONNECTOR, CONNECTOR_SCRIPT, PAGE_SCRIPT];

/** How long the hidden page may take to bring a way to the machine, in milliseconds. */
const CONNECT_MILLISECONDS = 10_000;

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [101, 103, 204, 205, 304];

interface Way {
  port: MessagePort;
  /** What the machine's port may be called. */
  hosts: readonly string[];
}

interface Exchange {
  onHead: (head: PreviewAnswer & { type: 'head' }) => void;
  onFailure: (failure: PreviewAnswer & { type: 'failure' }) => void;
  body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
}

const exchanges = new Map<number, Exchange>();
let nextId = 1;
let way: Way | undefined;
const waiting = new Set<(way: Way) => void>();

self.addEventListener('install', (event) => {
  void self.skipWaiting();
  event.waitUntil(caches.open(OWN_CACHE).then((cache) => cache.addAll(OWN_FILES)));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('message', (event) => {
  const message = event.data;
  const [port] = event.ports;
  if (message.drydock !== 'port' || !port) return;
  for (const [id, { onFailure }] of exchanges)
    onFailure({ type: 'failure', id, reason: 'stopped', message: 'The preview was opened anew.' });
  way?.port.close();
  way = { port, hosts: message.hosts };
  port.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
    take(data);
  };
  for (const go of waiting) go(way);
  waiting.clear();
  event.source?.postMessage({ drydock: 'connected' } satisfies FromOrigin);
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const isOwn = url.origin === self.location.origin;
  if (isOwn && OWN_FILES.includes(url.pathname)) {
    event.respondWith(ownFile(event.request));
    return;
  }
  if (!isOwn && !isMachine(url)) return;
  event.respondWith(answer(event.request, url, isOwn));
});

/** From the network while there is one: it may be newer. */
async function ownFile(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { cacheName: OWN_CACHE })) ?? Response.error();
  }
}

/** Names under which a page means a machine. What else it asks for is the browser's to fetch. */
function isMachine({ hostname, protocol }: URL): boolean {
  return (
    protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\]|node[1-5]|192\.168\.86\.\d+)$/.test(hostname)
  );
}

async function answer(request: Request, url: URL, isOwn: boolean): Promise<Response> {
  const isPage = request.mode === 'navigate';
  const fail = (reason: PageError, message: string): Response =>
    isPage
      ? new Response(errorPage(reason, message), {
          status: 502,
          headers: { 'content-type': 'text/html; charset=utf-8', 'origin-agent-cluster': '?1' },
        })
      : new Response(message, { status: 502, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  const found = await findWay();
  if (!found) return fail('closed', 'The tab of the playground does not answer.');
  if (!isOwn && !found.hosts.includes(url.host))
    return fail('other', `${url.host} is another port: this preview shows ${found.hosts[0] ?? ''}.`);
  const body =
    request.method === 'GET' || request.method === 'HEAD' ? undefined : await request.arrayBuffer();
  const cookies = await visibleCookies(request.url);
  return new Promise((resolve) => {
    const id = nextId++;
    const exchange: Exchange = {
      onHead: (head) => void respond(id, exchange, head, isPage).then(resolve),
      onFailure: ({ reason, message }) => {
        exchanges.delete(id);
        exchange.body?.error(new TypeError(message));
        resolve(fail(reason, message));
      },
      body: undefined,
    };
    exchanges.set(id, exchange);
    request.signal.addEventListener('abort', () => {
      exchanges.delete(id);
      send(found, { type: 'cancel', id });
      resolve(Response.error());
    });
    send(
      found,
      {
        type: 'request',
        id,
        method: request.method,
        target: `${url.pathname}${url.search}`,
        headers: headersOf(request, found),
        cookies,
        body: body && body.byteLength > 0 ? body : undefined,
      },
      body && body.byteLength > 0 ? [body] : [],
    );
  });
}

function headersOf({ headers, referrer }: Request, { hosts }: Way): HeaderList {
  const list: HeaderList = [...headers];
  // The page's address, as the machine knows it.
  if (referrer.startsWith(self.location.origin))
    list.push(['Referer', `http://${hosts[0] ?? ''}${referrer.slice(self.location.origin.length)}`]);
  if (!headers.has('user-agent')) list.push(['User-Agent', self.navigator.userAgent]);
  if (!headers.has('accept-language')) list.push(['Accept-Language', self.navigator.languages.join(', ')]);
  return list;
}

function take(answer: PreviewAnswer): void {
  const exchange = exchanges.get(answer.id);
  if (!exchange) return;
  switch (answer.type) {
    case 'head':
      exchange.onHead(answer);
      break;
    case 'failure':
      exchange.onFailure(answer);
      break;
    case 'bytes':
      exchange.body?.enqueue(answer.bytes);
      break;
    case 'end':
      exchange.body?.close();
      exchanges.delete(answer.id);
  }
}

function send({ port }: Way, message: PreviewMessage, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}

/** The way to the machine; undefined when nobody knows one. */
async function findWay(): Promise<Way | undefined> {
  if (way) return way;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const connectors = pages.filter(({ url }) => new URL(url).pathname === CONNECTOR);
  if (connectors.length === 0) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      waiting.delete(go);
      resolve(undefined);
    }, CONNECT_MILLISECONDS);
    const go = (found: Way): void => {
      clearTimeout(timer);
      resolve(found);
    };
    waiting.add(go);
    for (const page of connectors) page.postMessage({ drydock: 'connect' } satisfies FromOrigin);
  });
}

async function respond(
  id: number,
  exchange: Exchange,
  { status, statusText, headers, cookies, hasBody }: PreviewAnswer & { type: 'head' },
  isPage: boolean,
): Promise<Response> {
  await keepCookies(cookies);
  let stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  if (hasBody) {
    const from = way;
    stream = new ReadableStream(
      {
        start: (controller) => {
          exchange.body = controller;
        },
        pull: () => {
          if (from) send(from, { type: 'more', id });
        },
        cancel: () => {
          exchanges.delete(id);
          if (from) send(from, { type: 'cancel', id });
        },
      },
      { highWaterMark: 0 },
    );
  } else exchanges.delete(id);
  const given = new Headers(headers);
  if (!isPage)
    return new Response(WITHOUT_BODY.includes(status) ? null : stream, {
      status,
      statusText,
      headers: given,
    });
  given.set('origin-agent-cluster', '?1');
  const isHtml = given.get('content-type')?.startsWith('text/html') ?? false;
  if (isHtml) given.delete('content-length');
  const shown = stream && isHtml ? withScript(stream, way?.hosts ?? []) : stream;
  return new Response(WITHOUT_BODY.includes(status) ? null : shown, { status, statusText, headers: given });
}
