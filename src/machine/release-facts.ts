/**
 * What the start page says about the machine before it is loaded. The worker checks the manifest strictly;
 * here a few numbers are read, and what is missing is left unsaid.
 */
import { z } from '../../worker/schema.ts';

const factsSchema = z.object({
  firstVisitBytes: z.number(),
  profiles: z.array(
    z.object({ name: z.string(), memoryBytes: z.number(), pack: z.object({ bytes: z.number() }) }),
  ),
});

export interface ReleaseFacts {
  /** Bytes of a first visit until the prompt. */
  downloadBytes: number;
  /** Bytes that follow in the background: what the first containers read of the disk. */
  packBytes: number;
  /** Memory of the usual machine. */
  memoryBytes: number;
}

/** Where the release lies: an absolute URL that ends in a slash. */
export function releaseUrl(): string {
  return new URL(`${import.meta.env.BASE_URL}machine/`, document.baseURI).href;
}

/** The facts, or nothing when there is no release or it cannot be read. Never rejects. */
export async function readReleaseFacts(fetcher: typeof fetch = fetch): Promise<ReleaseFacts | undefined> {
  try {
    const response = await fetcher(`${releaseUrl()}manifest.json`, { cache: 'no-cache' });
    if (!response.ok) return undefined;
    const facts = factsSchema.parse(await response.json());
    const profile = facts.profiles.find(({ name }) => name === 'standard') ?? facts.profiles[0];
    if (!profile) return undefined;
    return {
      downloadBytes: facts.firstVisitBytes,
      packBytes: profile.pack.bytes,
      memoryBytes: profile.memoryBytes,
    };
  } catch {
    return undefined;
  }
}
