import { describe, expect, it, vi } from 'vitest';
import type { TcpConnection } from '../tcp-connection.ts';
import type { HttpHandler } from './message.ts';
import { serveHttp } from './server.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Sends `input` in pieces of `size` bytes to a server; resolves with all that it wrote, and why it broke off if so. */
async function talk(
  input: string,
  handle: HttpHandler,
  size = 7,
): Promise<{ output: string; broken: unknown }> {
  const bytes = new TextEncoder().encode(input);
  let at = 0;
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += size)));
      else controller.close();
    },
  });
  let output = '';
  let broken: unknown;
  const connection: TcpConnection = {
    remote: '192.168.86.101:50000',
    readable,
    writable: new WritableStream({
      write: (chunk) => {
        output += text(chunk);
      },
    }),
    closed: Promise.resolve(),
    close: () => undefined,
    abort: (reason) => {
      broken = reason;
    },
  };
  await serveHttp(connection, handle);
  return { output: output.replace(/date: .*\r\n/g, ''), broken };
}

/** Answers with what it understood. */
const echo: HttpHandler = async ({ method, url, body }) =>
  new Response(`${method} ${url} ${body ? await new Response(body).text() : '-'}`, {
    headers: { 'content-type': 'text/plain' },
  });

/** The bodies of chunked responses in `output`. */
const bodies = (output: string): string[] =>
  output
    .split('HTTP/1.1 ')
    .slice(1)
    .map((response) =>
      response
        .slice(response.indexOf('\r\n\r\n') + 4)
        .replace(/[0-9a-f]+\r\n([^\r]*)\r\n/g, '$1')
        .trim(),
    );

describe('requests', () => {
  it.each([1, 5, 4096])('are answered one after another, in pieces of %s bytes', async (size) => {
    const { output } = await talk(
      'GET /one HTTP/1.1\r\nHost: hub\r\n\r\n' +
        'PUT /two?x=1 HTTP/1.1\r\nHost: hub:5000\r\nContent-Length: 5\r\n\r\nhello' +
        'PATCH /three HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n' +
        'GET http://other/four HTTP/1.1\r\nHost: hub\r\n\r\n',
      echo,
      size,
    );
    expect(bodies(output)).toEqual([
      'GET http://hub/one -',
      'PUT http://hub:5000/two?x=1 hello',
      'PATCH http://hub/three abcde',
      'GET http://other/four -',
    ]);
  });

  it('show their headers, those that a browser hides too', async () => {
    const seen = vi.fn();
    await talk(
      'GET / HTTP/1.1\r\nHost: hub\r\nAccept: a\r\naccept: b\r\nCookie:  x=1 \r\n\r\n',
      ({ headers }) => {
        seen(Object.fromEntries(headers));
        return Promise.resolve(new Response());
      },
    );
    expect(seen).toHaveBeenCalledWith({ host: 'hub', accept: 'a, b', cookie: 'x=1' });
  });

  it('are asked for a body that waits for it, when somebody wants it', async () => {
    const request = 'PUT / HTTP/1.1\r\nHost: hub\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok';
    const wanted = await talk(request, echo);
    expect(wanted.output).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
    const unwanted = await talk(request, () => Promise.resolve(new Response(null, { status: 401 })));
    expect(unwanted.output).toMatch(/^HTTP\/1\.1 401/);
  });

  it.each([
    ['a body that nobody read', 1000, 2],
    ['a large one, which is not worth reading', 1_000_000, 1],
  ])('follow after %s as far as that is possible', async (_, length, answers) => {
    const { output } = await talk(
      `PUT / HTTP/1.1\r\nHost: hub\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}GET / HTTP/1.1\r\nHost: hub\r\n\r\n`,
      () => Promise.resolve(new Response('no')),
      65536,
    );
    expect(bodies(output)).toHaveLength(answers);
  });

  it.each([
    ['a client that closes', 'HTTP/1.1\r\nHost: hub\r\nConnection: close'],
    ['an old client', 'HTTP/1.0'],
  ])('end with that of %s', async (_, rest) => {
    const { output } = await talk(`GET / ${rest}\r\n\r\nGET / HTTP/1.1\r\nHost: hub\r\n\r\n`, echo);
    expect(bodies(output)).toHaveLength(1);
    expect(output).toContain('connection: close');
  });
});

describe('what is no request', () => {
  it.each([
    ['another protocol', '\x16\x03\x01\x00\xa5\n', 400],
    ['another version', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['an address of another kind', 'GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n', 400],
    ['white space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n', 400],
    ['a length that is none', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400],
    [
      'a length and chunks',
      'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['two lengths', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['another coding', 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 501],
    ['a chunk without a size', 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', 400],
    [
      'a chunk that is too long',
      'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
      400,
    ],
    ['a body that ends early', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab', 400],
    ['an endless header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
    ['something expected', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n', 417],
  ])('is refused: %s', async (_, input, status) => {
    const { output, broken } = await talk(input, echo, 4096);
    expect(broken).toBeUndefined();
    expect(output).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(output.match(/^HTTP/gm)).toHaveLength(1);
  });
});

describe('responses', () => {
  const get = 'GET / HTTP/1.1\r\nHost: hub\r\n\r\n';

  it('of known length are sent as they are', async () => {
    const { output } = await talk(get, () =>
      Promise.resolve(new Response('four', { status: 206, headers: { 'content-length': '4' } })),
    );
    expect(output).toMatch(/^HTTP\/1\.1 206 .*\r\ncontent-length: 4\r\n[^]*\r\n\r\nfour$/);
  });

  it('without a body say so', async () => {
    const { output } = await talk(get, () => Promise.resolve(new Response(null, { status: 202 })));
    expect(output).toBe('HTTP/1.1 202 \r\ncontent-length: 0\r\n\r\n');
    const none = await talk(get, () => Promise.resolve(new Response(null, { status: 204 })));
    expect(none.output).toBe('HTTP/1.1 204 \r\n\r\n');
  });

  it('to HEAD have their headers only', async () => {
    const cancel = vi.fn();
    const { output } = await talk('HEAD / HTTP/1.1\r\nHost: hub\r\n\r\n', () =>
      Promise.resolve(new Response(new ReadableStream({ cancel }), { headers: { 'content-length': '9' } })),
    );
    expect(output).toBe('HTTP/1.1 200 \r\ncontent-length: 9\r\n\r\n');
    expect(cancel).toHaveBeenCalled();
  });

  it('are 500 where the handler fails', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { output } = await talk(get, () => Promise.reject(new Error('secret')));
    expect(output).toMatch(/^HTTP\/1\.1 500 /);
    expect(output).not.toContain('secret');
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });

  it('that fail midway break the connection, so that nobody takes them for whole', async () => {
    const failure = new Error('the download broke');
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('half'));
      },
      pull: (controller) => {
        controller.error(failure);
      },
    });
    const { output, broken } = await talk(get, () => Promise.resolve(new Response(body)));
    expect(broken).toBe(failure);
    expect(output).not.toMatch(/0\r\n\r\n$/);
  });
});
