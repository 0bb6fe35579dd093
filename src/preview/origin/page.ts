/**
 * What each page that is shown has in it before its own scripts: it tells the app where it is, and leads links and forms
 * that name the machine as its readers do (`http://localhost:8080/`) to where it is shown.
 */
import type { FromOrigin } from './messages.ts';

const hosts = (document.currentScript as HTMLScriptElement | null)?.dataset.hosts?.split(' ') ?? [];

function tell(message: FromOrigin): void {
  // Only where it is shown in the app itself: not in a frame of another page, not in a tab of its own.
  if (window.parent !== window && window.parent === window.top) window.parent.postMessage(message, '*');
}

function tellPage(): void {
  tell({
    drydock: 'page',
    path: `${location.pathname}${location.search}${location.hash}`,
    title: document.title,
  });
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
  if (!link?.href || !isAway(link.href)) return;
  const path = here(link.href);
  if (path !== undefined) link.href = path;
  else if (window.parent !== window && event.button === 0 && !link.target) {
    event.preventDefault();
    tell({ drydock: 'leave', url: link.href });
  }
}

window.addEventListener('click', follow);
window.addEventListener('auxclick', follow);
window.addEventListener('submit', ({ target }) => {
  if (!(target instanceof HTMLFormElement) || !isAway(target.action)) return;
  const path = here(target.action);
  if (path !== undefined) target.action = path;
});
for (const change of ['DOMContentLoaded', 'load', 'popstate', 'hashchange', 'pageshow'])
  window.addEventListener(change, tellPage);
for (const name of ['pushState', 'replaceState'] as const) {
  const change = history[name].bind(history);
  history[name] = (...parameters) => {
    change(...parameters);
    tellPage();
  };
}
