import { describe, expect, it, vi } from 'vitest';
import { connectionPair } from '../connection-pair.ts';
import type { TcpConnection } from '../tcp-connection.ts';
import { HttpClient, type ClientResponse } from './client.ts';
import type { HttpHandler } from './message.ts';
import { serveHttp } from './server.ts';

/** One end of a connection: what is written to it goes to `writable`, and what it reads comes from `readable`. */
function connectionOf(
  readable: ReadableStream<Uint8Array<ArrayBuffer>>,
  writable: WritableStream<Uint8Array>,
): TcpConnection & { broken: unknown } {
  const connection = {
    remote: '192.168.86.101:80',
    readable,
    writable,
    closed: new Promise<void>(() => undefined),
    broken: undefined as unknown,
    close: () => undefined,
    abort: (reason: unknown) => {
      connection.broken ??= reason ?? 'aborted';
    },
  };
  return connection;
}

/** A client of a server that answers with `handle`. */
function clientOf(handle: HttpHandler): HttpClient {
  const [server, client] = connectionPair();
  void serveHttp(server, handle);
  return new HttpClient(client);
}

/** A client of something that sends `answer`, in pieces of 7 bytes, whatever it is asked; and what it was sent. */
function clientOfAnswer(answer: string): {
  client: HttpClient;
  sent: () => string;
  connection: { broken: unknown };
} {
  let sent = '';
  const bytes = new TextEncoder().encode(answer);
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => {
      sent += new TextDecoder().decode(chunk);
    },
  });
  const connection = connectionOf(readable, writable);
  return { client: new HttpClient(connection), sent: () => sent, connection };
}

const text = ({ body }: ClientResponse): Promise<string> => new Response(body).text();

const get = { method: 'GET', target: '/', headers: [['Host', 'web']] } as const;

describe('requests', () => {
  const echo: HttpHandler = async ({ method, url, headers, body }) =>
    new Response(
      `${method} ${url} ${headers.get('x') ?? '-'} ${body ? await new Response(body).text() : '-'}`,
    );

  it('are answered one after another on one connection', async () => {
    const client = clientOf(echo);
    const answers = ['/a', '/b?c=d'].map((target) => client.request({ ...get, target }).then(text));
    const posted = client.request({
      method: 'POST',
      target: '/c',
      headers: [...get.headers, ['X', 'y']],
      body: new TextEncoder().encode('hello'),
    });
    expect(await Promise.all([...answers, posted.then(text)])).toEqual([
      'GET http://web/a - -',
      'GET http://web/b?c=d - -',
      'POST http://web/c y hello',
    ]);
    expect(client.isOpen).toBe(true);
  });

  it('are no longer sent when the server has ended an idle connection', async () => {
    const { client } = clientOfAnswer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect(await text(await client.request(get))).toBe('ok');
    await vi.waitFor(() => {
      expect(client.isOpen).toBe(false);
    });
  });

  it('say how long their body is', async () => {
    const { client, sent } = clientOfAnswer('HTTP/1.1 204 No Content\r\n\r\n');
    await client.request({ ...get, method: 'POST' });
    expect(sent()).toBe('POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 0\r\n\r\n');
  });

  it('can be given up while their answer comes', async () => {
    const { client, connection } = clientOfAnswer('HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nbegin');
    const stop = new AbortController();
    const response = await client.request({ ...get, signal: stop.signal });
    stop.abort(new Error('enough'));
    expect(connection.broken).toMatchObject({ message: 'enough' });
    await expect(text(response)).rejects.toThrow();
    expect(client.isOpen).toBe(false);
    await expect(client.request(get)).rejects.toMatchObject({ code: 'network-failed' });
  });
});

it('a request that is given up while it waits for its turn leaves the one before it, and the connection', async () => {
  let answer: (response: Response) => void = () => undefined;
  const answered = new Promise<Response>((resolve) => (answer = resolve));
  let asked = 0;
  const client = clientOf(() => (asked++ === 0 ? answered : Promise.resolve(new Response('next'))));
  const stop = new AbortController();
  const first = client.request(get);
  const second = client.request({ ...get, signal: stop.signal });
  const third = client.request(get);
  stop.abort(new Error('enough'));
  await expect(second).rejects.toThrow('given up');
  answer(new Response('first'));
  expect(await text(await first)).toBe('first');
  expect(await text(await third)).toBe('next');
});

describe('answers', () => {
  it.each([
    ['of a length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourHTTP/1.1', 'four', true],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n',
      'abc',
      true,
    ],
    ['that end with their connection', 'HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it', 'all of it', false],
    [
      'after others that only announce',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx',
      'x',
      true,
    ],
    [
      'whose server then ends',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
      'x',
      false,
    ],
    ['without a body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', '', true],
  ])('%s are read', async (_, answer, expected, isOpen) => {
    const { client } = clientOfAnswer(answer);
    expect(await text(await client.request(get))).toBe(expected);
    expect(client.isOpen).toBe(isOpen);
  });

  it('show every cookie by itself', async () => {
    const { client } = clientOfAnswer(
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    );
    const { status, cookies } = await client.request(get);
    expect(status).toBe(200);
    expect(cookies).toEqual(['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2']);
  });

  it.each([
    ['of another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['that never come', ''],
    ['with a header that is none', 'HTTP/1.1 200 OK\r\nno header\r\n\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['with an endless head', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`],
  ])('%s are refused, and break the connection', async (_, answer) => {
    const { client, connection } = clientOfAnswer(answer);
    await expect(client.request(get)).rejects.toMatchObject({ code: 'network-failed' });
    expect(connection.broken).toBeDefined();
  });

  it.each([
    ['short of their length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'],
    ['within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf'],
  ])('that end %s are not taken for whole', async (_, answer) => {
    const { client } = clientOfAnswer(answer);
    const response = await client.request(get);
    await expect(text(response)).rejects.toMatchObject({ code: 'network-failed' });
  });

  it('that nobody wants to read on break the connection, and the next request is told', async () => {
    const { client, connection } = clientOfAnswer('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    const response = await client.request(get);
    const next = client.request(get);
    await response.body?.cancel('not wanted');
    expect(connection.broken).toBe('not wanted');
    await expect(next).rejects.toMatchObject({ code: 'network-failed' });
  });
});
