/**
 * The files of versions that open tabs still show. Workbox forgets them as soon as a new version takes over, and the
 * site may have them no more; but a tab that goes on with its version, and with its machine, fetches parts of it later.
 */
import { cacheNames } from 'workbox-core';

/** Of this site's folder only: other copies of Drydock may lie beside it. */
export const earlierCacheName = (scope: string): string => `drydock-earlier-${scope}`;

/** Sets aside what the version before keeps and this one, which has the files at `current`, does not need. */
export async function setAsideEarlierFiles(scope: string, current: ReadonlySet<string>): Promise<void> {
  const kept = await caches.open(cacheNames.precache);
  // What has no hash in its name is another file under the same address.
  const goingOut = (await kept.keys()).filter(
    ({ url }) => url.startsWith(`${scope}assets/`) && !current.has(url),
  );
  for (const { url } of goingOut) {
    const response = await kept.match(url);
    if (response) await (await caches.open(earlierCacheName(scope))).put(url, response);
  }
}

/** A part of the app that this version does not have: one of an earlier version, or else what the site answers. */
export async function readEarlierFile(scope: string, request: Request): Promise<Response> {
  const earlier = await caches.match(request.url, { cacheName: earlierCacheName(scope) });
  return earlier ?? fetch(request);
}

/** For when no tab shows an earlier version any more. */
export async function forgetEarlierFiles(scope: string): Promise<void> {
  await caches.delete(earlierCacheName(scope));
}
