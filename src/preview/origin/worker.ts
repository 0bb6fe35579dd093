/**
 * The service worker of a preview's origin: whatever a page there asks for comes from one port of a machine. It is told
 * by the hidden page (`connector.ts`) which way that is; browsers end an idle service worker, so it asks again. Where no
 * playground has that page open, the origin is nobody's, and the worker takes itself away.
 */
import { withinDeadline } from './deadline.ts';
import { errorPage, type PageError } from './error-page.ts';
import { Exchanges } from './exchanges.ts';
import type { FromOrigin, ToPage, ToWorker } from './messages.ts';
import { withScript } from './page-html.ts';
import { CONNECTOR } from './paths.ts';

/** What a service worker has that the types for pages do not know. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  readonly request: Request;
  readonly clientId: string;
  respondWith(response: Promise<Response> | Response): void;
}
interface Client {
  readonly url: string;
  postMessage(message: FromOrigin | ToPage): void;
}
interface ClientMessageEvent extends MessageEvent<ToWorker> {
  readonly source: (MessagePort & Client) | null;
  waitUntil(work: Promise<unknown>): void;
}
declare const self: {
  readonly location: Location;
  readonly navigator: Navigator;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    get(id: string): Promise<Client | undefined>;
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Client[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: ClientMessageEvent) => void): void;
};

/** Our own files here, by path: type and content. They are part of this program, so that a preview opens offline. */
declare const OWN_FILES: Record<string, [type: string, content: string]>;

/** How long the hidden page may take to bring a way to the machine, in milliseconds. */
const CONNECT_MILLISECONDS = 10_000;

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [204, 205, 304];

/** A program that has just been started does not listen yet: so often is it tried again, after so many seconds. */
const TRIES = 20;
const TRY_SECONDS = 2;

/** Pages of which it is remembered what they were told. */
const TOLD_PAGES = 100;

const REDIRECTS = [301, 302, 303, 307, 308];

/** A way to the machine. */
interface Way {
  exchanges: Exchanges;
  /** What the machine's port may be called; first, what its reader calls it. */
  hosts: readonly [string, ...string[]];
}

let way: Way | undefined;
/** Pages in a row that nothing answered, and when the last one was. */
let refusals = { count: 0, at: 0 };
/** What was told last, by the page's id. */
const toldCookies = new Map<string, string>();
let search: Promise<Way | undefined> | undefined;
let found: (way: Way) => void = () => undefined;

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('message', (event) => {
  const { data, source } = event;
  const [port] = event.ports;
  if (data.drydock === 'cookie') {
    const { path, set } = data;
    // At once where that can be, so that it goes before the page's next request.
    if (way) way.exchanges.setCookie(path, set);
    else event.waitUntil(findWay().then((open) => open?.exchanges.setCookie(path, set)));
  }
  if (data.drydock === 'end') way?.exchanges.end('The machine has failed.');
  if (data.drydock !== 'port' || !port || !source || new URL(source.url).pathname !== CONNECTOR) return;
  const [first, ...others] = data.hosts;
  if (first === undefined) return;
  void (async () => {
    // A tab that shows pages of another machine's port would have the way to this one.
    if (data.fresh && (await windows()).some(({ url }) => new URL(url).pathname !== CONNECTOR)) {
      source.postMessage({ drydock: 'occupied' });
      return;
    }
    way?.exchanges.end('The preview was opened anew.');
    const opened: Way = {
      exchanges: new Exchanges(port, () => {
        if (way === opened) way = undefined;
      }),
      hosts: [first, ...others],
    };
    way = opened;
    found(opened);
    source.postMessage({ drydock: 'connected' });
  })();
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const isOwn = url.origin === self.location.origin;
  const own = isOwn ? OWN_FILES[url.pathname] : undefined;
  if (own)
    event.respondWith(
      new Response(own[1], { headers: { 'content-type': own[0], 'origin-agent-cluster': '?1' } }),
    );
  else if (isOwn || isMachine(url)) event.respondWith(answer(event, url, isOwn));
});

/** Names under which a page means a machine. What else it asks for is the browser's to fetch. */
function isMachine({ hostname, protocol }: URL): boolean {
  return (
    protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\]|node[1-5]|192\.168\.86\.\d+)$/.test(hostname)
  );
}

const windows = (): Promise<readonly Client[]> =>
  self.clients.matchAll({ type: 'window', includeUncontrolled: true });

const connectors = async (): Promise<readonly Client[]> =>
  (await windows()).filter(({ url }) => new URL(url).pathname === CONNECTOR);

/** The way to the machine; undefined when nobody knows one. */
async function findWay(): Promise<Way | undefined> {
  const pages = await connectors();
  if (pages.length === 0) return undefined;
  if (way) return way;
  search ??= withinDeadline(
    CONNECT_MILLISECONDS,
    new Promise<Way>((resolve) => {
      found = resolve;
      for (const page of pages) page.postMessage({ drydock: 'connect' });
    }),
  ).finally(() => (search = undefined));
  return search;
}

async function answer({ request, clientId }: FetchEvent, url: URL, isOwn: boolean): Promise<Response> {
  const isPage = request.mode === 'navigate';
  const fail = (reason: PageError, message: string): Response =>
    isPage ? pageOf(errorPage(reason, message)) : textOf(message);
  let open = await findWay();
  if (!open) {
    // Whoever has this port of the host now shall be seen.
    if ((await connectors()).length === 0) {
      await self.registration.unregister();
      return fetch(request);
    }
    return fail('closed', 'The tab of the playground does not answer.');
  }
  const { hosts } = open;
  if (!isOwn && !hosts.includes(url.host))
    return fail('other', `${url.host} is another port: this preview shows ${hosts[0]}.`);
  const target = `${url.pathname}${url.search}`;
  const page = pathOf(await self.clients.get(clientId)) ?? target;
  let sent = await open.exchanges.request(request, { target, page, host: hosts[0] });
  if (sent.type === 'failure' && sent.reason === 'stopped' && request.method === 'GET') {
    // Its way was replaced by another while it was on it.
    open = await findWay();
    if (open) sent = await open.exchanges.request(request, { target, page, host: hosts[0] });
  }
  if (sent.type === 'failure') {
    if (isPage) await tellPage(request, target);
    if (sent.reason === 'cancelled') return Response.error();
    const isTried = isPage && request.method === 'GET' && sent.reason === 'refused';
    // One that is tried by hand, later, begins anew.
    const isAnew = Date.now() - refusals.at > 5 * TRY_SECONDS * 1000;
    if (isTried) refusals = { count: isAnew ? 1 : refusals.count + 1, at: Date.now() };
    return isTried && refusals.count <= TRIES
      ? pageOf(errorPage('refused', sent.message, TRY_SECONDS))
      : fail(sent.reason, sent.message);
  }
  refusals = { count: 0, at: 0 };
  const { status, statusText, body, cookies } = sent;
  const headers = new Headers(sent.headers);
  if (REDIRECTS.includes(status)) {
    const away = redirect(headers, `http://${hosts[0]}${target}`, hosts);
    if (away !== undefined && isPage) {
      await body?.cancel();
      return fail('outside', away);
    }
  }
  if (!isPage) await tellCookies(clientId, cookies);
  const isEmpty = WITHOUT_BODY.includes(status);
  if (isEmpty) await body?.cancel();
  const isHtml = /^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '');
  if (isPage) {
    headers.set('origin-agent-cluster', '?1');
    if (isHtml) headers.delete('content-length');
    else if (!REDIRECTS.includes(status) && !isEmpty && !isAttached(headers)) await tellPage(request, target);
  }
  const shown = body && isPage && isHtml ? withScript(body, hosts, cookies) : body;
  try {
    return new Response(isEmpty ? null : shown, { status, statusText, headers });
  } catch (error) {
    await body?.cancel();
    return fail('unreadable', String(error));
  }
}

/**
 * Has a redirection lead to where it is shown here, if it names the machine's port.
 * @returns the address of a redirection to elsewhere
 */
function redirect(headers: Headers, from: string, hosts: readonly string[]): string | undefined {
  const location = headers.get('location');
  if (location === null) return undefined;
  try {
    const { protocol, host, pathname, search, hash, href } = new URL(location, from);
    if (protocol !== 'http:' || !hosts.includes(host)) return href;
    headers.set('location', `${pathname}${search}${hash}`);
    return undefined;
  } catch {
    return location;
  }
}

/** Tells the app of a page in its frame that has no script of ours to tell it. */
async function tellPage({ destination }: Request, path: string): Promise<void> {
  if (destination !== 'iframe') return;
  for (const page of await connectors()) page.postMessage({ drydock: 'page', path, title: '', how: 'new' });
}

const isAttached = (headers: Headers): boolean =>
  /^attachment\b/i.test(headers.get('content-disposition') ?? '');

/** The path of a page of this origin. */
const pathOf = (client: Client | undefined): string | undefined =>
  client && new URL(client.url).origin === self.location.origin ? new URL(client.url).pathname : undefined;

/** Tells a page what its scripts see of its cookies, if that is other than what was told last. */
async function tellCookies(clientId: string, cookies: string): Promise<void> {
  if (toldCookies.get(clientId) === cookies) return;
  if (toldCookies.size >= TOLD_PAGES) toldCookies.clear();
  toldCookies.set(clientId, cookies);
  (await self.clients.get(clientId))?.postMessage({ drydock: 'cookies', cookies });
}

const pageOf = (html: string): Response =>
  new Response(html, {
    status: 502,
    headers: { 'content-type': 'text/html; charset=utf-8', 'origin-agent-cluster': '?1' },
  });

const textOf = (message: string): Response =>
  new Response(message, { status: 502, headers: { 'content-type': 'text/plain; charset=utf-8' } });
