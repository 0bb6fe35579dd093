/**
 * The cookies of one port (RFC 6265). They are not left to the browser: that would share them with everything else that
 * runs on the same host under another port, the reader's own servers on localhost among them, and a service worker can
 * neither set nor read those that scripts may not see. They live as long as the preview.
 */
import { parseSetCookie } from 'cookie';
import { decodeLatin1, encodeLatin1 } from '../net/http/latin1.ts';

/** As many as a browser keeps for one host (RFC 6265 section 6.1 asks for 50 at least). */
const MAX_COOKIES = 150;

/** Bytes of one (RFC 6265 section 6.1). */
const MAX_BYTES = 4096;

interface Cookie {
  name: string;
  value: string;
  path: string;
  /** In milliseconds since 1970. */
  expires: number;
  /** Scripts may not see it. */
  httpOnly: boolean;
}

export class Cookies {
  /** By name and path. */
  readonly #cookies = new Map<string, Cookie>();

  /**
   * Keeps what the Set-Cookie headers of an answer say.
   * @param target of the request: path and query
   */
  take(headers: readonly string[], target: string): void {
    for (const header of headers) this.#keep(parse(header, target));
  }

  /** Keeps what a script says as a Set-Cookie header would. It can neither make nor change what it may not see. */
  takeFromScript(header: string, target: string): void {
    // What a script writes is sent as UTF-8; here all is a byte a character, as in HTTP's heads.
    const cookie = parse(decodeLatin1(new TextEncoder().encode(header)), target);
    if (!cookie || cookie.httpOnly || this.#cookies.get(keyOf(cookie))?.httpOnly) return;
    this.#keep(cookie);
  }

  /** The Cookie header of a request to `target`; empty where there is none. */
  header(target: string): string {
    return this.#list(target, () => true);
  }

  /** What scripts of the page at `target` see. */
  visible(target: string): string {
    return new TextDecoder().decode(encodeLatin1(this.#list(target, ({ httpOnly }) => !httpOnly)));
  }

  #keep(cookie: Cookie | undefined): void {
    if (!cookie) return;
    const key = keyOf(cookie);
    this.#cookies.delete(key);
    if (cookie.expires > Date.now()) this.#cookies.set(key, cookie);
    const [oldest] = this.#cookies.keys();
    if (this.#cookies.size > MAX_COOKIES && oldest !== undefined) this.#cookies.delete(oldest);
  }

  #list(target: string, wanted: (cookie: Cookie) => boolean): string {
    const path = pathOf(target);
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.expires > Date.now() && isWithin(path, cookie.path) && wanted(cookie))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
      .join('; ');
  }
}

function parse(header: string, target: string): Cookie | undefined {
  // Control characters would end the header that the cookie comes back in.
  if (header.length > MAX_BYTES || !/^[\t\x20-\x7e\x80-\xff]*$/.test(header)) return undefined;
  const {
    name,
    value = '',
    path,
    maxAge,
    expires,
    httpOnly = false,
  } = parseSetCookie(header, { decode: (text) => text });
  if (name === '' && value === '') return undefined;
  return {
    name,
    value,
    path: path?.startsWith('/') ? path : defaultPath(target),
    expires:
      maxAge === undefined ? (expires?.getTime() ?? Number.POSITIVE_INFINITY) : Date.now() + maxAge * 1000,
    httpOnly,
  };
}

const keyOf = ({ name, path }: Cookie): string => `${name};${path}`;

const pathOf = (target: string): string => target.replace(/[?#].*$/, '');

/** RFC 6265 section 5.1.4. */
function defaultPath(target: string): string {
  const path = pathOf(target);
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function isWithin(path: string, scope: string): boolean {
  return path === scope || path.startsWith(scope.endsWith('/') ? scope : `${scope}/`);
}
