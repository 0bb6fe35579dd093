import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MIRROR_NAME, REGISTRY_NAMES } from './host-names.ts';
import { createHub, type Hub, type UnknownImage } from './hub.ts';
import { openIndexedStore } from './indexed-store.ts';
import { MemoryRecords, openMemoryStore } from './memory-store.ts';
import { storageFull, type Records } from './records.ts';
import { HubStore } from './store.ts';
import {
  basic,
  call,
  Client,
  codes,
  content,
  digestOf,
  streamOf,
  testCatalogue,
  testImage,
  type MemorySource,
  type TestImage,
} from './testing.ts';

const anna = { user: 'anna', password: 'secret' };
const toPush = ['repository:anna/web:pull,push'];
const absent = `sha256:${'0'.repeat(64)}`;

let now: number;
let hub: Hub;
let nginx: TestImage;
let source: MemorySource;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  const catalogue = await testCatalogue();
  ({ nginx, source } = catalogue);
  hub = createHub({ store: openMemoryStore({ now: () => now }), catalogue });
});

async function token(query: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const response = await call(hub, `https://auth.docker.io/token?service=registry.docker.io&${query}`, {
    headers,
  });
  return { status: response.status, ...((await response.json()) as object) };
}

function access(of: unknown): unknown {
  const [, claims = ''] = String(of).split('.');
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { access: unknown }).access;
}

describe('hosts', () => {
  it.each([
    ['https://registry-1.docker.io/v2/', 401],
    ['https://index.docker.io/v2/', 401],
    ['https://ghcr.io/v2/', 401],
    ['https://quay.io/v2/', 401],
    ['http://mirror.drydock/v2/', 200],
    ['http://mirror.drydock:80/v2/', 200],
    ['https://auth.docker.io/token', 200],
    ['https://ghcr.io/token', 200],
    ['https://quay.io/v2/auth', 200],
    ['https://quay.io/v2/author/web/manifests/v1', 401],
    ['https://index.docker.io/v1/_ping', 200],
    ['https://registry-1.docker.io/', 404],
    ['https://example.org/v2/', 404],
  ])('%s answers %i', async (url, status) => {
    expect((await call(hub, url)).status).toBe(status);
  });

  it.each([...REGISTRY_NAMES, MIRROR_NAME])('knows %s, by which machines look for it', async (name) => {
    const response = await call(hub, `https://${name}/nothing`);
    expect(await response.text()).toContain('There is no /nothing in the hub.');
  });

  it('does not throw at what is no address', async () => {
    expect((await call(hub, 'nonsense')).status).toBe(500);
  });

  it('says in JSON that another host is not here', async () => {
    const response = await call(hub, 'https://example.org/v2/');
    expect(await response.json()).toEqual({
      errors: [{ code: 'UNKNOWN', message: 'There is no example.org in the hub.' }],
    });
  });

  it.each([
    ['registry-1.docker.io', 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'],
    ['ghcr.io', 'Bearer realm="https://ghcr.io/token",service="ghcr.io"'],
    ['quay.io', 'Bearer realm="https://quay.io/v2/auth",service="quay.io"'],
  ])('%s names its token service', async (host, challenge) => {
    const response = await call(hub, `https://${host}/v2/`);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });

  it('keeps the registries apart', async () => {
    expect((await new Client(hub, undefined, 'ghcr.io').call('acme/tool/manifests/v1')).status).toBe(200);
    expect((await new Client(hub).call('acme/tool/manifests/v1')).status).toBe(401);
    const response = await new Client(hub, undefined, 'ghcr.io').call('_catalog');
    expect(await response.json()).toEqual({ repositories: ['acme/tool'] });
  });
});

describe('the mirror', () => {
  it('gives everybody everything, and takes nothing', async () => {
    await new Client(hub, anna).pushImage('anna/web', 'v1', await testImage(content(10)));
    const at = 'http://mirror.drydock/v2';
    const manifest = await call(hub, `${at}/library/nginx/manifests/latest`);
    expect(manifest.headers.get('docker-content-digest')).toBe(nginx.digest);
    const layer = await call(hub, `${at}/library/nginx/blobs/${nginx.layerDigest}`);
    expect(new Uint8Array(await layer.arrayBuffer())).toEqual(nginx.layer);
    expect((await call(hub, `${at}/anna/web/manifests/v1`)).status).toBe(200);
    const push = await call(hub, `${at}/anna/web/blobs/uploads/`, { method: 'POST' });
    expect([push.status, await codes(push)]).toEqual([405, ['UNSUPPORTED']]);
    const none = await call(hub, `${at}/library/mongo/manifests/latest`);
    expect([none.status, await codes(none)]).toEqual([404, ['NAME_UNKNOWN']]);
  });

  it('gives a part of a layer', async () => {
    const response = await call(hub, `http://mirror.drydock/v2/library/nginx/blobs/${nginx.layerDigest}`, {
      headers: { Range: 'bytes=150000-150009' },
    });
    expect(response.status).toBe(206);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(nginx.layer.slice(150_000, 150_010));
  });

  it('says that a file of the catalogue cannot be had, and has not sent a byte', async () => {
    source.files.clear();
    const response = await call(hub, `http://mirror.drydock/v2/library/nginx/blobs/${nginx.layerDigest}`);
    expect([response.status, await codes(response)]).toEqual([503, ['UNAVAILABLE']]);
  });

  it('refuses a file of the catalogue that is damaged', async () => {
    for (const [path, bytes] of source.files)
      source.files.set(
        path,
        bytes.map((byte) => byte ^ 1),
      );
    const response = await call(hub, 'http://mirror.drydock/v2/library/nginx/manifests/latest');
    expect([response.status, await codes(response)]).toEqual([503, ['UNAVAILABLE']]);
  });
});

describe('logging in', () => {
  it('makes an account of a new name, and wants its password from then on', async () => {
    expect(await token('', { Authorization: basic('anna', 'secret') })).toMatchObject({
      status: 200,
      expires_in: 300,
    });
    expect(await token('', { Authorization: basic('anna', 'secret') })).toMatchObject({ status: 200 });
    expect(await token('', { Authorization: basic('anna', 'wrong') })).toMatchObject({
      status: 401,
      details: 'incorrect username or password',
    });
  });

  it.each([
    ['Anna', /cannot be a user name/],
    ['bob', /4 to 30/],
    ['../x', /cannot be a user name/],
    ['library', /taken by images of the catalogue/],
  ])('refuses the name %s and says why', async (user, why) => {
    const answer = await token('', { Authorization: basic(user, 'secret') });
    expect(answer).toMatchObject({ status: 401, details: expect.stringMatching(why) as string });
  });

  it('keeps no password', async () => {
    const store = openMemoryStore();
    await call(createHub({ store }), 'https://auth.docker.io/token', {
      headers: { Authorization: basic('anna', 'secret') },
    });
    const account = await store.account('docker.io', 'anna');
    expect(account).toMatchObject({ iterations: 600_000 });
    expect(account?.salt).toHaveLength(16);
    expect(account?.hash).toHaveLength(32);
  });

  it('speaks OAuth 2, with refresh tokens', async () => {
    const post = (form: Record<string, string>): Promise<Response> =>
      call(hub, 'https://auth.docker.io/token', {
        method: 'POST',
        body: new URLSearchParams(form).toString(),
      });
    const scope = 'repository:anna/web:pull,push repository:library/nginx:pull';
    const first = await post({
      grant_type: 'password',
      username: 'anna',
      password: 'secret',
      access_type: 'offline',
      scope,
    });
    const { refresh_token, access_token } = (await first.json()) as Record<string, string>;
    expect(access(access_token)).toEqual([
      { type: 'repository', name: 'anna/web', actions: ['pull', 'push'] },
      { type: 'repository', name: 'library/nginx', actions: ['pull'] },
    ]);
    const again = await post({ grant_type: 'refresh_token', refresh_token: refresh_token ?? '', scope });
    expect(access(((await again.json()) as Record<string, string>)['access_token'])).toHaveLength(2);
    expect((await post({ grant_type: 'refresh_token', refresh_token: access_token ?? '' })).status).toBe(401);
    expect((await post({ grant_type: 'password', username: 'anna', password: 'x' })).status).toBe(401);
    expect((await post({ grant_type: 'none' })).status).toBe(400);
  });

  it('takes user and password at the API itself', async () => {
    const headers = { Authorization: basic('anna', 'secret') };
    expect((await call(hub, 'https://ghcr.io/v2/', { headers })).status).toBe(200);
    const own = await call(hub, 'https://ghcr.io/v2/anna/web/blobs/uploads/', { method: 'POST', headers });
    expect(own.status).toBe(202);
    const other = await call(hub, 'https://ghcr.io/v2/acme/tool/blobs/uploads/', { method: 'POST', headers });
    expect([other.status, await codes(other)]).toEqual([403, ['DENIED']]);
    const wrong = await call(hub, 'https://ghcr.io/v2/', { headers: { Authorization: basic('anna', 'x') } });
    expect(wrong.status).toBe(401);
  });
});

describe('tokens', () => {
  it('name only what their bearer may do', async () => {
    const scopes = [
      'anna/web:pull,push',
      'library/nginx:pull,push',
      'library/none:pull',
      'bert/x:*',
      'anna/x:*',
    ];
    const query = scopes.map((scope) => `scope=repository:${scope}`).join('&');
    const { token: mine } = await token(query, { Authorization: basic('anna', 'secret') });
    expect(access(mine)).toEqual([
      { type: 'repository', name: 'anna/web', actions: ['pull', 'push'] },
      { type: 'repository', name: 'library/nginx', actions: ['pull'] },
      { type: 'repository', name: 'anna/x', actions: ['pull', 'push', 'delete'] },
    ]);
    const { token: anybodys } = await token(query);
    expect(access(anybodys)).toEqual([{ type: 'repository', name: 'library/nginx', actions: ['pull'] }]);
  });

  it('expire, and cannot be forged or used elsewhere', async () => {
    const { token: given } = await token('scope=repository:library/nginx:pull');
    const pull = async (bearer: string, host = 'registry-1.docker.io'): Promise<string> => {
      const response = await call(hub, `https://${host}/v2/library/nginx/manifests/latest`, {
        headers: { Authorization: `Bearer ${bearer}` },
      });
      return `${response.status} ${/error="(\w+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? ''}`;
    };
    const bearer = String(given);
    expect(await pull(bearer)).toBe('200 ');
    expect(await pull(bearer, 'ghcr.io')).toBe('401 invalid_token');
    const [header, , signature] = bearer.split('.');
    const forged = Buffer.from(JSON.stringify({ iss: 'drydock', sub: 'anna' })).toString('base64url');
    expect(await pull(`${header}.${forged}.${signature}`)).toBe('401 invalid_token');
    expect(await pull('nonsense')).toBe('401 invalid_token');
    now += 299_000;
    expect(await pull(bearer)).toBe('200 ');
    now += 1_000;
    expect(await pull(bearer)).toBe('401 invalid_token');
  });
});

describe('pushing and pulling', () => {
  it('makes a pushed image everybody’s to pull', async () => {
    const image = await testImage(content(3_000_000));
    expect((await new Client(hub, anna).pushImage('anna/web', 'v1', image)).status).toBe(201);
    const layer = await new Client(hub).call(`anna/web/blobs/${image.layerDigest}`);
    expect(await digestOf(new Uint8Array(await layer.arrayBuffer()))).toBe(image.layerDigest);
    const denied = await new Client(hub, { user: 'bert', password: 'x' }).call('anna/web/blobs/uploads/', {
      method: 'POST',
    });
    expect(denied.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('answers for what is not there as Docker Hub does: no right to pull it', async () => {
    const heard: UnknownImage[] = [];
    const stop = hub.onUnknown((image) => heard.push(image));
    const none = await new Client(hub).call('library/mongo/manifests/latest');
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toContain(
      'scope="repository:library/mongo:pull",error="insufficient_scope"',
    );
    expect((await new Client(hub, anna).call('anna/none/manifests/latest')).status).toBe(401);
    const tag = await new Client(hub).call('library/nginx/manifests/1.99');
    expect([tag.status, await codes(tag)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    expect(heard).toEqual([
      { repository: 'docker.io/library/mongo', reference: 'latest' },
      { repository: 'docker.io/anna/none', reference: 'latest' },
      { repository: 'docker.io/library/nginx', reference: '1.99' },
    ]);
    stop();
    await new Client(hub).call('library/mongo/manifests/latest');
    expect(heard).toHaveLength(3);
  });

  it('does not take the question of a pusher, whether its tag is there, for a pull', async () => {
    const heard: UnknownImage[] = [];
    hub.onUnknown((image) => heard.push(image));
    const response = await new Client(hub, anna).call('anna/web/manifests/v1', {
      method: 'HEAD',
      scopes: toPush,
    });
    expect(response.status).toBe(404);
    expect(heard).toEqual([]);
  });

  it('lets an image rest on layers of the catalogue, mounted', async () => {
    const client = new Client(hub, anna);
    const { layerDigest, configDigest, manifest } = nginx;
    for (const [digest, from] of [
      [layerDigest, '&from=library/nginx'],
      [configDigest, ''],
    ] as const) {
      expect((await client.call(`anna/web/blobs/${digest}`, { method: 'HEAD', scopes: toPush })).status).toBe(
        404,
      );
      const path = `anna/web/blobs/uploads/?mount=${digest}${from}`;
      expect((await client.call(path, { method: 'POST' })).status).toBe(201);
    }
    expect((await client.pushManifest('anna/web', 'v1', manifest)).status).toBe(201);
    const layer = await client.call(`anna/web/blobs/${layerDigest}`);
    expect(new Uint8Array(await layer.arrayBuffer())).toEqual(nginx.layer);
    const pushed = (await hub.list()).find(({ origin }) => origin === 'pushed');
    expect(pushed).toMatchObject({ name: 'anna/web', images: [{ tag: 'v1', state: 'complete' }] });
  });

  it('shows nothing of an interrupted upload, and takes it again', async () => {
    const client = new Client(hub, anna);
    const bytes = content(2_000_000);
    const digest = await digestOf(bytes);
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 1_500_000));
      },
      pull(controller) {
        controller.error(new Error('connection lost'));
      },
    });
    const begun = await client.call('anna/web/blobs/uploads/', { method: 'POST' });
    const path = (begun.headers.get('location') ?? '').replace('/v2/', '');
    expect((await client.call(path, { method: 'PATCH', body: broken })).status).toBe(500);
    expect((await client.call(`anna/web/blobs/${digest}`, { method: 'HEAD', scopes: toPush })).status).toBe(
      404,
    );
    expect((await hub.list()).every(({ origin }) => origin === 'catalogue')).toBe(true);

    // It goes on where the hub says that it stopped …
    const range = (await client.call(path)).headers.get('range') ?? '';
    const at = Number(range.split('-')[1]) + 1;
    expect(at).toBe(1024 * 1024);
    const rest = await client.call(`${path}?digest=${digest}`, {
      method: 'PUT',
      body: bytes.slice(at),
      headers: { 'Content-Range': `${at}-${bytes.length - 1}` },
    });
    expect(rest.status).toBe(201);
    // … or begins anew.
    expect((await client.pushBlob('anna/again', bytes)).status).toBe(201);
  });

  it('keeps nothing of an upload with another digest', async () => {
    const client = new Client(hub, anna);
    const begun = await client.call('anna/web/blobs/uploads/', { method: 'POST' });
    const path = (begun.headers.get('location') ?? '').replace('/v2/', '');
    const response = await client.call(`${path}?digest=${absent}`, { method: 'PUT', body: content(10) });
    expect(await codes(response)).toEqual(['DIGEST_INVALID']);
    expect((await client.call(path)).status).toBe(404);
  });

  it('says that the browser has no more room so that Docker prints it, and keeps what was there', async () => {
    const records = new MemoryRecords();
    let room: 'some' | 'none' = 'some';
    const small: Records = {
      close: () => undefined,
      transact: (mode, work) =>
        records.transact(mode, (tx) =>
          work({
            ...tx,
            put: (table, key, value) => {
              if (table === 'parts' && room === 'none') throw storageFull(new Error('no room'));
              return tx.put(table, key, value);
            },
          }),
        ),
    };
    const client = new Client(createHub({ store: new HubStore(small) }), anna);
    await client.pushImage('anna/web', 'v1', await testImage(content(10)));
    const begun = await client.call('anna/web/blobs/uploads/', { method: 'POST' });
    const path = (begun.headers.get('location') ?? '').replace('/v2/', '');
    room = 'none';
    const refused = await client.call(path, { method: 'PATCH', body: content(100) });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      errors: [{ code: 'DENIED', message: expect.stringContaining('no more storage') as string }],
    });
    expect((await client.call(path)).status).toBe(404);
    expect((await client.call('anna/web/manifests/v1')).status).toBe(200);
  });

  it('works with two hubs on one IndexedDB', async () => {
    const catalogue = await testCatalogue();
    const [one, two] = await Promise.all(
      [1, 2].map(async () => createHub({ store: await openIndexedStore('shared'), catalogue })),
    );
    if (!one || !two) throw new Error('no hubs');
    const [first, second] = [new Client(one, anna), new Client(two, anna)];
    const image = await testImage(content(1_500_000));
    // One upload goes through both, in turns, each without the other's memory of the hash.
    const begun = await first.call('anna/web/blobs/uploads/', { method: 'POST' });
    const path = (begun.headers.get('location') ?? '').replace('/v2/', '');
    await first.call(path, { method: 'PATCH', body: streamOf(image.layer.slice(0, 600_000)) });
    await second.call(path, { method: 'PATCH', body: streamOf(image.layer.slice(600_000, 1_200_000)) });
    const ended = await first.call(`${path}?digest=${image.layerDigest}`, {
      method: 'PUT',
      body: image.layer.slice(1_200_000),
    });
    expect(ended.status).toBe(201);
    await second.pushBlob('anna/web', image.config);
    expect((await second.pushManifest('anna/web', 'v1', image.manifest)).status).toBe(201);
    const layer = await first.call(`anna/web/blobs/${image.layerDigest}`);
    expect(await digestOf(new Uint8Array(await layer.arrayBuffer()))).toBe(image.layerDigest);
    const wrong = await new Client(two, { user: 'anna', password: 'other' }).call('');
    expect(wrong.status).toBe(401);
    expect(await one.remove('docker.io/anna/web')).toBe(true);
    expect((await second.call('anna/web/manifests/v1')).status).toBe(401);
  });
});

describe('search', () => {
  const find = async (query: string, host = 'index.docker.io'): Promise<unknown> =>
    (await call(hub, `https://${host}/v1/search?${query}`)).json();

  it('answers as Docker’s index, official images by their short name', async () => {
    expect(await find('q=nginx&n=25')).toEqual({
      num_pages: 1,
      num_results: 1,
      page: 1,
      page_size: 25,
      query: 'nginx',
      results: [
        { name: 'nginx', description: 'Web server', star_count: 100, is_official: true, is_automated: false },
      ],
    });
  });

  it('finds by keyword, by description, and what was pushed', async () => {
    await new Client(hub, anna).pushImage('anna/nginx-site', 'v1', await testImage(content(10)));
    expect(await find('q=nginx')).toMatchObject({
      results: [{ name: 'nginx' }, { name: 'anna/nginx-site', is_official: false }],
    });
    expect(await find('q=apache')).toMatchObject({ results: [{ name: 'nginx' }] });
    expect(await find('q=web+server')).toMatchObject({ results: [{ name: 'nginx' }] });
    expect(await find('q=none')).toMatchObject({ num_results: 0, results: [] });
    expect(await find('q=tool', 'ghcr.io')).toMatchObject({ results: [{ name: 'acme/tool' }] });
  });

  it('checks a login', async () => {
    const users = (password: string): Promise<Response> =>
      call(hub, 'https://index.docker.io/v1/users/', { headers: { Authorization: basic('anna', password) } });
    expect((await users('secret')).status).toBe(200);
    expect((await users('wrong')).status).toBe(401);
  });
});

describe('the page of images', () => {
  it('lists the catalogue and what was pushed, and removes only the latter', async () => {
    const image = await testImage(content(1000));
    const client = new Client(hub, anna);
    await client.pushImage('anna/web', 'v1', image);
    await client.pushManifest('anna/web', 'v2', image.manifest);
    const newer = await testImage(content(500));
    await client.pushImage('anna/web', 'v1', newer);
    const listed = await hub.list();
    expect(listed.map(({ repository, origin }) => `${origin} ${repository}`)).toEqual([
      'catalogue docker.io/library/nginx',
      'catalogue ghcr.io/acme/tool',
      'pushed docker.io/anna/web',
    ]);
    expect(listed[0]).toMatchObject({
      name: 'nginx',
      about: { origin: 'stand-in', description: 'Web server' },
    });
    expect(listed[0]?.images[0]).toEqual({
      tag: 'latest',
      digest: nginx.digest,
      bytes: nginx.layer.length + nginx.config.length + nginx.manifest.length,
      pushed: undefined,
      state: 'complete',
    });
    expect(listed[2]?.images).toEqual([
      {
        tag: 'v1',
        digest: newer.digest,
        bytes: newer.layer.length + newer.config.length + newer.manifest.length,
        pushed: now,
        state: 'complete',
      },
      expect.objectContaining({ tag: 'v2', digest: image.digest }),
    ]);

    await hub.remove('docker.io/anna/web', 'v1');
    expect((await client.call(`anna/web/manifests/${newer.digest}`)).status).toBe(404);
    expect((await client.call(`anna/web/blobs/${newer.layerDigest}`)).status).toBe(404);
    expect((await client.call('anna/web/manifests/v2')).status).toBe(200);
    expect(await hub.remove('docker.io/library/nginx', 'latest')).toBe(false);
    expect(await hub.remove('docker.io/anna/web')).toBe(true);
    expect(await hub.remove('docker.io/anna/web')).toBe(false);
    expect(await hub.list()).toHaveLength(2);
  });

  it('lists an image that lost its tag under its digest', async () => {
    const client = new Client(hub, anna);
    const [old, young] = [await testImage(content(10, 1)), await testImage(content(10, 2))];
    await client.pushImage('anna/web', 'v1', old);
    await client.pushImage('anna/web', 'v1', young);
    const images = (await hub.list()).at(-1)?.images;
    expect(images?.map(({ tag, digest }) => ({ tag, digest }))).toEqual([
      { tag: 'v1', digest: young.digest },
      { tag: undefined, digest: old.digest },
    ]);
    await hub.remove('docker.io/anna/web', old.digest);
    expect((await hub.list()).at(-1)?.images).toHaveLength(1);
  });

  it('says when the catalogue has no more the layers that an image rests on', async () => {
    const store = openMemoryStore();
    const client = new Client(createHub({ store, catalogue: await testCatalogue() }), anna);
    for (const digest of [nginx.layerDigest, nginx.configDigest])
      await client.call(`anna/web/blobs/uploads/?mount=${digest}&from=library/nginx`, { method: 'POST' });
    await client.pushManifest('anna/web', 'v1', nginx.manifest);
    const later = createHub({ store });
    expect(await later.list()).toMatchObject([{ images: [{ state: 'incomplete' }] }]);
    const layer = await new Client(later).call(`anna/web/blobs/${nginx.layerDigest}`);
    expect(await codes(layer)).toEqual(['BLOB_UNKNOWN']);
  });

  it.each([
    ['nginx:1.99', { asked: 'nginx:1.99', tags: ['1.26', 'alpine', 'latest'], repositories: [] }],
    [
      'docker.io/library/apache',
      { asked: 'apache', tags: [], repositories: [{ name: 'nginx', description: 'Web server' }] },
    ],
    ['ngnix', { asked: 'ngnix', tags: [], repositories: [{ name: 'nginx', description: 'Web server' }] }],
    [
      'tool',
      { asked: 'tool', tags: [], repositories: [{ name: 'ghcr.io/acme/tool', description: 'A tool' }] },
    ],
    ['mongo', { asked: 'mongo', tags: [], repositories: [] }],
    ['NO GOOD', { asked: 'NO GOOD', tags: [], repositories: [] }],
  ])('suggests for %s', async (asked, expected) => {
    expect(await hub.suggest(asked)).toEqual(expected);
  });
});

it('prefers the catalogue where a store has the same tag', async () => {
  const store = openMemoryStore();
  const image = await testImage(content(10));
  await createHub({ store }).import(await archiveOf(image), { as: 'nginx' });
  const both = createHub({ store, catalogue: await testCatalogue() });
  const pulled = await new Client(both).call('library/nginx/manifests/latest');
  expect(pulled.headers.get('docker-content-digest')).toBe(nginx.digest);
  expect((await both.list()).at(-1)).toMatchObject({ origin: 'pushed', images: [{ state: 'hidden' }] });
  expect((await new Client(both).call(`library/nginx/manifests/${image.digest}`)).status).toBe(200);
});

async function archiveOf(image: TestImage): Promise<ReadableStream<Uint8Array>> {
  const maker = createHub({ store: openMemoryStore() });
  await new Client(maker, anna).pushImage('anna/web', 'v1', image);
  return maker.export('docker.io/anna/web', 'v1');
}
