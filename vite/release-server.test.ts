import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ViteDevServer } from 'vite';
import { releaseServer } from './release-server.ts';

const root = mkdtempSync(join(tmpdir(), 'drydock-release-server-'));
const folder = join(root, 'release');
let server: Server | undefined;

beforeAll(() => {
  mkdirSync(join(folder, 'files'), { recursive: true });
  mkdirSync(join(root, 'release-secret'));
  writeFileSync(join(folder, 'manifest.json'), '{"format":1}');
  writeFileSync(join(folder, 'files/v86-01.zst'), 'engine');
  writeFileSync(join(folder, 'files/v86.wasm'), 'wasm');
  writeFileSync(join(folder, 'files/v86.wasm.br'), 'short');
  writeFileSync(join(root, 'secret'), 'secret');
  writeFileSync(join(root, 'release-secret/file'), 'secret');
});
afterEach(() => {
  server?.close();
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Serves `release` as vite's own server would: the plugin's middleware sees addresses without its prefix. */
async function start(release: string | undefined): Promise<number> {
  const middlewares: [prefix: string, handle: RequestListener][] = [];
  const { configureServer } = releaseServer(release);
  if (typeof configureServer !== 'function') expect.fail('the plugin has no configureServer');
  const use = (prefix: string, handle: RequestListener) => middlewares.push([prefix, handle]);
  await configureServer.call({} as never, { middlewares: { use } } as unknown as ViteDevServer);
  server = createServer((incoming, response) => {
    for (const [prefix, handle] of middlewares) {
      if (!incoming.url?.startsWith(prefix)) continue;
      incoming.url = incoming.url.slice(prefix.length) || '/';
      handle(incoming, response);
      return;
    }
    response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks for `path` exactly as it stands; `fetch` would tidy it up. */
async function ask(
  path: string,
  method = 'GET',
  serving = start(folder),
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const port = await serving;
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('a file of the release', () => {
  it('is served under /machine/, to be kept for ever', async () => {
    const { status, headers, body } = await ask('/machine/files/v86-01.zst');
    expect(status).toBe(200);
    expect(body).toBe('engine');
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '6',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it('is sent compressed to who takes that, when it is there compressed', async () => {
    const askFor = (path: string) => ask(path, 'GET', start(folder), { 'Accept-Encoding': 'gzip, br' });
    const { headers, body } = await askFor('/machine/files/v86.wasm');
    expect(body).toBe('short');
    expect(headers).toMatchObject({ 'content-encoding': 'br', 'content-type': 'application/wasm' });
    expect((await ask('/machine/files/v86.wasm')).body).toBe('wasm');
    expect((await askFor('/machine/files/v86-01.zst')).headers).not.toHaveProperty('content-encoding');
  });

  it('is asked for anew each time when it is the manifest', async () => {
    const { status, headers, body } = await ask('/machine/manifest.json');
    expect(status).toBe(200);
    expect(body).toBe('{"format":1}');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });

  it('has the content type that browsers want for WebAssembly', async () => {
    expect((await ask('/machine/files/v86.wasm')).headers['content-type']).toBe('application/wasm');
  });

  it('is found whatever follows a question mark', async () => {
    expect((await ask('/machine/manifest.json?import&t=1')).status).toBe(200);
  });

  it('is described to HEAD without its content', async () => {
    const { status, headers, body } = await ask('/machine/files/v86-01.zst', 'HEAD');
    expect(status).toBe(200);
    expect(headers['content-length']).toBe('6');
    expect(body).toBe('');
  });
});

describe('what is not in the release', () => {
  it.each([
    '/machine/files/gone.zst',
    '/machine/files',
    '/machine/files/',
    '/machine/',
    '/machine',
    '/machine/%',
    '/machine/%00',
    '/machine//',
  ])('is not found: %s', async (path) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(404);
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    '/machine/../secret',
    '/machine/files/../../secret',
    '/machine/%2e%2e/secret',
    '/machine/..%2fsecret',
    '/machine/files%2f..%2f..%2fsecret',
    '/machine/..%2frelease-secret%2ffile',
    '/machine/..\\secret',
    '/machine/..%5csecret',
    '/machine//etc/passwd',
    '/machine/%2fetc%2fpasswd',
  ])('is not served from outside of its folder: %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
    expect(body).not.toContain('root:');
  });
});

it('says why it serves nothing without a release', async () => {
  const { status, body } = await ask('/machine/manifest.json', 'GET', start(undefined));
  expect(status).toBe(404);
  expect(body).toContain('DRYDOCK_RELEASE');
});

it('serves the preview as it does the development server', () => {
  const plugin = releaseServer(folder);
  expect(plugin.configurePreviewServer).toBe(plugin.configureServer);
});
