/** What the service worker keeps of the app, as the page finds it in the browser. */

/** Bytes of the app's files that are kept. Never rejects. */
export async function keptAppBytes(): Promise<number> {
  try {
    const { scope } = await navigator.serviceWorker.ready;
    let bytes = 0;
    // Workbox ends the names of its caches with the folder that they are for.
    for (const name of (await caches.keys()).filter((each) => each.endsWith(`-${scope}`))) {
      const cache = await caches.open(name);
      for (const response of await cache.matchAll()) bytes += (await response.blob()).size;
    }
    return bytes;
  } catch {
    return 0;
  }
}
