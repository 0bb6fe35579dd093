/** What an image of the catalogue says of how it runs, from its configuration (OCI image spec 1.1, "config.md"). */
import { DrydockError } from '../error.ts';
import { z } from '../schema.ts';
import type { FileSource } from '../vm/source.ts';
import { catalogueStream } from './blob-stream.ts';
import { blobFile, type Catalogue } from './catalogue.ts';
import { imageFor386, parseManifest } from './manifest.ts';
import { collect } from './repositories.ts';

export interface ImageSettings {
  /** As in `linux/386`. */
  platform: string;
  /** As in `80/tcp`. */
  ports: string[];
  /** Folders that become volumes. */
  volumes: string[];
  /** Who its program runs as; undefined for root. */
  user: string | undefined;
}

const set = z.optional(z.nullable(z.record(z.string(), z.unknown())));

const configuration = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  config: z.optional(
    z.nullable(z.looseObject({ ExposedPorts: set, Volumes: set, User: z.optional(z.string()) })),
  ),
});

/**
 * Reads an image's manifest and configuration; of an image for several platforms, those for linux/386.
 * @throws DrydockError `download-failed`, `damaged-file`, or `wrong-state` if the catalogue has no such image
 */
export async function readSettings(
  catalogue: Catalogue,
  source: FileSource,
  digest: string,
): Promise<ImageSettings> {
  const body = await content(catalogue, source, digest);
  const manifest = parseManifest(body, catalogue.blobs[digest]?.mediaType);
  if (typeof manifest === 'string') throw new DrydockError('damaged-file', manifest);
  if (manifest.kind === 'index') {
    const child = imageFor386(manifest.index);
    if (!child) throw new DrydockError('damaged-file', `The image ${digest} is empty.`);
    return readSettings(catalogue, source, child.digest);
  }
  const text = new TextDecoder().decode(await content(catalogue, source, manifest.image.config.digest));
  const parsed = configuration.safeParse(JSON.parse(text));
  if (!parsed.success) throw new DrydockError('damaged-file', z.prettifyError(parsed.error));
  const { os, architecture, config } = parsed.data;
  const user = config?.User ?? '';
  return {
    platform: `${os}/${architecture}`,
    ports: Object.keys(config?.ExposedPorts ?? {}),
    volumes: Object.keys(config?.Volumes ?? {}),
    user: /^(?:|root|0)(?::|$)/.test(user) ? undefined : user,
  };
}

async function content(
  { blobs }: Catalogue,
  source: FileSource,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const blob = blobs[digest];
  if (!blob) throw new DrydockError('wrong-state', `The catalogue has no ${digest}.`, { digest });
  return collect(await catalogueStream(source, blobFile(digest, blob), { start: 0, end: blob.bytes }));
}
