/**
 * The cookies of one preview that its scripts may not see (HttpOnly, RFC 6265 section 5.3): the browser keeps those that
 * they may, but a service worker can neither set nor read these. They live as long as the preview.
 */
import { parseSetCookie } from 'cookie';

/** As many as a browser keeps for one host (RFC 6265 section 6.1 asks for 50 at least). */
const MAX_COOKIES = 150;

const MAX_BYTES = 4096;

interface HiddenCookie {
  name: string;
  value: string;
  path: string;
  /** In milliseconds since 1970. */
  expires: number;
}

export class HiddenCookies {
  /** By name and path. */
  readonly #cookies = new Map<string, HiddenCookie>();

  /**
   * Keeps the hidden ones of the Set-Cookie headers of an answer, and returns the others.
   * @param target of the request: path and query
   * @param browserKeeps whether the browser keeps those that scripts may see; all are kept here otherwise
   */
  take(headers: readonly string[], target: string, browserKeeps: boolean): string[] {
    return headers.filter((header) => {
      if (header.length > MAX_BYTES) return false;
      const { name, value = '', path, maxAge, expires, httpOnly } = parseSetCookie(header);
      if (name === '') return false;
      if (browserKeeps && !httpOnly) return true;
      const cookie: HiddenCookie = {
        name,
        value,
        path: path?.startsWith('/') ? path : defaultPath(target),
        expires:
          maxAge === undefined
            ? (expires?.getTime() ?? Number.POSITIVE_INFINITY)
            : Date.now() + maxAge * 1000,
      };
      const key = `${name};${cookie.path}`;
      this.#cookies.delete(key);
      if (cookie.expires > Date.now()) this.#cookies.set(key, cookie);
      const [oldest] = this.#cookies.keys();
      if (this.#cookies.size > MAX_COOKIES && oldest !== undefined) this.#cookies.delete(oldest);
      return false;
    });
  }

  /** What of them belongs into the Cookie header of a request to `target`; empty where none does. */
  header(target: string): string {
    const path = pathOf(target);
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.expires > Date.now() && isWithin(path, cookie.path))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

const pathOf = (target: string): string => target.replace(/[?#].*$/, '');

/** RFC 6265 section 5.1.4. */
function defaultPath(target: string): string {
  const path = pathOf(target);
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function isWithin(path: string, scope: string): boolean {
  return path === scope || path.startsWith(scope.endsWith('/') ? scope : `${scope}/`);
}
