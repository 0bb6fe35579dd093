/** What the page and its service worker tell each other. */
import { z } from '../../worker/schema.ts';

/** From the page to a version that waits: take over now. Workbox sends it. */
export const takeOverSchema = z.object({ type: z.literal('SKIP_WAITING') });

/** From a version that is being fetched to all pages: how many of its files are here. */
export const fetchedSchema = z.object({
  type: z.literal('FETCHED'),
  files: z.int().check(z.nonnegative()),
  ofFiles: z.int().check(z.positive()),
});

export type Fetched = z.infer<typeof fetchedSchema>;
