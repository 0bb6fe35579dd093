/** The hub as skopeo sees it, which speaks the registry protocol as Podman and CRI-O do. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { installPackages } from '../../images/host/debian-packages.ts';
import { createHub, type Hub } from '../../worker/hub/hub.ts';
import { openMemoryStore } from '../../worker/hub/memory-store.ts';
import { serveHub, type HubServer } from './http-server.ts';

const run = promisify(execFile);
const ANNA = 'anna:secret';

let folder: string;
let hub: Hub;
let server: HubServer;

beforeAll(async () => {
  const there = await run('skopeo', ['--version']).then(
    () => true,
    () => false,
  );
  if (!there) await installPackages(['skopeo'], () => undefined);
  folder = await mkdtemp(join(tmpdir(), 'drydock-skopeo-'));
}, 180_000);

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  hub = createHub({ store: openMemoryStore() });
  server = await serveHub(hub);
  return () => server.close();
});

/** Runs skopeo; what it printed. */
async function skopeo(...parameters: string[]): Promise<string> {
  const flags = ['--insecure-policy', '--override-os', 'linux', '--override-arch', '386'];
  return (await run('skopeo', [...flags, ...parameters], { timeout: 50_000 })).stdout;
}

/** What skopeo complains of. */
async function complaint(...parameters: string[]): Promise<string> {
  const failure: unknown = await skopeo(...parameters).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  return (failure as { stderr: string }).stderr;
}

const remote = (image: string): string => `docker://${server.address}/${image}`;
const push = (from: string, image: string, ...flags: string[]): Promise<string> =>
  skopeo('copy', ...flags, '--dest-tls-verify=false', '--dest-creds', ANNA, from, remote(image));
const pull = (image: string, to: string, ...flags: string[]): Promise<string> =>
  skopeo('copy', ...flags, '--src-tls-verify=false', remote(image), to);

interface Layout {
  path: string;
  /** Of the manifest or index. */
  digest: string;
  /** Path of the first image's layer. */
  layer: string;
}

/** Writes an OCI layout whose tag `v1` is an image, or an index of images for several architectures. */
async function layout(name: string, ...architectures: string[]): Promise<Layout> {
  const path = join(folder, name);
  await mkdir(join(path, 'blobs/sha256'), { recursive: true });
  const blob = async (mediaType: string, content: Uint8Array | string) => {
    const hash = createHash('sha256').update(content).digest('hex');
    await writeFile(join(path, 'blobs/sha256', hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: Buffer.byteLength(content) };
  };
  const layers: string[] = [];
  const image = async (architecture: string) => {
    const text = `for ${architecture}, in ${name}`;
    const tar = await packTar([
      { header: { name: 'hello', size: text.length, mtime: new Date(0) }, body: text },
    ]);
    const layer = await blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar));
    layers.push(join(path, 'blobs', layer.digest.replace(':', '/')));
    const diff = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    const config = { os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: [diff] }, config: {} };
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: await blob('application/vnd.oci.image.config.v1+json', JSON.stringify(config)),
      layers: [layer],
    };
    return blob(manifest.mediaType, JSON.stringify(manifest));
  };
  const images = await Promise.all(
    architectures.map(async (architecture) => ({
      ...(await image(architecture)),
      platform: { os: 'linux', architecture },
    })),
  );
  const index = 'application/vnd.oci.image.index.v1+json';
  const [only] = images;
  const top =
    images.length === 1 && only
      ? { mediaType: only.mediaType, digest: only.digest, size: only.size }
      : await blob(index, JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: images }));
  const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
  await writeFile(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(
    join(path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...top, annotations }] }),
  );
  return { path, digest: top.digest, layer: layers[0] ?? '' };
}

async function topOf(path: string): Promise<string | undefined> {
  const index = JSON.parse(await readFile(join(path, 'index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  return index.manifests[0]?.digest;
}

it('copies an image in and out, inspects it and lists its tags', async () => {
  const { path, digest } = await layout('one', '386');
  await push(`oci:${path}:v1`, 'anna/web:v1');
  await push(`oci:${path}:v1`, 'anna/web:v2');
  const inspected: unknown = JSON.parse(await skopeo('inspect', '--tls-verify=false', remote('anna/web:v1')));
  expect(inspected).toMatchObject({
    Digest: digest,
    RepoTags: ['v1', 'v2'],
    Architecture: '386',
    Os: 'linux',
  });
  const tags: unknown = JSON.parse(await skopeo('list-tags', '--tls-verify=false', remote('anna/web')));
  expect(tags).toMatchObject({ Tags: ['v1', 'v2'] });
  const out = join(folder, 'one-out');
  await pull(`anna/web@${digest}`, `oci:${out}:v1`);
  expect(await topOf(out)).toBe(digest);
});

it('copies all platforms of an image', async () => {
  const { path, digest } = await layout('many', '386', 'amd64', 'arm64');
  await push(`oci:${path}:v1`, 'anna/many:v1', '--all');
  const out = join(folder, 'many-out');
  await pull('anna/many:v1', `oci:${out}:v1`, '--all');
  expect(await topOf(out)).toBe(digest);
  const ours: unknown = JSON.parse(await skopeo('inspect', '--tls-verify=false', remote('anna/many:v1')));
  expect(ours).toMatchObject({ Architecture: '386' });
});

it('copies an image between repositories without sending its layers', async () => {
  const { path, digest, layer } = await layout('mounted', '386');
  await push(`oci:${path}:v1`, 'anna/from:v1');
  await skopeo(
    ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false', '--dest-creds', ANNA],
    ...[remote('anna/from:v1'), remote('anna/to:v1')],
  );
  expect((await hub.list()).map(({ name, images }) => [name, images[0]?.digest])).toEqual([
    ['anna/from', digest],
    ['anna/to', digest],
  ]);
  // Only the configuration is sent.
  const sent = server.requests.filter((line) => line.includes('/anna/to/blobs/uploads/'));
  expect(
    sent.filter((line) => line.startsWith('POST') && line.includes(`mount=sha256%3A${basename(layer)}`)),
  ).toHaveLength(1);
  expect(sent.filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
});

it('deletes an image', async () => {
  const { path } = await layout('gone', '386');
  await push(`oci:${path}:v1`, 'anna/gone:v1');
  await skopeo('delete', '--tls-verify=false', '--creds', ANNA, remote('anna/gone:v1'));
  expect(await hub.list()).toEqual([]);
  expect(await complaint('inspect', '--tls-verify=false', remote('anna/gone:v1'))).toMatch(
    /unauthorized|denied|unknown/,
  );
});

it('is refused with a wrong password, and where others push', async () => {
  const { path } = await layout('refused', '386');
  await push(`oci:${path}:v1`, 'anna/web:v1');
  const copy = (credentials: string, image: string): Promise<string> =>
    complaint(
      'copy',
      '--dest-tls-verify=false',
      '--dest-creds',
      credentials,
      `oci:${path}:v1`,
      remote(image),
    );
  expect(await copy('anna:wrong', 'anna/web:v2')).toContain('incorrect username or password');
  expect(await copy('bert:secret', 'anna/web:v2')).toMatch(/denied|unauthorized/);
  expect((await hub.list())[0]?.images.map(({ tag }) => tag)).toEqual(['v1']);
});

it('leaves nothing to be seen of a push that breaks off, and takes it when it is whole', async () => {
  const { path, layer } = await layout('broken', '386');
  const whole = await readFile(layer);
  await writeFile(layer, Buffer.concat([whole, Buffer.from('more')]));
  await expect(push(`oci:${path}:v1`, 'anna/broken:v1')).rejects.toThrow(
    /[Dd]igest did not match|does not match/,
  );
  expect(await hub.list()).toEqual([]);
  await writeFile(layer, whole);
  await push(`oci:${path}:v1`, 'anna/broken:v1');
  expect(await hub.list()).toHaveLength(1);
});

it('reads the archives that the hub writes, and writes those that it reads', async () => {
  const { path, digest } = await layout('archive', '386');
  await push(`oci:${path}:v1`, 'anna/web:v1');
  const archive = join(folder, 'out.tar');
  const exported = await hub.export('docker.io/anna/web', 'v1');
  await pipeline(Readable.fromWeb(exported as NodeStream), createWriteStream(archive));
  expect(JSON.parse(await skopeo('inspect', `oci-archive:${archive}`))).toMatchObject({ Digest: digest });
  expect(JSON.parse(await skopeo('inspect', `docker-archive:${archive}`))).toMatchObject({
    Architecture: '386',
  });

  for (const kind of ['oci-archive', 'docker-archive']) {
    const file = join(folder, `${kind}.tar`);
    await skopeo('copy', `oci:${path}:v1`, `${kind}:${file}:docker.io/library/mongo:7`);
    const fresh = createHub({ store: openMemoryStore() });
    const stream = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
    expect(await fresh.import(stream), kind).toMatchObject([
      { repository: 'docker.io/library/mongo', tag: '7', platforms: ['linux/386'] },
    ]);
  }
});
