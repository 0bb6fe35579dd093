/**
 * What a tab remembers of presenting while it is loaded again: whether it presents, and its channel, so that the windows
 * beside it find it anew. A browser without storage forgets it, and nothing breaks.
 */
import { z } from '../../worker/schema.ts';
import { channelIdSchema } from './protocol.ts';
import { stopwatchSchema } from './stopwatch.ts';

const KEY = 'drydock:presenter';

const memorySchema = z.object({
  presents: z._default(z.boolean(), false),
  /** Absent until a window was opened beside the tab. */
  channel: z.optional(channelIdSchema),
  /** Of a window of notes. */
  watch: z.optional(stopwatchSchema),
});

/** What is remembered. */
export type TabMemory = Readonly<z.output<typeof memorySchema>>;

/** What this tab remembers. */
export function readTabMemory(): TabMemory {
  try {
    return z.catch(memorySchema, { presents: false }).parse(JSON.parse(sessionStorage.getItem(KEY) ?? '{}'));
  } catch {
    return { presents: false };
  }
}

/** Has the tab remember `change` besides what it does. */
export function remember(change: Partial<TabMemory>): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...readTabMemory(), ...change }));
  } catch {
    // Storage is blocked.
  }
}

/** Forgets that the tab presents: a window that another has opened begins with a copy of that one's memory. */
export function forgetPresenting(): void {
  const { watch } = readTabMemory();
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ watch }));
  } catch {
    // Storage is blocked.
  }
}
