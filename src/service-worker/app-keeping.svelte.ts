/**
 * Whether the app itself works without a network, and whether there is a newer version of it. A new version is taken at
 * the next visit, or at once if the user says so; never on its own, for a machine may run. When another tab takes it,
 * this one goes on with its own version.
 */
import { Workbox } from 'workbox-window';
import { fetchedSchema } from './messages.ts';

export type Keeping =
  /** There can be none: the page is being developed, or lacks HTTPS, or the browser has no service workers. */
  | { phase: 'impossible' }
  /** A service worker is being registered, or looked for. */
  | { phase: 'opening' }
  /** The files of the first version come. */
  | { phase: 'fetching'; files: number; ofFiles: number }
  | { phase: 'kept' }
  /** A newer version is here and waits. */
  | { phase: 'newer-waits' }
  /** Another tab has taken a newer version. */
  | { phase: 'newer-elsewhere' }
  | { phase: 'failed' };

/** How often a tab that stays open looks for a newer version, in milliseconds. */
const LOOK_MILLISECONDS = 60 * 60 * 1000;

class AppKeeping {
  #state = $state.raw<Keeping>({ phase: 'impossible' });
  #workbox: Workbox | undefined;
  /** Whether this tab has asked for the newer version. */
  #taking: 'asked' | 'not-asked' = 'not-asked';
  /** Saves what a reload of this tab would end. */
  beforeReload: (() => Promise<void>) | undefined;

  get state(): Keeping {
    return this.#state;
  }

  /** Registers the service worker, where there can be one. */
  begin(): void {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    const workbox = new Workbox(`${import.meta.env.BASE_URL}sw.js`);
    this.#workbox = workbox;
    this.#state = { phase: navigator.serviceWorker.controller ? 'kept' : 'opening' };
    workbox.addEventListener('message', ({ data }) => {
      const message = fetchedSchema.safeParse(data);
      if (!message.success || !['opening', 'fetching'].includes(this.#state.phase)) return;
      const { files, ofFiles } = message.data;
      this.#state = { phase: 'fetching', files, ofFiles };
    });
    workbox.addEventListener('waiting', () => {
      if (this.#state.phase !== 'newer-elsewhere') this.#state = { phase: 'newer-waits' };
    });
    workbox.addEventListener('controlling', () => {
      if (this.#taking === 'asked') window.location.reload();
      else if (['opening', 'fetching'].includes(this.#state.phase)) this.#state = { phase: 'kept' };
      else this.#state = { phase: 'newer-elsewhere' };
    });
    workbox.addEventListener('redundant', ({ isExternal }) => {
      const first = ['opening', 'fetching'].includes(this.#state.phase);
      if (first && !isExternal) this.#state = { phase: 'failed' };
    });
    // Without it the app works as well, with a network.
    workbox.register().catch((error: unknown) => {
      if (this.#state.phase === 'opening') this.#state = { phase: 'failed' };
      console.warn('No service worker:', error);
    });
    this.#look(workbox);
  }

  /** Shows the newer version in this tab, after what the tab has to save is saved. */
  async takeNewer(): Promise<void> {
    await this.beforeReload?.().catch(() => undefined);
    if (this.#state.phase !== 'newer-waits') {
      window.location.reload();
      return;
    }
    this.#taking = 'asked';
    this.#workbox?.messageSkipWaiting();
  }

  /** A visit alone makes the browser look for a newer version, but a tab may stay open for days. */
  #look(workbox: Workbox): void {
    const look = (): void => {
      // No network, or no registration yet: the next look may find one.
      if (document.visibilityState === 'visible') void workbox.update().catch(() => undefined);
    };
    setInterval(look, LOOK_MILLISECONDS);
    document.addEventListener('visibilitychange', look);
  }
}

export const appKeeping = new AppKeeping();
