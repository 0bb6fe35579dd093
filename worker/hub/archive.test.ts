import { gzipSync } from 'node:zlib';
import { packTar, unpackTar, type TarEntry } from 'modern-tar';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHub, type Hub } from './hub.ts';
import { OCI_INDEX } from './manifest.ts';
import { MemoryRecords, openMemoryStore } from './memory-store.ts';
import { HubStore } from './store.ts';
import {
  call,
  content,
  digestOf,
  encode,
  OCI_IMAGE,
  streamOf,
  testCatalogue,
  testImage,
  type Bytes,
  type TestImage,
} from './testing.ts';

let records: MemoryRecords;
let hub: Hub;
let nginx: TestImage;

beforeEach(async () => {
  records = new MemoryRecords();
  const catalogue = await testCatalogue();
  ({ nginx } = catalogue);
  hub = createHub({ store: new HubStore(records), catalogue });
});

const file = (name: string, body: Bytes | string): TarEntry => {
  const bytes = typeof body === 'string' ? encode(body) : body;
  return { header: { name, size: bytes.length, type: 'file' }, body: bytes };
};
const json = (name: string, value: unknown): TarEntry => file(name, JSON.stringify(value));
const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

const blobsOf = (image: TestImage): TarEntry[] => [
  file(blobPath(image.layerDigest), image.layer),
  file(blobPath(image.configDigest), image.config),
  file(blobPath(image.digest), image.manifest),
];

const descriptorOf = (image: TestImage, annotations?: Record<string, string>): Record<string, unknown> => ({
  mediaType: OCI_IMAGE,
  digest: image.digest,
  size: image.manifest.length,
  ...(annotations && { annotations }),
});

/** An OCI archive of these manifests. */
const layout = (manifests: unknown[], files: TarEntry[]): TarEntry[] => [
  ...files,
  json('oci-layout', { imageLayoutVersion: '1.0.0' }),
  json('index.json', { schemaVersion: 2, manifests }),
];

/** What `docker save` of an Engine before 25 writes. */
async function dockerSave(
  layers: Bytes[],
  tags: string[] | null,
  change: Record<string, unknown> = {},
): Promise<TarEntry[]> {
  const diffs = await Promise.all(layers.map(digestOf));
  const config = encode(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: diffs },
      ...change,
    }),
  );
  const name = `${(await digestOf(config)).slice(7)}.json`;
  return [
    ...layers.map((layer, at) => file(`layer${at}/layer.tar`, layer)),
    file(name, config),
    json('manifest.json', [
      { Config: name, RepoTags: tags, Layers: layers.map((_, at) => `layer${at}/layer.tar`) },
    ]),
  ];
}

/** In pieces of odd sizes, as a network would bring it. */
async function tarOf(
  entries: TarEntry[],
  shape: 'tar' | 'tar.gz' = 'tar',
): Promise<ReadableStream<Uint8Array>> {
  const packed = await packTar(entries);
  const bytes = shape === 'tar' ? packed : new Uint8Array(gzipSync(packed));
  const pieces: Uint8Array[] = [bytes.slice(0, 1)];
  for (let at = 1; at < bytes.length; at += 7_777) pieces.push(bytes.slice(at, at + 7_777));
  return streamOf(...pieces);
}

/** A pull through the mirror: manifest, then all that it names, each proved; their digests. */
async function pull(name: string, reference: string): Promise<string[]> {
  const at = `http://mirror.drydock/v2/${name}`;
  const response = await call(hub, `${at}/manifests/${reference}`);
  expect(response.status, `${name}:${reference}`).toBe(200);
  const manifest = (await response.json()) as { config: { digest: string }; layers: { digest: string }[] };
  const digests = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
  for (const digest of digests) {
    const blob = await call(hub, `${at}/blobs/${digest}`);
    expect(await digestOf(new Uint8Array(await blob.arrayBuffer()))).toBe(digest);
  }
  return digests;
}

/** Everything that the store holds. */
async function everything(): Promise<number> {
  return records.transact('read', async (tx) => {
    let rows = 0;
    for (const table of [
      'parts',
      'blobs',
      'links',
      'uses',
      'manifests',
      'tags',
      'uploads',
      'repositories',
    ] as const)
      rows += (await tx.list(table, { prefix: '' })).length;
    return rows;
  });
}

describe('import', () => {
  it.each(['tar', 'tar.gz'] as const)(
    'takes an OCI archive as %s, whatever the order of its files',
    async (shape) => {
      const image = await testImage(content(1_500_000));
      const named = descriptorOf(image, { 'org.opencontainers.image.ref.name': 'docker.io/library/mongo:7' });
      const imported = await hub.import(await tarOf(layout([named], blobsOf(image)).reverse(), shape));
      expect(imported).toEqual([
        { repository: 'docker.io/library/mongo', tag: '7', digest: image.digest, platforms: ['linux/386'] },
      ]);
      expect(await pull('library/mongo', '7')).toEqual([image.configDigest, image.layerDigest]);
    },
    120_000,
  );

  it('takes what docker save wrote before Engine 25, under all its names', async () => {
    const layers = [content(200_000, 1), content(10, 2)];
    const imported = await hub.import(
      await tarOf(await dockerSave(layers, ['mongo:7', 'ghcr.io/anna/db:old'])),
    );
    expect(imported.map(({ repository, tag, platforms }) => [repository, tag, platforms])).toEqual([
      ['docker.io/library/mongo', '7', ['linux/amd64']],
      ['ghcr.io/anna/db', 'old', ['linux/amd64']],
    ]);
    expect((await pull('library/mongo', '7')).slice(1)).toEqual(await Promise.all(layers.map(digestOf)));
    expect(await hub.remove('docker.io/library/mongo')).toBe(true);
    expect(await hub.remove('ghcr.io/anna/db')).toBe(true);
    expect(await everything()).toBe(0);
  });

  it('takes layers that are gzipped or links to others', async () => {
    const layer = content(5_000);
    const imported = await hub.import(
      await tarOf([
        file('layer0/layer.tar', new Uint8Array(gzipSync(layer))),
        { header: { name: 'layer1/layer.tar', size: 0, type: 'symlink', linkname: '../layer0/layer.tar' } },
        ...(await dockerSave([layer, layer], null)).slice(2),
      ]),
      { name: 'My Image.tar' },
    );
    expect(imported).toMatchObject([{ repository: 'docker.io/local/my-image-tar', tag: 'latest' }]);
  });

  it('gives the name that is asked for', async () => {
    const image = await testImage(content(10));
    const [imported] = await hub.import(await tarOf(layout([descriptorOf(image)], blobsOf(image))), {
      as: 'ghcr.io/anna/web:2',
    });
    expect(imported).toMatchObject({ repository: 'ghcr.io/anna/web', tag: '2' });
  });

  it('takes of an index what the archive has of it', async () => {
    const images = [
      await testImage(content(10, 1)),
      await testImage(content(10, 2)),
      await testImage(content(10, 3)),
    ];
    const index = encode(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: images.map((image) => descriptorOf(image)),
      }),
    );
    const top = { mediaType: OCI_INDEX, digest: await digestOf(index), size: index.length };
    /** With so many images whole; of the others there is the manifest, as containerd exports them. */
    const archive = (whole: number): Promise<ReadableStream<Uint8Array>> => {
      const blobs = images.flatMap((image, at) => blobsOf(image).slice(at < whole ? 0 : 2));
      return tarOf(layout([top], [...blobs, file(blobPath(top.digest), index)]));
    };
    const [one] = await hub.import(await archive(1), { as: 'anna/one' });
    expect(one?.digest, 'the one image itself').toBe(images[0]?.digest);
    const [all] = await hub.import(await archive(3), { as: 'anna/all' });
    expect(all?.digest, 'the index as it was').toBe(top.digest);
    await hub.import(await archive(2), { as: 'anna/two' });
    const two = await call(hub, 'http://mirror.drydock/v2/anna/two/manifests/latest');
    expect(await two.json()).toMatchObject({
      manifests: images.slice(0, 2).map(({ digest }) => ({ digest })),
    });
    await expect(hub.import(await archive(0))).rejects.toMatchObject({ code: 'damaged-file' });
  });

  it('does not replace an image of the catalogue', async () => {
    const archive = await tarOf(await dockerSave([content(10)], ['nginx:latest']));
    await expect(hub.import(archive)).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('nginx:latest is an image of the catalogue') as string,
    });
    expect(await everything()).toBe(0);
    const beside = await hub.import(await tarOf(await dockerSave([content(10)], ['nginx:mine'])));
    expect(beside).toMatchObject([{ repository: 'docker.io/library/nginx', tag: 'mine' }]);
    expect(await (await call(hub, 'http://mirror.drydock/v2/library/nginx/tags/list')).json()).toMatchObject({
      tags: ['1.26', 'alpine', 'latest', 'mine'],
    });
  });

  const layer = content(3_000);
  const BAD: [string, (image: TestImage) => TarEntry[] | Promise<TarEntry[]>][] = [
    ['neither kind', () => [file('readme', 'hello')]],
    ['no image', () => layout([], [])],
    [
      'a blob with other bytes than its name',
      (image) => layout([descriptorOf(image)], [file(blobPath(image.layerDigest), content(5))]),
    ],
    ['a missing layer', (image) => layout([descriptorOf(image)], blobsOf(image).slice(1))],
    [
      'another size than the descriptor says',
      (image) => layout([{ ...descriptorOf(image), size: 1 }], blobsOf(image)),
    ],
    [
      'an index.json that is none',
      (image) => [...layout([], blobsOf(image)).slice(0, 4), file('index.json', '{"a":1}')],
    ],
    [
      'a name that is none',
      (image) => layout([descriptorOf(image, { 'io.containerd.image.name': 'NO/../x' })], blobsOf(image)),
    ],
    ['a path that leads out', () => [file('../../etc/passwd', 'x')]],
    ['an absolute path', () => [file('/etc/passwd', 'x')]],
    ['the same file twice', () => [file('a', 'x'), file('./a', 'y')]],
    ['a device', () => [{ header: { name: 'dev', size: 0, type: 'character-device' } }]],
    [
      'a link that leads out',
      () => [{ header: { name: 'a', size: 0, type: 'symlink', linkname: '../../etc/passwd' } }],
    ],
    [
      'links in a circle',
      () => [
        { header: { name: 'manifest.json', size: 0, type: 'symlink', linkname: 'b' } },
        { header: { name: 'b', size: 0, type: 'symlink', linkname: 'manifest.json' } },
      ],
    ],
    [
      'docker save with another layer than its configuration names',
      async () => [
        file('layer0/layer.tar', content(10, 9)),
        ...(await dockerSave([layer], ['a:b'])).slice(1),
      ],
    ],
    [
      'docker save with a layer too few',
      async () => dockerSave([layer], ['a:b'], { rootfs: { diff_ids: [] } }),
    ],
    [
      'docker save with another configuration than its name says',
      async () => {
        const [first, config, last] = await dockerSave([layer], ['a:b']);
        return [first, config && file(config.header.name, '{}'), last].flatMap((entry) => entry ?? []);
      },
    ],
  ];

  it.each(BAD)('refuses an archive with %s, and keeps nothing', async (_what, entries) => {
    const archive = await tarOf(await entries(await testImage(layer)));
    await expect(hub.import(archive)).rejects.toMatchObject({ name: 'DrydockError', code: 'damaged-file' });
    expect(await everything()).toBe(0);
  });

  it.each([
    ['what is no tar', () => streamOf(content(5_000))],
    ['nothing at all', () => streamOf()],
    ['an archive that ends early', (bytes: Bytes) => streamOf(bytes.slice(0, 2_000))],
    ['gzip that ends early', (bytes: Bytes) => streamOf(new Uint8Array(gzipSync(bytes)).slice(0, 500))],
  ])('refuses %s, and keeps nothing', async (_what, change) => {
    const image = await testImage(layer);
    const archive = change(await packTar(layout([descriptorOf(image)], blobsOf(image))));
    await expect(hub.import(archive)).rejects.toMatchObject({ code: 'damaged-file' });
    expect(await everything()).toBe(0);
  });

  it('keeps nothing of an archive whose stream breaks', async () => {
    const image = await testImage(layer);
    const bytes = await packTar(layout([descriptorOf(image)], blobsOf(image)));
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(bytes.slice(0, 4_500));
      },
      pull: (controller) => {
        controller.error(new Error('the disk was pulled out'));
      },
    });
    await expect(hub.import(broken)).rejects.toThrow('the disk was pulled out');
    expect(await everything()).toBe(0);
  });
});

describe('export', () => {
  it('writes an OCI archive that can be imported elsewhere', async () => {
    const other = createHub({ store: openMemoryStore() });
    const imported = await other.import(await hub.export('docker.io/library/nginx', '1.26'));
    expect(imported).toEqual([
      { repository: 'docker.io/library/nginx', tag: '1.26', digest: nginx.digest, platforms: ['linux/386'] },
    ]);
    hub = other;
    expect(await pull('library/nginx', '1.26')).toEqual([nginx.configDigest, nginx.layerDigest]);
  });

  it('has what docker load looks for', async () => {
    const entries = await unpackTar(await hub.export('docker.io/library/nginx', 'latest'));
    const manifest = entries.find(({ header }) => header.name === 'manifest.json');
    expect(JSON.parse(new TextDecoder().decode(manifest?.data))).toEqual([
      {
        Config: blobPath(nginx.configDigest),
        RepoTags: ['nginx:latest'],
        Layers: [blobPath(nginx.layerDigest)],
      },
    ]);
    expect(entries.find(({ header }) => header.name === blobPath(nginx.layerDigest))?.data).toEqual(
      nginx.layer,
    );
  });

  it('says that an image is not there', async () => {
    await expect(hub.export('docker.io/library/nginx', 'none')).rejects.toMatchObject({
      code: 'wrong-state',
    });
  });
});
