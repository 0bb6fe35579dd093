/**
 * What is said between the app, the hidden page that it opens on a preview's origin, that origin's service worker, and
 * the pages that are shown there: types only. Pages of containers can say all of it too.
 */

/** From the hidden page, and from the pages shown, to the app. */
export type FromOrigin =
  /** The service worker asks for a way to the machine. */
  | { drydock: 'connect' }
  /** The service worker has it. */
  | { drydock: 'connected' }
  /** There can be no service worker, or it cannot work. */
  | { drydock: 'failed'; message: string }
  /** A tab still shows pages of an earlier preview of this origin. */
  | { drydock: 'occupied' }
  /** A page is shown; `how` it came about: as another one, or in the place of the last. */
  | { drydock: 'page'; path: string; title: string; how: 'new' | 'replaced' }
  /** The page that was shown has gone. */
  | { drydock: 'hidden' }
  /** A link leads away from the origin. */
  | { drydock: 'leave'; url: string };

/** From the app to the hidden page, and from there to the service worker. */
export type ToOrigin =
  /** With a port that leads to the machine. */
  | {
      drydock: 'port';
      /** Whether what an earlier preview has stored on the origin is to be forgotten. */
      fresh: boolean;
      /** What the machine's port may be called, `localhost:8080`. */
      hosts: string[];
    }
  /** The machine has failed: nothing is answered on the port any more. */
  | { drydock: 'end' };

/** From the hidden page to the service worker. */
export type ToWorker =
  | ToOrigin
  /** Keeps it from being ended while it has nothing to do. */
  | { drydock: 'stay' }
  /** From a page: its script has set a cookie. */
  | { drydock: 'cookie'; path: string; set: string };

/** From the service worker to a page: what its scripts see of its cookies. */
export interface ToPage {
  drydock: 'cookies';
  cookies: string;
}
