import { afterEach, describe, expect, it, vi } from 'vitest';
import { DrydockError } from '../error.ts';
import { connectionPair } from '../net/connection-pair.ts';
import type { HttpHandler } from '../net/http/message.ts';
import { serveHttp } from '../net/http/server.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { Cookies } from './cookies.ts';
import { PreviewServer } from './preview-server.ts';
import type { LoggedRequest, PreviewAnswer, PreviewMessage } from './protocol.ts';

const servers: PreviewServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A preview of a machine whose port answers with `handle`, or connects as `connect` does. */
function previewOf(handle: HttpHandler, connect?: () => Promise<TcpConnection>) {
  const { port1, port2 } = new MessageChannel();
  const log: LoggedRequest[] = [];
  const answers: PreviewAnswer[] = [];
  const open = (): Promise<TcpConnection> => {
    const [server, client] = connectionPair();
    void serveHttp(server, handle);
    return Promise.resolve(client);
  };
  const target = { connect: connect ?? open, host: 'localhost:8080', cookies: new Cookies() };
  servers.push(new PreviewServer(port1, target, (request) => log.push(request)));
  port2.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
    answers.push(data);
  };
  const send = (message: unknown): void => {
    port2.postMessage(message);
  };
  /** Everything that comes for `id` when it is read to its end. */
  const all = async (id: number): Promise<PreviewAnswer[]> => {
    const mine = (): PreviewAnswer[] => answers.filter((answer) => 'id' in answer && answer.id === id);
    let asked = 0;
    await vi.waitFor(() => {
      const got = mine();
      if (got.some(({ type }) => type === 'head') && asked < got.length) {
        asked = got.length;
        send({ type: 'more', id });
      }
      const last = got.at(-1);
      const isOver =
        last?.type === 'end' || last?.type === 'failure' || (last?.type === 'head' && !last.hasBody);
      expect(isOver).toBe(true);
    });
    return mine();
  };
  return { send, all, log, answers };
}

const get = (id: number, more: Partial<PreviewMessage & { type: 'request' }> = {}): PreviewMessage => ({
  type: 'request',
  id,
  method: 'GET',
  target: '/',
  page: '/',
  headers: [],
  ...more,
});

const textOf = (answers: PreviewAnswer[]): string =>
  answers.map((answer) => (answer.type === 'bytes' ? new TextDecoder().decode(answer.bytes) : '')).join('');

const headOf = (answers: PreviewAnswer[]): PreviewAnswer & { type: 'head' } => {
  const [head] = answers;
  if (head?.type !== 'head') throw new Error(JSON.stringify(head));
  return head;
};

describe('a request', () => {
  it('looks as if the browser had gone to the machine itself', async () => {
    const { send, all, log } = previewOf(async ({ method, url, headers, body }) =>
      Response.json({
        method,
        url,
        headers: Object.fromEntries(headers),
        body: body && (await new Response(body).text()),
      }),
    );
    send(
      get(1, {
        method: 'POST',
        target: '/form?x=1',
        headers: [
          ['Content-Type', 'text/plain'],
          ['Host', 'evil'],
          ['Cookie', 'evil=1'],
        ],
        body: new TextEncoder().encode('hello').buffer,
      }),
    );
    expect(JSON.parse(textOf(await all(1)))).toEqual({
      method: 'POST',
      url: 'http://localhost:8080/form?x=1',
      headers: {
        'accept-encoding': 'identity',
        connection: 'close',
        'content-length': '5',
        'content-type': 'text/plain',
        host: 'localhost:8080',
        origin: 'http://localhost:8080',
      },
      body: 'hello',
    });
    expect(log).toMatchObject([{ method: 'POST', target: '/form?x=1', status: 200 }]);
  });

  it('brings back its cookies, of which scripts see some', async () => {
    const { send, all } = previewOf(({ headers }) => {
      const answer = new Headers({ 'x-cookies': headers.get('cookie') ?? 'none' });
      answer.append('set-cookie', 'id=7; HttpOnly');
      answer.append('set-cookie', 'theme=dark');
      return Promise.resolve(new Response(null, { headers: answer }));
    });
    send(get(1));
    expect(headOf(await all(1)).headers.map(([name]) => name)).not.toContain('set-cookie');
    send({ type: 'cookie', target: '/', set: 'lang=en' });
    send(get(3));
    const head = headOf(await all(3));
    expect(head.headers).toContainEqual(['x-cookies', 'id=7; theme=dark; lang=en']);
    expect(head.cookies).toBe('lang=en; theme=dark');
  });

  it.each([
    ['no path', { target: 'http://node2/' }],
    ['another line in its path', { target: '/ HTTP/1.1\r\nX: y' }],
    ['another line in a header', { headers: [['X', 'a\r\nY: b']] }],
    ['a header that is none', { headers: [['X Y', 'a']] }],
    ['a method that is none', { method: 'GET /' }],
  ])('with %s is not made', async (_, wrong) => {
    const handle = vi.fn(() => Promise.resolve(new Response('ok')));
    const { send, all } = previewOf(handle);
    send({ ...get(1), ...wrong });
    expect(await all(1)).toMatchObject([{ type: 'failure', reason: 'unreadable' }]);
    send(null);
    send({ id: 'x' });
    send(get(2));
    expect(textOf(await all(2))).toBe('ok');
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('waits while many others are on their way', async () => {
    let underWay = 0;
    let most = 0;
    const { send, all } = previewOf(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay--;
      return new Response('ok');
    });
    const ids = Array.from({ length: 40 }, (_, i) => i);
    for (const id of ids) send(get(id));
    const texts = await Promise.all(ids.map(async (id) => textOf(await all(id))));
    expect(texts.every((text) => text === 'ok')).toBe(true);
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe('an answer', () => {
  it('comes as fast as it is read', async () => {
    let made = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1000));
        if (++made === 5) controller.close();
      },
    });
    const { send, all, answers } = previewOf(() => Promise.resolve(new Response(body)));
    send(get(1));
    await vi.waitFor(() => {
      expect(answers).toHaveLength(1);
    });
    expect(answers[0]).toMatchObject({ type: 'head', status: 200, hasBody: true });
    const all1 = await all(1);
    expect(all1.reduce((sum, answer) => sum + (answer.type === 'bytes' ? answer.bytes.length : 0), 0)).toBe(
      5000,
    );
  });

  it('may be shown in a frame, and is decoded', async () => {
    const zipped = new Response('hello').body?.pipeThrough(new CompressionStream('gzip'));
    const { send, all } = previewOf(() =>
      Promise.resolve(
        new Response(zipped, {
          headers: {
            'content-encoding': 'gzip',
            'content-security-policy': "default-src 'self', default-src 'self'; frame-ancestors 'none'",
            'strict-transport-security': 'max-age=1',
            'x-frame-options': 'DENY',
            'x-own': 'yes',
          },
        }),
      ),
    );
    send(get(1));
    const got = await all(1);
    expect(textOf(got)).toBe('hello');
    const names = Object.fromEntries(headOf(got).headers);
    expect(names).toMatchObject({
      'content-security-policy': "default-src 'self', default-src 'self'",
      'x-own': 'yes',
    });
    for (const gone of ['x-frame-options', 'content-encoding', 'strict-transport-security'])
      expect(names).not.toHaveProperty(gone);
  });

  it('frees its place, also where the server leaves it to us to end the connection', async () => {
    const { send, all } = previewOf(
      () => Promise.resolve(new Response()),
      async () => {
        const [server, client] = connectionPair();
        const writer = server.writable.getWriter();
        await writer.write(new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
        return client;
      },
    );
    for (let id = 1; id <= 20; id++) {
      send(get(id));
      expect(textOf(await all(id))).toBe('ok');
    }
  });

  it.each([
    ['a status that is none', 'HTTP/1.1 700 Odd\r\nContent-Length: 2\r\n\r\nok'],
    [
      'an encoding that nobody asked for',
      'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok',
    ],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${' '.repeat(60_000)}\r\r\n\r\n`],
    ['something else than HTTP', 'SSH-2.0-OpenSSH\r\n'],
  ])('with %s cannot be shown, and leaves its place to the next', async (_, bytes) => {
    const { send, all, log } = previewOf(
      () => Promise.resolve(new Response()),
      async () => {
        const [server, client] = connectionPair();
        await server.writable.getWriter().write(new TextEncoder().encode(bytes));
        return client;
      },
    );
    for (let id = 1; id <= 10; id++) {
      send(get(id));
      expect(await all(id)).toMatchObject([{ type: 'failure', reason: 'unreadable' }]);
    }
    expect(log).toHaveLength(10);
  });

  it('keeps its connection while it comes, however often it is asked for more', async () => {
    const { send, answers } = previewOf(() => Promise.resolve(new Response(new ReadableStream())));
    send(get(1));
    await vi.waitFor(() => {
      expect(answers).toHaveLength(1);
    });
    for (let i = 0; i < 1000; i++) send({ type: 'more', id: 1 });
    servers[0]?.close();
    await vi.waitFor(() => {
      expect(answers.at(-1)).toEqual({ type: 'closed' });
    });
    expect(answers).toHaveLength(2);
  });

  it('that nobody reads on breaks its connection off', async () => {
    const cancelled = vi.fn();
    const { send, answers } = previewOf(() =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (controller) => {
              controller.enqueue(new Uint8Array(10));
              return new Promise((resolve) => setTimeout(resolve, 1));
            },
            cancel: cancelled,
          }),
        ),
      ),
    );
    send(get(1));
    await vi.waitFor(() => {
      expect(answers).toHaveLength(1);
    });
    send({ type: 'cancel', id: 1 });
    await vi.waitFor(() => {
      expect(cancelled).toHaveBeenCalled();
    });
  });

  it.each([
    ['nothing listens', new DrydockError('network-failed', 'node1:80 refused the connection.'), 'refused'],
    ['nobody answers', new DrydockError('timeout', 'node1:80 did not answer.'), 'timeout'],
    ['the machine is off', new DrydockError('wrong-state', 'The machine is off.'), 'stopped'],
  ])('there is none where %s', async (_, error, reason) => {
    const { send, all, log } = previewOf(
      () => Promise.resolve(new Response()),
      () => Promise.reject(error),
    );
    send(get(1));
    expect(await all(1)).toEqual([{ type: 'failure', id: 1, reason, message: error.message }]);
    expect(log).toMatchObject([{ status: undefined }]);
  });
});
