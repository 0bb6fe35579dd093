/**
 * What each page that is shown has in it before its own scripts. It tells the app where the page is, leads links and forms
 * that name the machine as its readers do (`http://localhost:8080/`) to where it is shown, and has `document.cookie` be
 * the cookies of the machine's port: the browser's own would be those of all ports of its host.
 */
import { parseSetCookie } from 'cookie';
import type { FromOrigin, ToPage, ToWorker } from './messages.ts';

const own = document.currentScript as HTMLScriptElement | null;
const hosts = own?.dataset.hosts?.split(' ') ?? [];
let cookies = own?.dataset.cookies ?? '';

function tell(message: FromOrigin): void {
  // Only where it is shown in the app itself: not in a frame of another page, not in a tab of its own.
  if (window.parent !== window && window.parent === window.top) window.parent.postMessage(message, '*');
}

function tellPage(how: 'new' | 'replaced'): void {
  const path = `${location.pathname}${location.search}${location.hash}`;
  tell({ drydock: 'page', path, title: document.title, how });
}

/** Where on this origin a link is that names the machine; undefined where it names something else. */
function here(address: string): string | undefined {
  const url = new URL(address, document.baseURI);
  return url.protocol === 'http:' && hosts.includes(url.host)
    ? `${url.pathname}${url.search}${url.hash}`
    : undefined;
}

const isAway = (address: string): boolean => {
  const { origin, protocol } = new URL(address, document.baseURI);
  return origin !== location.origin && (protocol === 'http:' || protocol === 'https:');
};

function follow(event: MouseEvent): void {
  const link = event.composedPath().find((element) => element instanceof HTMLAnchorElement);
  if (!link?.href || event.defaultPrevented || !isAway(link.href)) return;
  const path = here(link.href);
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.target;
  if (path !== undefined) link.href = path;
  else if (window.parent !== window && isPlain) {
    event.preventDefault();
    tell({ drydock: 'leave', url: link.href });
  }
}

function send({ submitter, target }: SubmitEvent): void {
  const button =
    submitter instanceof HTMLButtonElement || submitter instanceof HTMLInputElement ? submitter : undefined;
  const sender = button?.hasAttribute('formaction') ? button : target;
  if (sender instanceof HTMLFormElement && isAway(sender.action))
    sender.action = here(sender.action) ?? sender.action;
  else if (button && sender === button && isAway(button.formAction))
    button.formAction = here(button.formAction) ?? button.formAction;
}

/** Sets a cookie: here at once, since scripts look at it in the next line, and where the machine's are kept. */
function setCookie(header: string): void {
  const { name, value = '', expires, maxAge } = parseSetCookie(header, { decode: (text) => text });
  const others = cookies.split('; ').filter((each) => each !== '' && each.split('=')[0] !== name);
  const isGone = maxAge === undefined ? expires && expires.getTime() < Date.now() : maxAge <= 0;
  cookies = (isGone ? others : [...others, `${name}=${value}`]).join('; ');
  const message: ToWorker = { drydock: 'cookie', path: location.pathname, set: header };
  navigator.serviceWorker.controller?.postMessage(message);
}

navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<Partial<ToPage>>) => {
  if (data.drydock === 'cookies' && typeof data.cookies === 'string') cookies = data.cookies;
});
navigator.serviceWorker.startMessages();

Object.defineProperty(document, 'cookie', {
  configurable: true,
  get: () => cookies,
  set: (header: unknown) => {
    setCookie(String(header));
  },
});
// Libraries that would use it find out that they have to do without.
Reflect.deleteProperty(window, 'cookieStore');

window.addEventListener('click', follow);
window.addEventListener('auxclick', follow);
window.addEventListener('submit', send);
for (const change of ['DOMContentLoaded', 'load', 'pageshow'])
  window.addEventListener(change, () => {
    tellPage('replaced');
  });
window.addEventListener('pagehide', () => {
  tell({ drydock: 'hidden' });
});
for (const change of ['popstate', 'hashchange'])
  window.addEventListener(change, () => {
    tellPage('new');
  });
for (const [name, how] of [
  ['pushState', 'new'],
  ['replaceState', 'replaced'],
] as const) {
  const change = history[name].bind(history);
  history[name] = (...parameters) => {
    change(...parameters);
    tellPage(how);
  };
}
tellPage('new');
