/**
 * The origins on which pages of containers can be shown (`vite/preview-origin.ts` says why they have their own). A
 * preview has one for itself as long as it is open; another tab of ours takes others.
 */
import { z } from '../../worker/schema.ts';

const originsSchema = z.object({ origins: z.array(z.url({ protocol: /^https?$/ })) });

/** An origin that is taken. */
export interface TakenOrigin {
  origin: string;
  release: () => void;
}

/** Which there are. Empty on a server that has none, such as one that only has our files. */
async function origins(): Promise<string[]> {
  const response = await fetch(new URL('preview-origins.json', document.baseURI)).catch(() => undefined);
  if (!response?.ok) return [];
  const found = originsSchema.safeParse(await response.json().catch(() => undefined));
  if (!found.success) return [];
  return found.data.origins.map((url) => new URL(url).origin).filter((origin) => origin !== location.origin);
}

class OriginPool {
  #all: Promise<string[]> | undefined;

  /** How many there are in all. */
  async size(): Promise<number> {
    this.#all ??= origins();
    return (await this.#all).length;
  }

  /** A free origin; undefined when there is none. */
  async take(): Promise<TakenOrigin | undefined> {
    this.#all ??= origins();
    for (const origin of await this.#all) {
      const release = await takeLock(`drydock-preview-${origin}`);
      if (release) return { origin, release };
    }
    return undefined;
  }
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

export const originPool = new OriginPool();
