/**
 * The hidden page that the app opens on a preview's origin: it has the origin's service worker registered, and passes on
 * to it the way to the machine that the app sends, now and whenever the worker has been ended meanwhile.
 */
import type { FromOrigin, ToOrigin, ToWorker } from './messages.ts';
import { WORKER } from './paths.ts';

/** A browser ends a service worker that had nothing to do for 30 s; streams of a page would break. In milliseconds. */
const STAY_MILLISECONDS = 15_000;

function tell(message: FromOrigin): void {
  // Who has opened this page is not known here, and nothing secret is said.
  window.parent.postMessage(message, '*');
}

/** Forgets what pages of another port have left on this origin. */
async function forget(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  for (const name of await caches.keys()) await caches.delete(name);
  // Firefox tells the names since its version 126.
  const databases = 'databases' in indexedDB ? await indexedDB.databases() : [];
  for (const { name } of databases) if (name) indexedDB.deleteDatabase(name);
  const folder = await navigator.storage.getDirectory();
  for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
  for (const registration of await navigator.serviceWorker.getRegistrations())
    if (new URL(registration.scope).pathname !== '/') await registration.unregister();
}

async function start(): Promise<void> {
  const workers = navigator.serviceWorker;
  let isFresh = false;
  workers.addEventListener('message', ({ data }: MessageEvent<FromOrigin>) => {
    const isToForget = data.drydock === 'connected' && isFresh;
    // What cannot be forgotten, where a browser keeps nothing, is not there.
    void (isToForget ? forget().catch(() => undefined) : Promise.resolve()).then(() => {
      if (isToForget) isFresh = false;
      tell(data);
    });
  });
  await workers.register(WORKER, { scope: '/', updateViaCache: 'none' });
  const { active } = await workers.ready;
  const say = (message: ToWorker, transfer: Transferable[] = []): void => {
    (workers.controller ?? active)?.postMessage(message, transfer);
  };
  window.addEventListener('message', ({ data, source, ports }: MessageEvent<ToOrigin>) => {
    if (source !== window.parent) return;
    if (data.drydock === 'port') isFresh ||= data.fresh;
    say(data, [...ports]);
  });
  setInterval(() => {
    say({ drydock: 'stay' });
  }, STAY_MILLISECONDS);
  tell({ drydock: 'connect' });
}

if ('serviceWorker' in navigator)
  start().catch((error: unknown) => {
    tell({ drydock: 'failed', message: String(error) });
  });
else tell({ drydock: 'failed', message: 'There are no service workers on this origin.' });
