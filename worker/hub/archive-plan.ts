/**
 * What an archive holds, read and proved: images with their manifests and the files that they need. Three kinds are
 * understood: an OCI layout (skopeo, buildx, podman), what `docker save` has written since Engine 25 (the same, with
 * `manifest.json` beside it), and what it wrote before (`manifest.json`, layers as plain tar files): for the latter a
 * manifest is made.
 */
import { sha256 as incremental } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from '../schema.ts';
import { sha256 } from '../vm/digest.ts';
import { damaged, type ArchiveFile, type ArchiveFiles } from './archive-files.ts';
import {
  blobsOf,
  IMAGE_TYPES,
  MAX_MANIFEST_BYTES,
  newManifest,
  OCI_INDEX,
  parseManifest,
  type Manifest,
  type PlatformDescriptor,
} from './manifest.ts';
import { isTag } from './names.ts';
import type { NewManifest } from './store.ts';

/** A manifest with all that must be stored before it. */
export interface PlannedManifest {
  manifest: NewManifest;
  files: ArchiveFile[];
  children: PlannedManifest[];
  /** As in `linux/386`. */
  platforms: string[];
}

/** An image of an archive. */
export interface PlannedImage {
  top: PlannedManifest;
  /** Names as the archive gives them: whole references, or tags alone. */
  names: { reference?: string | undefined; tag?: string | undefined }[];
}

/** @throws DrydockError `damaged-file` */
export async function planImages(files: ArchiveFiles): Promise<PlannedImage[]> {
  const index = files.get('index.json');
  if (index && files.get('oci-layout')) return planLayout(files, index);
  const manifest = files.get('manifest.json');
  if (manifest) return planDockerArchive(files, manifest);
  throw damaged('it is neither an OCI archive (no index.json) nor one of docker save (no manifest.json).');
}

const REF_NAME = 'org.opencontainers.image.ref.name';
const CONTAINERD_NAME = 'io.containerd.image.name';

async function planLayout(files: ArchiveFiles, file: ArchiveFile): Promise<PlannedImage[]> {
  const layout = parseManifest(await files.bytes(file, MAX_MANIFEST_BYTES), OCI_INDEX);
  if (typeof layout === 'string') throw damaged(`its index.json is not one: ${layout}`);
  if (layout.kind !== 'index' || layout.index.manifests.length === 0)
    throw damaged('there is no image in it.');
  // One image under several names is listed once for each.
  const images = new Map<string, PlannedImage>();
  for (const descriptor of layout.index.manifests) {
    const image = images.get(descriptor.digest) ?? { top: await whole(files, descriptor), names: [] };
    images.set(descriptor.digest, image);
    const reference = descriptor.annotations?.[CONTAINERD_NAME];
    const name = descriptor.annotations?.[REF_NAME];
    if (reference !== undefined) image.names.push({ reference });
    else if (name !== undefined) image.names.push(isTag(name) ? { tag: name } : { reference: name });
  }
  return [...images.values()];
}

async function whole(files: ArchiveFiles, descriptor: PlatformDescriptor): Promise<PlannedManifest> {
  const planned = await plan(files, descriptor);
  if (planned) return planned;
  throw damaged(`the image ${descriptor.digest} in it is not complete.`);
}

/** Undefined if something that the manifest needs is not in the archive. */
async function plan(
  files: ArchiveFiles,
  descriptor: PlatformDescriptor,
): Promise<PlannedManifest | undefined> {
  const file = blobFile(files, descriptor);
  if (!file) return undefined;
  const body = await files.bytes(file, MAX_MANIFEST_BYTES);
  const manifest = parseManifest(body, descriptor.mediaType);
  if (typeof manifest === 'string')
    throw damaged(`the manifest ${descriptor.digest} is not one: ${manifest}`);
  if (manifest.kind === 'index') return planIndex(files, manifest, body);
  const needed = blobsOf(manifest.image);
  const found = needed.flatMap((blob) => blobFile(files, blob) ?? []);
  if (found.length < needed.length) return undefined;
  const config = found[0];
  return {
    manifest: await asNew(manifest, body),
    files: found,
    children: [],
    platforms: config ? await platformOf(files, config) : [],
  };
}

/**
 * Archives of Engines that keep images in containerd hold the index of all platforms, but the layers of one. What is
 * there is imported: as itself if it is one image, else under an index of what is there.
 */
async function planIndex(
  files: ArchiveFiles,
  manifest: Manifest & { kind: 'index' },
  body: Uint8Array<ArrayBuffer>,
): Promise<PlannedManifest | undefined> {
  const { manifests } = manifest.index;
  const there: { descriptor: PlatformDescriptor; planned: PlannedManifest }[] = [];
  for (const descriptor of manifests) {
    const planned = await plan(files, descriptor);
    if (planned) there.push({ descriptor, planned });
  }
  const [first, ...others] = there;
  if (!first) return undefined;
  const complete = there.length === manifests.length;
  if (!complete && others.length === 0) return first.planned;
  const index = { ...manifest.index, manifests: there.map(({ descriptor }) => descriptor) };
  const kept = complete ? body : encoded(index);
  return {
    manifest: await asNew({ ...manifest, index }, kept),
    files: [],
    children: there.map(({ planned }) => planned),
    platforms: [...new Set(there.flatMap(({ planned }) => planned.platforms))],
  };
}

/** @throws DrydockError if it has another size than the descriptor says */
function blobFile(files: ArchiveFiles, { digest, size }: PlatformDescriptor): ArchiveFile | undefined {
  const file = files.get(`blobs/${digest.replace(':', '/')}`);
  if (file && file.bytes !== size) throw damaged(`${digest} has ${file.bytes} bytes, not ${size}.`);
  return file;
}

const dockerArchive = z.array(
  z.looseObject({
    Config: z.string(),
    RepoTags: z.optional(z.nullable(z.array(z.string()))),
    Layers: z.nullable(z.array(z.string())),
  }),
);

const configuration = z.looseObject({
  os: z.optional(z.string()),
  architecture: z.optional(z.string()),
  rootfs: z.optional(z.looseObject({ diff_ids: z.optional(z.nullable(z.array(z.string()))) })),
});

async function planDockerArchive(files: ArchiveFiles, file: ArchiveFile): Promise<PlannedImage[]> {
  const parsed = dockerArchive.safeParse(await readJson(files, file));
  if (!parsed.success) throw damaged(`its manifest.json is not one: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.length === 0) throw damaged('there is no image in it.');
  const images: PlannedImage[] = [];
  for (const { Config, Layers, RepoTags } of parsed.data) {
    const config = member(files, Config);
    const named = /^([0-9a-f]{64})\.json$/.exec(Config)?.[1];
    if (named !== undefined && config.digest !== `sha256:${named}`)
      throw damaged(`${Config} has other bytes than its name says.`);
    const layers = (Layers ?? []).map((path) => member(files, path));
    const types = await provenLayers(files, config, layers);
    const image = {
      schemaVersion: 2 as const,
      mediaType: IMAGE_TYPES[1],
      config: described('application/vnd.oci.image.config.v1+json', config),
      layers: layers.map((layer, at) => described(types[at] ?? '', layer)),
    };
    const manifest = await asNew({ kind: 'image', mediaType: IMAGE_TYPES[1], image }, encoded(image));
    const platforms = await platformOf(files, config);
    images.push({
      top: { manifest, files: [config, ...layers], children: [], platforms },
      names: (RepoTags ?? []).map((reference) => ({ reference })),
    });
  }
  return images;
}

/** Media types of the layers, each of which must inflate to what the configuration names. */
async function provenLayers(
  files: ArchiveFiles,
  config: ArchiveFile,
  layers: ArchiveFile[],
): Promise<string[]> {
  const parsed = configuration.safeParse(await readJson(files, config));
  const expected = (parsed.success && parsed.data.rootfs?.diff_ids) || [];
  if (expected.length !== layers.length)
    throw damaged(`the configuration names ${expected.length} layers, but there are ${layers.length}.`);
  const types: string[] = [];
  for (const [at, layer] of layers.entries()) {
    const gzipped = await isGzip(files.open(layer));
    const diff = gzipped ? await inflatedDigest(files.open(layer)) : layer.digest;
    if (diff !== expected[at]) throw damaged(`layer ${at + 1} has other bytes than the configuration says.`);
    types.push(`application/vnd.oci.image.layer.v1.tar${gzipped ? '+gzip' : ''}`);
  }
  return types;
}

async function isGzip(stream: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value?.[0] === 0x1f && value[1] === 0x8b;
}

async function inflatedDigest(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const hash = incremental.create();
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      hash.update(chunk);
    },
  });
  try {
    await stream.pipeThrough(new DecompressionStream('gzip')).pipeTo(sink);
  } catch (cause) {
    throw damaged('a gzipped layer cannot be inflated.', cause);
  }
  return `sha256:${bytesToHex(hash.digest())}`;
}

function member(files: ArchiveFiles, path: string): ArchiveFile {
  const file = files.get(path.replace(/^\.\//, ''));
  if (!file) throw damaged(`${path} is missing.`);
  return file;
}

async function platformOf(files: ArchiveFiles, config: ArchiveFile): Promise<string[]> {
  if (config.bytes > MAX_MANIFEST_BYTES) return [];
  const parsed = configuration.safeParse(await readJson(files, config));
  if (!parsed.success || parsed.data.os === undefined || parsed.data.architecture === undefined) return [];
  return [`${parsed.data.os}/${parsed.data.architecture}`];
}

async function readJson(files: ArchiveFiles, file: ArchiveFile): Promise<unknown> {
  const bytes = await files.bytes(file, MAX_MANIFEST_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw damaged('a document in it is not JSON.', cause);
  }
}

async function asNew(manifest: Manifest, body: Uint8Array<ArrayBuffer>): Promise<NewManifest> {
  return newManifest(manifest, body, `sha256:${await sha256(body)}`);
}

const encoded = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));

const described = (mediaType: string, { digest, bytes }: ArchiveFile): PlatformDescriptor => ({
  mediaType,
  digest,
  size: bytes,
});
