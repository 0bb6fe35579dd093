import type { Route } from '../app/router.ts';

/** Where the machine was last seen: the playground or a lesson. The start page links back to it. */
class LastWorkspace {
  route = $state.raw<Route>();
}

export const lastWorkspace = new LastWorkspace();
