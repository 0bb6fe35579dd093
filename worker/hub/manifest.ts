/** Manifests as the hub accepts them: Docker's schema 2 and manifest list, OCI image manifest and index. */
import { z } from '../schema.ts';
import { isDigest } from './names.ts';
import type { Descriptor } from './records.ts';
import type { NewManifest } from './store.ts';

/** Largest manifest in bytes; the distribution spec 1.1 ("Pushing manifests") asks for at least 4 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

export const IMAGE_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
] as const;

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export const INDEX_TYPES = ['application/vnd.docker.distribution.manifest.list.v2+json', OCI_INDEX] as const;

const digest = z.string().check(z.refine(isDigest, 'is no SHA-256 digest'));
const annotations = z.optional(z.record(z.string(), z.string()));

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.int().check(z.nonnegative()),
  annotations,
  artifactType: z.optional(z.string()),
  platform: z.optional(
    z.looseObject({ os: z.string(), architecture: z.string(), variant: z.optional(z.string()) }),
  ),
});

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  subject: z.optional(descriptor),
  annotations,
};

const image = z.looseObject({ ...common, config: descriptor, layers: z.array(descriptor) });
const index = z.looseObject({ ...common, manifests: z.array(descriptor) });

export type ImageManifest = z.infer<typeof image>;
export type ImageIndex = z.infer<typeof index>;
export type PlatformDescriptor = z.infer<typeof descriptor>;

/** A manifest that was understood. */
export type Manifest =
  | { kind: 'image'; mediaType: string; image: ImageManifest }
  | { kind: 'index'; mediaType: string; index: ImageIndex };

/**
 * Reads a manifest.
 * @param mediaType as which it was sent; undefined takes the document's own word
 * @returns the manifest, or a sentence that says what is wrong with it
 */
export function parseManifest(body: Uint8Array, mediaType?: string): Manifest | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return 'The manifest is not JSON.';
  }
  const claimed = z.looseObject({ mediaType: z.optional(z.string()) }).safeParse(json);
  const own = claimed.success ? claimed.data.mediaType : undefined;
  if (mediaType !== undefined && own !== undefined && mediaType !== own)
    return `The manifest says that it is ${own}, but was sent as ${mediaType}.`;
  const type = mediaType ?? own;
  if (IMAGE_TYPES.some((known) => known === type)) {
    const parsed = image.safeParse(json);
    return parsed.success
      ? { kind: 'image', mediaType: type ?? '', image: parsed.data }
      : z.prettifyError(parsed.error);
  }
  if (INDEX_TYPES.some((known) => known === type)) {
    const parsed = index.safeParse(json);
    return parsed.success
      ? { kind: 'index', mediaType: type ?? '', index: parsed.data }
      : z.prettifyError(parsed.error);
  }
  return type === undefined
    ? 'The manifest names no media type.'
    : `${type} is no media type of a manifest that this registry takes.`;
}

/** Blobs that must be there before an image: not those that registries may not distribute (`urls`, Windows layers). */
export function blobsOf({ config, layers }: ImageManifest): PlatformDescriptor[] {
  return [config, ...layers.filter((layer) => !/nondistributable|foreign/.test(layer.mediaType))];
}

/** What the store keeps of a manifest whose `body` has this digest. */
export function newManifest(manifest: Manifest, body: Uint8Array<ArrayBuffer>, digest: string): NewManifest {
  const { mediaType } = manifest;
  return {
    digest,
    mediaType,
    body,
    blobs: manifest.kind === 'image' ? blobsOf(manifest.image) : [],
    children: manifest.kind === 'index' ? manifest.index.manifests.map((child) => child.digest) : [],
    subject: (manifest.kind === 'image' ? manifest.image : manifest.index).subject?.digest,
    descriptor: referrerDescriptor(manifest, digest, body.length),
  };
}

/** The image of an index for the hub's machines; the first one if none is. */
export function imageFor386({ manifests }: ImageIndex): PlatformDescriptor | undefined {
  const ours = manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === '386');
  return ours ?? manifests[0];
}

/** What the referrers API says of a manifest (distribution spec 1.1, "Listing referrers"). */
function referrerDescriptor(manifest: Manifest, digestOfIt: string, size: number): Descriptor {
  const { artifactType, annotations: notes } = manifest.kind === 'image' ? manifest.image : manifest.index;
  const type = artifactType ?? (manifest.kind === 'image' ? manifest.image.config.mediaType : undefined);
  return {
    mediaType: manifest.mediaType,
    digest: digestOfIt,
    size,
    ...(type !== undefined && { artifactType: type }),
    ...(notes && { annotations: notes }),
  };
}
