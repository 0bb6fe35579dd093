/**
 * The origins on which pages of containers can be shown (`vite/preview-origin.ts` says why they have their own). A
 * preview has one for itself as long as it is open; another tab of ours takes others.
 */
import { z } from '../../worker/schema.ts';
import { readStored, writeStored } from '../app/storage.ts';

const originsSchema = z.object({ origins: z.array(z.url({ protocol: /^https?$/ })) });

/** What the server said last: without a network it still holds. */
const REMEMBERED = 'preview-origins';

/** An origin that is taken. */
export interface TakenOrigin {
  origin: string;
  release: () => void;
}

/**
 * Takes an origin that is free.
 *
 * @param except those that turned out not to be
 * @returns `none` on a server that has no origins for it, such as one that has our files only
 */
export async function takeOrigin(except: readonly string[]): Promise<TakenOrigin | 'none' | 'all-taken'> {
  const all = await origins();
  if (all.length === 0) return 'none';
  for (const origin of all) {
    const release = except.includes(origin) ? undefined : await takeLock(`drydock-preview-${origin}`);
    if (release) return { origin, release };
  }
  return 'all-taken';
}

async function origins(): Promise<string[]> {
  const response = await fetch(new URL('preview-origins.json', document.baseURI)).catch(() => undefined);
  const said: unknown = response?.ok ? await response.json().catch(() => undefined) : readStored(REMEMBERED);
  const found = originsSchema.safeParse(said);
  if (!found.success) return [];
  writeStored(REMEMBERED, found.data);
  return found.data.origins.map((url) => new URL(url).origin).filter((origin) => origin !== location.origin);
}

/** Takes a lock that ends with this tab. @returns what gives it back; undefined if somebody has it */
function takeLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) {
        resolve(undefined);
        return undefined;
      }
      return new Promise<void>((release) => {
        resolve(release);
      });
    });
  });
}
