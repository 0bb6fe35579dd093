/** What the hub's tests share: content, a small catalogue with its files, and a client that gets tokens as Docker does. */
import { DrydockError } from '../error.ts';
import { sha256 } from '../vm/digest.ts';
import { verify, type FileSource, type ReadOptions } from '../vm/source.ts';
import { blobFile, type Catalogue } from './catalogue.ts';
import type { Hub } from './hub.ts';
import { IMAGE_TYPES } from './manifest.ts';

export const OCI_IMAGE = IMAGE_TYPES[1];
export const DOCKER_IMAGE = IMAGE_TYPES[0];

export type Bytes = Uint8Array<ArrayBuffer>;

export const encode = (text: string): Bytes => new TextEncoder().encode(text);
export const digestOf = async (bytes: Bytes): Promise<string> => `sha256:${await sha256(bytes)}`;

/** Bytes that look random, and are the same at each call. */
export function content(length: number, seed = 1): Bytes {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) bytes[at] = (state = (state * 1_103_515_245 + 12_345) >>> 0) >>> 24;
  return bytes;
}

export function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

/** An image of one layer. */
export interface TestImage {
  layer: Bytes;
  config: Bytes;
  manifest: Bytes;
  layerDigest: string;
  configDigest: string;
  digest: string;
}

export async function testImage(layer: Bytes, extra: Record<string, unknown> = {}): Promise<TestImage> {
  const layerDigest = await digestOf(layer);
  const config = encode(
    JSON.stringify({ os: 'linux', architecture: '386', rootfs: { type: 'layers', diff_ids: [layerDigest] } }),
  );
  const configDigest = await digestOf(config);
  const manifest = encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_IMAGE,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: configDigest,
        size: config.length,
      },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layerDigest, size: layer.length },
      ],
      ...extra,
    }),
  );
  return { layer, config, manifest, layerDigest, configDigest, digest: await digestOf(manifest) };
}

/** Files in memory, named by their hash. */
export class MemorySource implements FileSource {
  readonly files = new Map<string, Bytes>();

  /** Bytes that arrive at a time. */
  chunkBytes = Infinity;

  async read(path: string, { expected, onChunk }: ReadOptions = {}): Promise<Bytes> {
    const bytes = this.files.get(path);
    if (!bytes) throw new DrydockError('download-failed', `${path} could not be fetched.`, { path });
    for (let at = 0; at < bytes.length; at += this.chunkBytes)
      onChunk?.(bytes.slice(at, at + this.chunkBytes));
    return verify(path, bytes, expected);
  }
}

/** A catalogue with `docker.io/library/nginx` (latest, 1.26, alpine) and `ghcr.io/acme/tool`. */
export async function testCatalogue(): Promise<{
  index: Catalogue;
  source: MemorySource;
  nginx: TestImage;
}> {
  const source = new MemorySource();
  const blobs: Catalogue['blobs'] = {};
  const add = async (bytes: Bytes, mediaType?: string): Promise<string> => {
    const digest = await digestOf(bytes);
    const blob = { bytes: bytes.length, ...(mediaType !== undefined && { mediaType }) };
    source.files.set(blobFile(digest, blob).path, bytes);
    blobs[digest] = blob;
    return digest;
  };
  const nginx = await testImage(content(200_000, 7));
  const digest = await add(nginx.manifest, OCI_IMAGE);
  const parts = [await add(nginx.config), await add(nginx.layer)];
  const repository = {
    about: 'A **stand-in**.',
    origin: 'stand-in' as const,
    licences: ['MIT'],
    stars: 100,
  };
  const tag = { digest, blobs: parts };
  const index: Catalogue = {
    format: 1,
    repositories: [
      {
        ...repository,
        name: 'docker.io/library/nginx',
        description: 'Web server',
        keywords: ['http', 'apache'],
        tags: { latest: tag, '1.26': tag, alpine: tag },
      },
      { ...repository, name: 'ghcr.io/acme/tool', description: 'A tool', keywords: [], tags: { v1: tag } },
    ],
    blobs,
  };
  return { index, source, nginx };
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: Bytes | string | ReadableStream<Uint8Array>;
  /** Rights that a `Client` asks for besides those that the registry names. */
  scopes?: string[];
}

/** Calls one URL of a hub. */
export async function call(
  hub: Hub,
  url: string,
  { method = 'GET', headers, body }: Call = {},
): Promise<Response> {
  const bytes = typeof body === 'string' ? encode(body) : body;
  const sent = new Headers(headers);
  if (bytes instanceof Uint8Array) sent.set('Content-Length', String(bytes.length));
  return hub.fetch({
    method,
    url,
    headers: sent,
    body: bytes instanceof Uint8Array ? streamOf(bytes) : (bytes ?? null),
  });
}

export const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

/** The codes of a registry's error answer. */
export async function codes(response: Response): Promise<string[]> {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return errors.map((error) => error.code);
}

/** Somebody at a registry's API, who answers its challenges. */
export class Client {
  constructor(
    readonly hub: Hub,
    private readonly login?: { user: string; password: string },
    private readonly host = 'registry-1.docker.io',
  ) {}

  /** @param path under `/v2/` */
  async call(path: string, options: Call = {}): Promise<Response> {
    const url = `https://${this.host}/v2/${path}`;
    const first = await call(this.hub, url, { method: options.method ?? 'GET' });
    const challenge = first.headers.get('www-authenticate');
    if (challenge === null) return first;
    const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
    const realm = new URL(parameter('realm'));
    realm.searchParams.set('service', parameter('service'));
    for (const scope of [parameter('scope'), ...(options.scopes ?? [])])
      if (scope !== '') realm.searchParams.append('scope', scope);
    const { user, password } = this.login ?? {};
    const headers: Record<string, string> =
      user === undefined || password === undefined ? {} : { Authorization: basic(user, password) };
    const answer = await call(this.hub, realm.href, { headers });
    if (!answer.ok) return answer;
    const { token } = (await answer.json()) as { token: string };
    return call(this.hub, url, {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${token}` },
    });
  }

  /** Uploads a blob in two requests, as Docker does. */
  async pushBlob(name: string, bytes: Bytes): Promise<Response> {
    const begun = await this.call(`${name}/blobs/uploads/`, { method: 'POST' });
    const path = (begun.headers.get('location') ?? '').replace('/v2/', '');
    await this.call(path, { method: 'PATCH', body: streamOf(bytes) });
    return this.call(`${path}?digest=${await digestOf(bytes)}`, { method: 'PUT' });
  }

  async pushImage(name: string, tag: string, image: TestImage): Promise<Response> {
    await this.pushBlob(name, image.layer);
    await this.pushBlob(name, image.config);
    return this.pushManifest(name, tag, image.manifest);
  }

  pushManifest(name: string, reference: string, body: Bytes, type: string = OCI_IMAGE): Promise<Response> {
    return this.call(`${name}/manifests/${reference}`, {
      method: 'PUT',
      body,
      headers: { 'Content-Type': type },
    });
  }
}
