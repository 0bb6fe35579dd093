/**
 * The hidden page that the app opens on a preview's origin: it has the origin's service worker registered, and passes on
 * to it the way to the machine that the app sends, now and whenever the worker has been ended meanwhile.
 */
import type { FromOrigin, ToOrigin, ToWorker } from './messages.ts';
import { OWN_CACHE, WORKER } from './paths.ts';

/** A browser ends a service worker that had nothing to do for 30 s; streams of a page would break. In milliseconds. */
const STAY_MILLISECONDS = 15_000;

function tell(message: FromOrigin): void {
  // Who has opened this page is not known here, and nothing secret is said.
  window.parent.postMessage(message, '*');
}

/** Forgets what pages of another port have stored on this origin. */
async function forget(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  for (const name of await caches.keys()) if (name !== OWN_CACHE) await caches.delete(name);
  for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
}

async function start(): Promise<void> {
  const registrations = navigator.serviceWorker;
  registrations.addEventListener('message', ({ data }: MessageEvent<FromOrigin>) => {
    if (data.drydock === 'connect' || data.drydock === 'connected') tell(data);
  });
  await registrations.register(WORKER, { scope: '/', updateViaCache: 'none' });
  const { active } = await registrations.ready;
  const say = (message: ToWorker, transfer: Transferable[] = []): void => {
    registrations.controller?.postMessage(message, transfer);
  };
  window.addEventListener('message', ({ data, source, ports }: MessageEvent<ToOrigin>) => {
    if (source !== window.parent || ports.length !== 1) return;
    void (data.fresh ? forget() : Promise.resolve()).then(() => {
      (registrations.controller ?? active)?.postMessage(
        { drydock: 'port', hosts: data.hosts } satisfies ToWorker,
        [...ports],
      );
    });
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
