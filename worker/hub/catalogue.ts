/**
 * The catalogue: the images that the site itself brings, as the image pipeline wrote them. `catalogue.json` of the
 * release names every repository, its tags and all blobs; a blob is a static file named by its hash.
 *
 * The schema is the edge: a catalogue that does not fit it is refused whole.
 */
import { DrydockError } from '../error.ts';
import type { ReleaseFile } from '../release-file.ts';
import { z } from '../schema.ts';

/** Raised when the layout changes so that older code cannot read it. */
export const CATALOGUE_FORMAT = 1;

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));

const tag = z.strictObject({
  /** The manifest. */
  digest,
  /** All that a pull of it needs besides: the configuration and the layers. */
  blobs: z.array(digest),
});

const repository = z.strictObject({
  /** With the registry, as in `docker.io/library/nginx`. */
  name: z.string().check(z.regex(/^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/)),
  /** One line, as `docker search` shows it. */
  description: z.string(),
  /** Markdown: what it really is, how it differs from the well-known image, ports, volumes, variables. */
  about: z.string(),
  /**
   * `stand-in`: made from Debian's packages in the place of an image that others know under this name; `own`: made
   * for Drydock; `imported`: copied from a real registry.
   */
  origin: z.enum(['stand-in', 'own', 'imported']),
  /** Words under which a search finds it besides name and description. */
  keywords: z.array(z.string()),
  /** Stars of the well-known image on Docker Hub, rounded; 0 where there is none. */
  stars: z.int().check(z.nonnegative()),
  /** Licences of the main programs in it, as SPDX expressions. */
  licences: z.array(z.string()),
  tags: z.record(z.string().check(z.regex(/^[\w][\w.-]{0,127}$/)), tag),
});

const blob = z.strictObject({
  bytes: z.int().check(z.nonnegative()),
  /** Of a layer: bytes of its tar file. */
  unpackedBytes: z.optional(z.int().check(z.nonnegative())),
  /** For manifests and indexes. */
  mediaType: z.optional(z.string()),
});

const catalogueSchema = z.strictObject({
  format: z.literal(CATALOGUE_FORMAT),
  repositories: z.array(repository),
  /** Manifests, configurations and layers, by digest. */
  blobs: z.record(digest, blob),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type CatalogueRepository = z.infer<typeof repository>;
export type CatalogueBlob = z.infer<typeof blob>;

/** Folder of the blobs in the release. */
export const BLOB_FOLDER = 'catalogue/blobs';

/** The file of the release that holds a blob. */
export function blobFile(digest: string, { bytes }: CatalogueBlob): ReleaseFile {
  const sha256 = digest.replace('sha256:', '');
  return { path: `${BLOB_FOLDER}/${sha256}`, bytes, sha256 };
}

/**
 * Reads a catalogue.
 * @throws DrydockError `damaged-file` for what is none
 */
export function parseCatalogue(text: string): Catalogue {
  const damaged = (why: string, cause?: unknown): DrydockError =>
    new DrydockError('damaged-file', `The catalogue of images cannot be read: ${why}`, {}, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged('it is not JSON.', cause);
  }
  const parsed = catalogueSchema.safeParse(json);
  if (!parsed.success) throw damaged(z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}
