/**
 * The app itself works without a network: a service worker, which Workbox writes at build time, keeps its files. A new
 * version is taken at the next visit, or at once if the user says so; never on its own, for a machine may run.
 */
import { toast } from 'svelte-sonner';
import { Workbox } from 'workbox-window';

/** Registers the service worker, where there can be one (it needs HTTPS or localhost). */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const workbox = new Workbox(`${import.meta.env.BASE_URL}sw.js`);
  workbox.addEventListener('waiting', () => {
    toast('A new version of Drydock is here.', {
      description: 'It comes with your next visit. To reload now ends the machine that runs in this tab.',
      duration: Infinity,
      action: {
        label: 'Reload now',
        onClick: () => {
          workbox.addEventListener('controlling', () => {
            location.reload();
          });
          workbox.messageSkipWaiting();
        },
      },
    });
  });
  // Without it the app works as well, with a network.
  workbox.register().catch((error: unknown) => {
    console.warn('No service worker:', error);
  });
}
