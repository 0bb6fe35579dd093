/**
 * The OCI distribution spec 1.1, point by point: its endpoints (end-1 … end-14 of the section "Endpoints"), what the
 * sections demand of each, and its error codes. The names are the spec's.
 */
import { beforeAll, expect, it, describe } from 'vitest';
import { createHub } from './hub.ts';
import { OCI_INDEX } from './manifest.ts';
import { openMemoryStore } from './memory-store.ts';
import {
  Client,
  codes,
  content,
  digestOf,
  DOCKER_IMAGE,
  encode,
  OCI_IMAGE,
  streamOf,
  testCatalogue,
  testImage,
  type Bytes,
  type Call,
  type TestImage,
} from './testing.ts';

const layer = content(100_000);
const other = content(5_000, 2);
const absent = `sha256:${'0'.repeat(64)}`;

let client: Client;
let image: TestImage;
let blob: string;
let otherBlob: string;

beforeAll(async () => {
  const { index, source } = await testCatalogue();
  const hub = createHub({ store: openMemoryStore(), catalogue: { index, source } });
  client = new Client(hub, { user: 'anna', password: 'secret' });
  image = await testImage(layer);
  blob = image.layerDigest;
  otherBlob = await digestOf(other);
  expect((await client.pushImage('anna/web', 'v1', image)).status).toBe(201);
});

/** Begins an upload; its path under `/v2/`. */
async function begin(name = 'anna/web'): Promise<string> {
  const response = await client.call(`${name}/blobs/uploads/`, { method: 'POST' });
  expect(response.status).toBe(202);
  return (response.headers.get('location') ?? '').replace('/v2/', '');
}

const chunk = (bytes: Bytes, from: number): Call => ({
  method: 'PATCH',
  body: bytes,
  headers: {
    'Content-Range': `${from}-${from + bytes.length - 1}`,
    'Content-Type': 'application/octet-stream',
  },
});

interface Point {
  /** The section, and the endpoint's number. */
  section: string;
  demand: string;
  path: string | (() => string | Promise<string>);
  request?: Call | (() => Call | Promise<Call>);
  status: number;
  code?: string;
  headers?: () => Record<string, string | RegExp>;
  check?: (response: Response) => Promise<void>;
}

const manifestOf = (extra: Record<string, unknown>): Bytes => {
  const parsed = JSON.parse(new TextDecoder().decode(image.manifest)) as Record<string, unknown>;
  return encode(JSON.stringify({ ...parsed, ...extra }));
};
const put = (body: Bytes | string, type: string = OCI_IMAGE): Call => ({
  method: 'PUT',
  body,
  headers: { 'Content-Type': type },
});

/** Who may only pull is denied what is not there. */
const mayPush: Call = { scopes: ['repository:anna/none:pull,push'] };

const POINTS: Point[] = [
  {
    section: 'Determining Support (end-1)',
    demand: 'GET /v2/ answers 200',
    path: '',
    status: 200,
    headers: () => ({ 'docker-distribution-api-version': 'registry/2.0' }),
  },

  {
    section: 'Pulling manifests (end-3)',
    demand: 'by tag: the very bytes, their type, their digest',
    path: 'anna/web/manifests/v1',
    status: 200,
    headers: () => ({
      'content-type': OCI_IMAGE,
      'docker-content-digest': image.digest,
      'content-length': String(image.manifest.length),
      etag: `"${image.digest}"`,
    }),
    check: async (response) => {
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(image.manifest);
    },
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'by digest',
    path: () => `anna/web/manifests/${image.digest}`,
    status: 200,
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'an Accept header that names its type among others',
    path: 'anna/web/manifests/v1',
    request: { headers: { Accept: `${DOCKER_IMAGE}, ${OCI_IMAGE};q=0.5` } },
    status: 200,
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'an Accept header that does not name its type',
    path: 'anna/web/manifests/v1',
    request: { headers: { Accept: DOCKER_IMAGE } },
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'not modified',
    path: 'anna/web/manifests/v1',
    request: () => ({ headers: { 'If-None-Match': `"${image.digest}"` } }),
    status: 304,
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'an unknown tag is 404',
    path: 'anna/web/manifests/v9',
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'an unknown digest is 404',
    path: `anna/web/manifests/${absent}`,
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'an unknown repository is 404',
    path: 'anna/none/manifests/v1',
    request: mayPush,
    status: 404,
    code: 'NAME_UNKNOWN',
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'a digest of another algorithm is invalid',
    path: `anna/web/manifests/md5:${'0'.repeat(32)}`,
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pulling manifests (end-3)',
    demand: 'what cannot be a tag is 404',
    path: 'anna/web/manifests/-v1',
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Checking if content exists in the registry (end-3)',
    demand: 'HEAD of a manifest has the headers of GET and no body',
    path: 'anna/web/manifests/v1',
    request: { method: 'HEAD' },
    status: 200,
    headers: () => ({
      'docker-content-digest': image.digest,
      'content-length': String(image.manifest.length),
    }),
    check: async (response) => {
      expect(await response.text()).toBe('');
    },
  },
  {
    section: 'Checking if content exists in the registry (end-3)',
    demand: 'HEAD of an unknown manifest is 404',
    path: 'anna/web/manifests/v9',
    request: { method: 'HEAD' },
    status: 404,
  },

  {
    section: 'Pulling blobs (end-2)',
    demand: 'the very bytes',
    path: () => `anna/web/blobs/${blob}`,
    status: 200,
    headers: () => ({
      'docker-content-digest': blob,
      'content-length': '100000',
      'accept-ranges': 'bytes',
      etag: `"${blob}"`,
    }),
    check: async (response) => {
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(layer);
    },
  },
  ...(
    [
      ['bytes=0-9', 0, 10],
      ['bytes=99990-', 99_990, 100_000],
      ['bytes=-5', 99_995, 100_000],
      ['bytes=99999-200000', 99_999, 100_000],
    ] as const
  ).map(([range, start, end]): Point => ({
    section: 'Pulling blobs (end-2)',
    demand: `Range: ${range}`,
    path: () => `anna/web/blobs/${blob}`,
    request: { headers: { Range: range } },
    status: 206,
    headers: () => ({
      'content-range': `bytes ${start}-${end - 1}/100000`,
      'content-length': String(end - start),
    }),
    check: async (response) => {
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(layer.slice(start, end));
    },
  })),
  {
    section: 'Pulling blobs (end-2)',
    demand: 'a range that it does not have is 416',
    path: () => `anna/web/blobs/${blob}`,
    request: { headers: { Range: 'bytes=100000-' } },
    status: 416,
    code: 'SIZE_INVALID',
    headers: () => ({ 'content-range': 'bytes */100000' }),
  },
  {
    section: 'Pulling blobs (end-2)',
    demand: 'an unknown blob is 404',
    path: `anna/web/blobs/${absent}`,
    status: 404,
    code: 'BLOB_UNKNOWN',
  },
  {
    section: 'Pulling blobs (end-2)',
    demand: 'what is no digest is invalid',
    path: 'anna/web/blobs/sha256:abc',
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pulling blobs (end-2)',
    demand: 'a blob of another repository is not in this one',
    path: () => `library/nginx/blobs/${blob}`,
    status: 404,
    code: 'BLOB_UNKNOWN',
  },
  {
    section: 'Checking if content exists in the registry (end-2)',
    demand: 'HEAD of a blob',
    path: () => `anna/web/blobs/${blob}`,
    request: { method: 'HEAD' },
    status: 200,
    headers: () => ({ 'content-length': '100000', 'docker-content-digest': blob }),
  },

  {
    section: 'Pushing a blob monolithically: POST then PUT (end-4a, end-6)',
    demand: 'PUT with the whole blob is 201 with its Location',
    path: async () => `${await begin()}?digest=${otherBlob}`,
    request: { method: 'PUT', body: other },
    status: 201,
    headers: () => ({ location: `/v2/anna/web/blobs/${otherBlob}`, 'docker-content-digest': otherBlob }),
  },
  {
    section: 'Pushing a blob monolithically: single POST (end-4b)',
    demand: 'POST with digest and blob is 201',
    path: () => `anna/single/blobs/uploads/?digest=${otherBlob}`,
    request: { method: 'POST', body: other },
    status: 201,
    headers: () => ({ location: `/v2/anna/single/blobs/${otherBlob}` }),
  },
  {
    section: 'Pushing a blob monolithically: single POST (end-4b)',
    demand: 'another digest than that of the bytes is refused',
    path: `anna/single/blobs/uploads/?digest=${absent}`,
    request: { method: 'POST', body: other },
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pushing a blob in chunks (end-4a)',
    demand: 'POST is 202 with Location, Range and id',
    path: 'anna/web/blobs/uploads/',
    request: { method: 'POST' },
    status: 202,
    headers: () => ({
      location: /^\/v2\/anna\/web\/blobs\/uploads\/[0-9a-f-]{36}$/,
      range: '0-0',
      'docker-upload-uuid': /^[0-9a-f-]{36}$/,
    }),
  },
  {
    section: 'Pushing a blob in chunks (end-5)',
    demand: 'PATCH of the first chunk is 202 with what has arrived',
    path: begin,
    request: chunk(other.slice(0, 100), 0),
    status: 202,
    headers: () => ({ range: '0-99', location: /uploads/ }),
  },
  {
    section: 'Pushing a blob in chunks (end-5)',
    demand: 'PATCH out of order is 416 with what has arrived',
    path: begin,
    request: chunk(other.slice(0, 100), 50),
    status: 416,
    code: 'BLOB_UPLOAD_INVALID',
    headers: () => ({ range: '0-0', location: /uploads/ }),
  },
  {
    section: 'Pushing a blob in chunks (end-5)',
    demand: 'a Content-Range that is none',
    path: begin,
    request: { method: 'PATCH', body: other, headers: { 'Content-Range': 'bytes' } },
    status: 400,
    code: 'BLOB_UPLOAD_INVALID',
  },
  {
    section: 'Pushing a blob in chunks (end-5)',
    demand: 'PATCH whose Content-Length disagrees',
    path: begin,
    request: { method: 'PATCH', body: other.slice(0, 100), headers: { 'Content-Range': '0-49' } },
    status: 400,
    code: 'SIZE_INVALID',
  },
  {
    section: 'Pushing a blob in chunks (end-5)',
    demand: "Docker's PATCH without Content-Range",
    path: begin,
    request: () => ({ method: 'PATCH', body: streamOf(other.slice(0, 7), other.slice(7)) }),
    status: 202,
    headers: () => ({ range: '0-4999' }),
  },
  {
    section: 'Pushing a blob in chunks (end-6)',
    demand: 'PUT with the last chunk is 201',
    path: async () => {
      const path = await begin();
      await client.call(path, chunk(other.slice(0, 100), 0));
      return `${path}?digest=${otherBlob}`;
    },
    request: { ...chunk(other.slice(100), 100), method: 'PUT' },
    status: 201,
  },
  {
    section: 'Pushing a blob in chunks (end-6)',
    demand: 'PUT without a last chunk is 201',
    path: async () => {
      const path = await begin();
      await client.call(path, chunk(other.slice(0, 100), 0));
      await client.call(path, chunk(other.slice(100), 100));
      return `${path}?digest=${otherBlob}`;
    },
    request: { method: 'PUT' },
    status: 201,
  },
  {
    section: 'Pushing a blob in chunks (end-6)',
    demand: 'PUT with another digest is refused',
    path: async () => `${await begin()}?digest=${absent}`,
    request: { method: 'PUT', body: other },
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pushing a blob in chunks (end-6)',
    demand: 'PUT without a digest is refused',
    path: begin,
    request: { method: 'PUT', body: other },
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pushing a blob in chunks (end-13)',
    demand: 'GET of an upload is 204 with what has arrived',
    path: async () => {
      const path = await begin();
      await client.call(path, chunk(other.slice(0, 100), 0));
      return path;
    },
    status: 204,
    headers: () => ({ range: '0-99', location: /uploads/ }),
  },
  {
    section: 'Pushing a blob in chunks (end-13)',
    demand: 'an unknown upload is 404',
    path: 'anna/web/blobs/uploads/none',
    status: 404,
    code: 'BLOB_UPLOAD_UNKNOWN',
  },
  {
    section: 'Cancel a blob upload (end-14)',
    demand: 'DELETE is 204',
    path: begin,
    request: { method: 'DELETE' },
    status: 204,
  },
  {
    section: 'Cancel a blob upload (end-14)',
    demand: 'then it is unknown',
    path: async () => {
      const path = await begin();
      await client.call(path, { method: 'DELETE' });
      return path;
    },
    request: { method: 'PATCH', body: other },
    status: 404,
    code: 'BLOB_UPLOAD_UNKNOWN',
  },
  {
    section: 'Mounting a blob from another repository (end-11)',
    demand: 'mounted is 201 with its Location',
    path: () => `anna/mount/blobs/uploads/?mount=${blob}&from=anna/web`,
    request: { method: 'POST' },
    status: 201,
    headers: () => ({ location: `/v2/anna/mount/blobs/${blob}` }),
  },
  {
    section: 'Mounting a blob from another repository (end-11)',
    demand: 'what is not there begins an upload: 202',
    path: `anna/mount/blobs/uploads/?mount=${absent}&from=anna/web`,
    request: { method: 'POST' },
    status: 202,
    headers: () => ({ location: /uploads/ }),
  },

  {
    section: 'Pushing manifests (end-7)',
    demand: 'by tag is 201 with Location and digest',
    path: 'anna/web/manifests/v2',
    request: () => put(image.manifest),
    status: 201,
    headers: () => ({
      location: `/v2/anna/web/manifests/${image.digest}`,
      'docker-content-digest': image.digest,
    }),
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'by digest is 201',
    path: () => `anna/web/manifests/${image.digest}`,
    request: () => put(image.manifest),
    status: 201,
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'under another digest is refused',
    path: `anna/web/manifests/${absent}`,
    request: () => put(image.manifest),
    status: 400,
    code: 'DIGEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'under what cannot be a tag is refused',
    path: 'anna/web/manifests/-v1',
    request: () => put(image.manifest),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'what is no JSON is refused',
    path: 'anna/web/manifests/bad',
    request: put('no json'),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'JSON that is no manifest is refused',
    path: 'anna/web/manifests/bad',
    request: put('{"schemaVersion":2,"layers":[]}'),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'sent as another type than it says is refused',
    path: 'anna/web/manifests/bad',
    request: () => put(image.manifest, DOCKER_IMAGE),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'a type that is no manifest is refused',
    path: 'anna/web/manifests/bad',
    request: put('{}', 'text/plain'),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'one whose layer has another size is refused',
    path: 'anna/web/manifests/bad',
    request: () =>
      put(
        manifestOf({
          layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: blob, size: 1 }],
        }),
      ),
    status: 400,
    code: 'MANIFEST_INVALID',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'one whose layer is missing is 404',
    path: 'anna/web/manifests/bad',
    request: () =>
      put(
        manifestOf({
          layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: absent, size: 1 }],
        }),
      ),
    status: 404,
    code: 'MANIFEST_BLOB_UNKNOWN',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'an index whose manifest is missing is 404',
    path: 'anna/web/manifests/bad',
    request: put(
      JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: OCI_IMAGE, digest: absent, size: 1 }] }),
      OCI_INDEX,
    ),
    status: 404,
    code: 'MANIFEST_BLOB_UNKNOWN',
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'an index of what is there is 201',
    path: 'anna/web/manifests/multi',
    request: () =>
      put(
        JSON.stringify({
          schemaVersion: 2,
          manifests: [{ mediaType: OCI_IMAGE, digest: image.digest, size: image.manifest.length }],
        }),
        OCI_INDEX,
      ),
    status: 201,
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'the manifest of a pushed index can be had by who takes no index',
    path: 'anna/web/manifests/multi',
    request: { headers: { Accept: OCI_IMAGE } },
    status: 200,
    headers: () => ({ 'content-type': OCI_IMAGE, 'docker-content-digest': image.digest }),
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'of 4 MiB is taken',
    path: 'anna/web/manifests/large',
    request: () => {
      const bare = manifestOf({ annotations: { fill: '' } }).length;
      return put(manifestOf({ annotations: { fill: 'x'.repeat(4 * 1024 * 1024 - bare) } }));
    },
    status: 201,
  },
  {
    section: 'Pushing manifests (end-7)',
    demand: 'of more than 4 MiB is 413',
    path: 'anna/web/manifests/large',
    request: () => put(manifestOf({ annotations: { fill: 'x'.repeat(4 * 1024 * 1024) } })),
    status: 413,
    code: 'SIZE_INVALID',
  },
  {
    section: 'Pushing Manifests with Subject (end-7)',
    demand: 'OCI-Subject says that the registry knows referrers; the subject may be missing',
    path: 'anna/web/manifests/signature',
    request: () =>
      put(
        manifestOf({
          artifactType: 'application/vnd.example.signature',
          subject: { mediaType: OCI_IMAGE, digest: absent, size: 1 },
          annotations: { by: 'anna' },
        }),
      ),
    status: 201,
    headers: () => ({ 'oci-subject': absent }),
  },

  {
    section: 'Listing Referrers (end-12a)',
    demand: 'an index of descriptors with type and annotations',
    path: `anna/web/referrers/${absent}`,
    status: 200,
    headers: () => ({ 'content-type': OCI_INDEX }),
    check: async (response) => {
      expect(await response.json()).toMatchObject({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          {
            mediaType: OCI_IMAGE,
            artifactType: 'application/vnd.example.signature',
            annotations: { by: 'anna' },
          },
        ],
      });
    },
  },
  {
    section: 'Listing Referrers (end-12b)',
    demand: 'filtered by artifactType, and it says so',
    path: `anna/web/referrers/${absent}?artifactType=none`,
    status: 200,
    headers: () => ({ 'oci-filters-applied': 'artifactType' }),
    check: async (response) => {
      expect(await response.json()).toMatchObject({ manifests: [] });
    },
  },
  {
    section: 'Listing Referrers (end-12a)',
    demand: 'of nothing is an empty index, not 404',
    path: () => `anna/web/referrers/${otherBlob}`,
    status: 200,
    check: async (response) => {
      expect(await response.json()).toMatchObject({ manifests: [] });
    },
  },
  {
    section: 'Listing Referrers (end-12a)',
    demand: 'of what is no digest is 400',
    path: 'anna/web/referrers/v1',
    status: 400,
    code: 'DIGEST_INVALID',
  },

  {
    section: 'Listing Tags (end-8a)',
    demand: 'all tags, in case-insensitive order',
    path: 'anna/web/tags/list',
    status: 200,
    check: async (response) => {
      expect(await response.json()).toEqual({
        name: 'anna/web',
        tags: ['large', 'multi', 'signature', 'v1', 'v2'],
      });
    },
  },
  {
    section: 'Listing Tags (end-8b)',
    demand: 'n limits, and Link leads on',
    path: 'anna/web/tags/list?n=2',
    status: 200,
    headers: () => ({ link: '</v2/anna/web/tags/list?last=multi&n=2>; rel="next"' }),
    check: async (response) => {
      expect(await response.json()).toMatchObject({ tags: ['large', 'multi'] });
    },
  },
  {
    section: 'Listing Tags (end-8b)',
    demand: 'last need not exist',
    path: 'anna/web/tags/list?n=10&last=n',
    status: 200,
    check: async (response) => {
      expect(response.headers.get('link')).toBeNull();
      expect(await response.json()).toMatchObject({ tags: ['signature', 'v1', 'v2'] });
    },
  },
  {
    section: 'Listing Tags (end-8b)',
    demand: 'n=0 is an empty list',
    path: 'anna/web/tags/list?n=0',
    status: 200,
    check: async (response) => {
      expect(await response.json()).toMatchObject({ tags: [] });
    },
  },
  {
    section: 'Listing Tags (end-8b)',
    demand: 'n that is no number is refused',
    path: 'anna/web/tags/list?n=-1',
    status: 400,
    code: 'UNSUPPORTED',
  },
  {
    section: 'Listing Tags (end-8a)',
    demand: 'of an unknown repository is 404',
    path: 'anna/none/tags/list',
    request: mayPush,
    status: 404,
    code: 'NAME_UNKNOWN',
  },
  {
    section: 'Listing repositories (Docker Registry API)',
    demand: 'those of the registry, page by page',
    path: '_catalog?n=1',
    status: 200,
    headers: () => ({ link: '</v2/_catalog?last=anna%2Fweb&n=1>; rel="next"' }),
    check: async (response) => {
      expect(await response.json()).toEqual({ repositories: ['anna/web'] });
    },
  },
  {
    section: 'Listing repositories (Docker Registry API)',
    demand: 'the next page',
    path: '_catalog?n=1&last=anna%2Fweb',
    status: 200,
    check: async (response) => {
      expect(await response.json()).toEqual({ repositories: ['library/nginx'] });
    },
  },

  ...[
    '..%2f..',
    'Anna/web',
    'anna//web',
    'anna/-web',
    'anna/we_.b',
    `anna/${'x'.repeat(260)}`,
    'anna%00/web',
  ].map((name): Point => ({
    section: 'Errors: NAME_INVALID (code-8)',
    demand: name.slice(0, 20),
    path: `${name}/manifests/v1`,
    status: 400,
    code: 'NAME_INVALID',
  })),
  {
    section: 'Errors: UNSUPPORTED (code-13)',
    demand: 'another method',
    path: 'anna/web/tags/list',
    request: { method: 'POST' },
    status: 405,
    code: 'UNSUPPORTED',
    headers: () => ({ allow: 'GET, HEAD' }),
  },
  {
    section: 'Errors: DENIED (code-12), as Docker Hub says it',
    demand: "pushing to another's repository",
    path: 'library/nginx/blobs/uploads/',
    request: { method: 'POST' },
    status: 401,
    code: 'UNAUTHORIZED',
    headers: () => ({
      'www-authenticate': /scope="repository:library\/nginx:pull,push",error="insufficient_scope"$/,
    }),
  },

  {
    section: 'Deleting Blobs (end-10)',
    demand: 'one that no image needs is 202',
    path: () => `anna/web/blobs/${otherBlob}`,
    request: { method: 'DELETE' },
    status: 202,
  },
  {
    section: 'Deleting Blobs (end-10)',
    demand: 'then it is 404',
    path: () => `anna/web/blobs/${otherBlob}`,
    status: 404,
    code: 'BLOB_UNKNOWN',
  },
  {
    section: 'Deleting Blobs (end-10)',
    demand: 'an unknown one is 404',
    path: `anna/web/blobs/${absent}`,
    request: { method: 'DELETE' },
    status: 404,
    code: 'BLOB_UNKNOWN',
  },
  {
    section: 'Deleting Blobs (end-10)',
    demand: 'one that an image needs is refused',
    path: () => `anna/web/blobs/${blob}`,
    request: { method: 'DELETE' },
    status: 405,
    code: 'UNSUPPORTED',
  },
  {
    section: 'Deleting tags (end-9)',
    demand: 'is 202',
    path: 'anna/web/manifests/v2',
    request: { method: 'DELETE' },
    status: 202,
  },
  {
    section: 'Deleting tags (end-9)',
    demand: 'leaves the manifest',
    path: () => `anna/web/manifests/${image.digest}`,
    status: 200,
  },
  {
    section: 'Deleting tags (end-9)',
    demand: 'an unknown one is 404',
    path: 'anna/web/manifests/v2',
    request: { method: 'DELETE' },
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Deleting Manifests (end-9)',
    demand: 'is 202',
    path: () => `anna/web/manifests/${image.digest}`,
    request: { method: 'DELETE' },
    status: 202,
  },
  {
    section: 'Deleting Manifests (end-9)',
    demand: 'takes its tags with it',
    path: 'anna/web/manifests/v1',
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
  {
    section: 'Deleting Manifests (end-9)',
    demand: 'an unknown one is 404',
    path: `anna/web/manifests/${absent}`,
    request: { method: 'DELETE' },
    status: 404,
    code: 'MANIFEST_UNKNOWN',
  },
];

describe('OCI distribution spec 1.1', () => {
  it.each(POINTS.map((point) => ({ ...point, title: `${point.section}: ${point.demand}` })))(
    '$title',
    async ({ path, request = {}, status, code, headers, check }) => {
      const where = typeof path === 'string' ? path : await path();
      const response = await client.call(where, typeof request === 'function' ? await request() : request);
      if (response.status !== status)
        expect(`${response.status} ${await response.text()}`).toBe(String(status));
      for (const [name, value] of Object.entries(headers?.() ?? {})) {
        if (typeof value === 'string') expect(response.headers.get(name), name).toBe(value);
        else expect(response.headers.get(name), name).toMatch(value);
      }
      if (code !== undefined) expect(await codes(response)).toEqual([code]);
      await check?.(response);
    },
  );
});
