/** How a manifest names a file: with what proves that it is the one that was published. */
import { z } from './schema.ts';

/** A file of the release, named by its content. */
export const releaseFile = z.strictObject({
  /** Path inside the release folder: no segment begins with a dot (`..`) or is empty (`//host/…` would leave the server). */
  path: z.string().check(z.regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/)),
  /** Size in bytes. */
  bytes: z.int().check(z.nonnegative()),
  /** SHA-256 of the file, in hex. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

export type ReleaseFile = z.infer<typeof releaseFile>;
