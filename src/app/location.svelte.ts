import { href, linkedFragment, parseRoute, type Route } from './router.ts';

const linked = linkedFragment(window.location.search);
if (linked !== undefined) history.replaceState(null, '', window.location.pathname + linked);

/** The route that the address bar shows. Reading `route` in a component follows it. */
class CurrentLocation {
  #route = $state.raw<Route>(parseRoute(window.location.hash));

  constructor() {
    window.addEventListener('hashchange', () => {
      this.#route = parseRoute(window.location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  /** Goes to `route`, with an entry in the history. */
  go(route: Route): void {
    window.location.hash = href(route);
  }
}

export const currentLocation = new CurrentLocation();
