/**
 * The cookies that a page's own scripts may see: the browser keeps them, as for any page. A service worker reads and
 * sets them with the Cookie Store API (https://cookiestore.spec.whatwg.org/); where a browser lacks it, the machine's end
 * keeps all of them.
 */
import { parseSetCookie } from 'cookie';

/** The Cookie header of a request to `url`; undefined where the browser does not tell. */
export async function visibleCookies(url: string): Promise<string | undefined> {
  if (!('cookieStore' in globalThis)) return undefined;
  const cookies = await cookieStore.getAll({ url });
  return cookies.map(({ name, value }) => (name ? `${name}=${value}` : value)).join('; ');
}

/** Has the browser keep what Set-Cookie headers say. One that it refuses is lost, as it would be anyway. */
export async function keepCookies(headers: readonly string[]): Promise<void> {
  for (const header of headers) {
    const { name, value = '', path, expires, maxAge } = parseSetCookie(header);
    const until = maxAge === undefined ? expires?.getTime() : Date.now() + maxAge * 1000;
    await cookieStore
      .set({ name, value, path: path ?? '/', expires: until ?? null, sameSite: 'lax' })
      .catch(() => undefined);
  }
}
