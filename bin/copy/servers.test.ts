/** The servers of a copy: that of Node and that of Python must do the same. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SERVERS = [
  { name: 'serve.mjs', program: process.execPath },
  { name: 'serve.py', program: 'python3' },
];

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'drydock-servers-'));
  cpSync(join(import.meta.dirname, 'files'), copy, { recursive: true });
  const files = {
    'secret.txt': 'secret',
    'site-secret/file': 'secret',
    'site/.hidden': 'secret',
    'site/index.html': '<p>page</p>',
    'site/sw.js': '1',
    'site/assets/app-1.js': 'let app',
    'site/preview/drydock-preview.html': '<p>connector</p>',
    'site/machine/manifest.json': '{}',
    'site/machine/chunks/aa/aa.zst': 'chunk',
    'site/machine/catalogue/blobs/01': 'blob',
    'site/machine/files/code-1.wasm': 'module',
    'site/machine/files/code-1.wasm.br': 'as br',
    'site/machine/files/code-1.wasm.gz': 'as gzip',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), content);
  }
});
afterAll(() => {
  rmSync(copy, { recursive: true });
});

/** Starts a server of the copy on a free port; resolves with what it has printed up to its last line. */
async function start(program: string, name: string, options: string[] = []) {
  const child = spawn(program, [join(copy, name), '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('Ctrl+C')) break;
  }
  const printed = lines.join('\n');
  return { child, printed, port: Number(/localhost:(\d+)\//.exec(printed)?.[1]) };
}

describe.each(SERVERS.filter(({ program }) => spawnSync(program, ['--version']).status === 0))(
  '$name',
  ({ name, program }) => {
    let child: ChildProcess;
    let port: number;

    beforeAll(async () => {
      ({ child, port } = await start(program, name));
    });
    afterAll(() => {
      child.kill();
    });

    /** Asks for `path` exactly as it stands; `fetch` would tidy it up. */
    function ask(path: string, method = 'GET', headers: Record<string, string> = {}, to = port) {
      return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>(
        (resolve, reject) => {
          const asking = request(
            { host: '127.0.0.1', port: to, path, method, headers, agent: false },
            (response) => {
              text(response).then((body) => {
                resolve({ status: response.statusCode, headers: response.headers, body });
              }, reject);
            },
          );
          asking.on('error', reject);
          asking.end();
        },
      );
    }

    it.each([
      ['/', '<p>page</p>', 'text/html; charset=utf-8', 'no-cache'],
      ['/index.html?lesson=x#y', '<p>page</p>', 'text/html; charset=utf-8', 'no-cache'],
      ['/sw.js', '1', 'text/javascript; charset=utf-8', 'no-cache'],
      ['/machine/manifest.json', '{}', 'application/json', 'no-cache'],
      ['/assets/app-1.js', 'let app', 'text/javascript; charset=utf-8', 'immutable'],
      ['/machine/chunks/aa/aa.zst', 'chunk', 'application/octet-stream', 'immutable'],
      ['/machine/catalogue/blobs/01', 'blob', 'application/octet-stream', 'immutable'],
      ['/machine/files/code%2D1.wasm', 'module', 'application/wasm', 'immutable'],
    ])('serves %s', async (path, content, type, keep) => {
      const { status, headers, body } = await ask(path);
      expect({ status, body }).toEqual({ status: 200, body: content });
      expect(headers).toMatchObject({
        'content-type': type,
        'content-length': String(content.length),
        'cache-control': keep === 'immutable' ? 'public, max-age=31536000, immutable' : keep,
        'x-content-type-options': 'nosniff',
      });
      expect(headers).not.toHaveProperty('content-encoding');
    });

    it.each([
      ['gzip, deflate, br', 'br', 'as br'],
      ['gzip, deflate', 'gzip', 'as gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip', 'as gzip'],
      ['identity', undefined, 'module'],
    ])('sends what is there compressed to who accepts %s', async (accepted, encoding, content) => {
      const path = '/machine/files/code-1.wasm';
      const { headers, body } = await ask(path, 'GET', { 'Accept-Encoding': accepted });
      expect(body).toBe(content);
      expect(headers).toMatchObject({ 'content-type': 'application/wasm', vary: 'Accept-Encoding' });
      expect(headers['content-encoding']).toBe(encoding);
    });

    it('has origins for pages of containers, which have no other files', async () => {
      const { status, body } = await ask('/preview-origins.json', 'GET', { Host: `localhost:${port}` });
      const { origins } = JSON.parse(body) as { origins: string[] };
      expect([status, new Set(origins).size]).toEqual([200, 4]);
      for (const origin of origins) {
        const { hostname, port: other } = new URL(origin);
        expect(hostname).toBe('localhost');
        const get = (path: string) => ask(path, 'GET', {}, Number(other));
        expect(await get('/drydock-preview.html')).toMatchObject({
          status: 200,
          headers: { 'origin-agent-cluster': '?1' },
          body: '<p>connector</p>',
        });
        for (const path of [
          '/',
          '/index.html',
          '/sw.js',
          '/preview/drydock-preview.html',
          '/preview-origins.json',
        ])
          expect(await get(path), path).toMatchObject({ status: 404 });
      }
    });

    it('answers HEAD without the content', async () => {
      const { status, headers, body } = await ask('/index.html', 'HEAD');
      expect([status, headers['content-length'], body]).toEqual([200, '11', '']);
      expect(await ask('/gone', 'HEAD')).toMatchObject({ status: 404, body: '' });
    });

    it.each([
      '/../secret.txt',
      '/machine/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/machine%2f..%2f..%2fsecret.txt',
      '/..%2fsite-secret%2ffile',
      '/..\\secret.txt',
      '/..%5csecret.txt',
      '/%2e%2e%5csecret.txt',
      '/.hidden',
      '//etc/passwd',
      '/%2fetc/passwd',
      '/C:/Windows/win.ini',
      '/index.html::$DATA',
      '/machine',
      '/machine/',
      '/machine/files',
      '/index.html/',
      '/gone',
      '/serve.py',
      '/%',
      '/%ff',
      '/%00',
      '/index.html%00',
    ])('finds nothing at %s', async (path) => {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(404);
      expect(headers['cache-control']).toBe('no-store');
      expect(body).toBe('No such file in this copy of Drydock.\n');
    });

    it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
      const { status, headers } = await ask('/index.html', method);
      expect(status).toBe(405);
      expect(headers.allow).toBe('GET, HEAD');
    });

    it.each([
      'GET http://localhost/index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      'GET secret.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      'GET * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      'nonsense\r\n\r\n',
    ])('sends no file for an odd request, and goes on', async (bytes) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(bytes);
      const answer = await text(socket).catch(() => 'connection closed');
      expect(answer).not.toContain(' 200 ');
      expect(answer).not.toContain('secret\n');
      expect((await ask('/')).status).toBe(200);
    });

    it('is for this computer only, unless it is told otherwise', async () => {
      const lan = await start(program, name, ['--lan']);
      lan.child.kill();
      expect(lan.printed).toMatch(/For the class: +http:\/\//);
      expect(lan.printed).toContain('plain HTTP');
      const listening = spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' });
      if (listening.status === 0) expect(listening.stdout).toMatch(/ 127\.0\.0\.1:/);
    });

    it('says what to do when its port is taken', async () => {
      const other = spawn(program, [join(copy, name), '--port', String(port)]);
      expect(await text(other.stderr)).toContain(`--port ${port + 1}`);
      const code = await new Promise((resolve) => other.once('close', resolve));
      expect(code).toBe(1);
    });
  },
);
