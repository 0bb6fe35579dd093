/** Which session this tab had: a reload goes on with that one. A browser without storage forgets it, and nothing breaks. */

const KEY = 'drydock:session';

export const tabSession = {
  get id(): string | undefined {
    try {
      return sessionStorage.getItem(KEY) ?? undefined;
    } catch {
      return undefined;
    }
  },
  set id(id: string | undefined) {
    try {
      if (id === undefined) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, id);
    } catch {
      // Storage is blocked.
    }
  },
};
