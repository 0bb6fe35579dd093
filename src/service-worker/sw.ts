/**
 * The service worker: it keeps the app's own files, so that the app opens without a network. The machine and the images
 * are kept by our other workers, on demand. A new version waits until no tab shows the old one, unless the user asks for
 * it; the tabs that then still show the old one go on with its files.
 */
import { clientsClaim } from 'workbox-core';
import {
  addPlugins,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { forgetEarlierFiles, readEarlierFile, setAsideEarlierFiles } from './earlier-files.ts';
import { takeOverSchema, type Fetched } from './messages.ts';

/** What a service worker has that the types for pages do not know. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
declare const self: {
  readonly __WB_MANIFEST: PrecacheEntry[];
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: {
      type: 'window';
      includeUncontrolled: boolean;
    }): Promise<readonly { id: string; postMessage(message: Fetched): void }[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(
    type: 'message',
    listener: (event: LastingEvent & { data: unknown; source: { id: string } | null }) => void,
  ): void;
};

const files = self.__WB_MANIFEST;
const { scope } = self.registration;
const tabs = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

/** The tab that asked for this version; it is about to reload. */
let asking: string | undefined;
let fetched = 0;

self.addEventListener('install', (event) => {
  event.waitUntil(setAsideEarlierFiles(scope, new Set(files.map(({ url }) => new URL(url, scope).href))));
});

self.addEventListener('message', (event) => {
  if (!takeOverSchema.safeParse(event.data).success) return;
  asking = event.source?.id;
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', (event) => {
  const forget = async (): Promise<void> => {
    if ((await tabs()).every(({ id }) => id === asking)) await forgetEarlierFiles(scope);
  };
  event.waitUntil(forget());
});

addPlugins([
  {
    handlerDidComplete: async ({ event }: { event: Event }) => {
      if (event.type !== 'install') return;
      fetched += 1;
      for (const tab of await tabs())
        tab.postMessage({ type: 'FETCHED', files: fetched, ofFiles: files.length });
    },
  },
]);
precacheAndRoute(files);
// With whatever follows the question mark. Other pages of the site are not this app's.
registerRoute(
  ({ request, url }) => request.mode === 'navigate' && url.origin + url.pathname === scope,
  createHandlerBoundToURL('index.html'),
);
registerRoute(
  ({ url }) => url.href.startsWith(`${scope}assets/`),
  ({ request }) => readEarlierFile(scope, request),
);
clientsClaim();
