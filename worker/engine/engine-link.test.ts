import { describe, expect, it, vi } from 'vitest';
import type { EngineAnswer } from '../protocol.ts';
import type { HttpHandler } from '../net/http/message.ts';
import { connectionPair } from '../net/connection-pair.ts';
import { serveHttp } from '../net/http/server.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { EngineLink } from './engine-link.ts';

/** A machine whose Engine answers with `handle`. */
function machineWith(handle: HttpHandler) {
  const listeners = new Map<number, (connection: TcpConnection) => void>();
  const dials: string[][] = [];
  const connections: TcpConnection[] = [];
  let pid: string | undefined = '100';
  const agent = {
    readFile: vi.fn(() =>
      pid === undefined
        ? Promise.reject(new Error('No such file'))
        : Promise.resolve(new TextEncoder().encode(pid)),
    ),
    start: (path: string, parameters: string[]) => {
      dials.push([path, ...parameters]);
      const [, port, from] = /:(\d+),sourceport=(\d+)/.exec(parameters.join(' ')) ?? [];
      const accept = listeners.get(Number(port));
      const [, stranger] = connectionPair();
      accept?.(stranger);
      const [engine, link] = connectionPair();
      void serveHttp(engine, handle);
      connections.push(engine);
      accept?.({ ...link, remote: `192.168.86.101:${from ?? ''}` });
      return Promise.resolve(1);
    },
    hasEnded: () => Promise.resolve(false),
  };
  const gateway = {
    listen: (port: number, accept: (connection: TcpConnection) => void) => {
      listeners.set(port, accept);
      return () => listeners.delete(port);
    },
  };
  return {
    agent,
    gateway,
    dials,
    listeners,
    connections,
    /** Without a pid, no Engine runs. */
    become: (other: string | undefined) => {
      pid = other;
    },
  };
}

const silent = { onEvent: () => undefined, onState: () => undefined };

describe('a link to the Engine', () => {
  it('asks over one connection, and is not held up by a change that takes long', async () => {
    let stopped: () => void = () => undefined;
    const stopping = new Promise<void>((resolve) => (stopped = resolve));
    const machine = machineWith(async ({ method, url, body }) => {
      if (method === 'POST') await stopping;
      return Response.json({
        method,
        path: new URL(url).pathname,
        body: body && (await new Response(body).text()),
      });
    });
    const link = new EngineLink({ ...machine, ...silent });
    const read = async (answer: Promise<EngineAnswer>): Promise<unknown> =>
      JSON.parse(new TextDecoder().decode((await answer).bytes));
    const change = read(link.ask({ method: 'POST', target: '/containers/web/stop', body: '{"a":"ü"}' }));
    for (const target of ['/containers/json?all=1', '/containers/json?all=1'])
      expect(await read(link.ask({ method: 'GET', target }))).toEqual({
        method: 'GET',
        path: '/containers/json',
        body: null,
      });
    stopped();
    expect(await change).toEqual({ method: 'POST', path: '/containers/web/stop', body: '{"a":"ü"}' });
    expect(machine.dials).toHaveLength(2);
    expect(machine.listeners.size, 'nothing listens once it is there').toBe(0);
    link.close();
  });

  it('tells events, line by line, and when there are no more', async () => {
    let write: (text: string) => void = () => undefined;
    let end: () => void = () => undefined;
    const machine = machineWith(({ url }) => {
      if (!url.includes('/events')) return Promise.resolve(new Response());
      expect(new URL(url).searchParams.get('filters')).toContain('"container"');
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          write = (text) => {
            controller.enqueue(new TextEncoder().encode(text));
          };
          end = () => {
            controller.close();
          };
        },
      });
      return Promise.resolve(new Response(body));
    });
    const events: string[] = [];
    const states: string[] = [];
    const link = new EngineLink({
      ...machine,
      onEvent: (event) => events.push(event),
      onState: (state) => states.push(state),
    });
    link.watch();
    await vi.waitFor(() => {
      expect(states).toEqual(['told']);
    });
    write('{"Action":"start"}\n{"Actor":"Zoë');
    write('"}\n');
    await vi.waitFor(() => {
      expect(events).toEqual(['{"Action":"start"}', '{"Actor":"Zoë"}']);
    });
    end();
    await vi.waitFor(() => {
      expect(states).toEqual(['told', 'lost']);
    });
    link.close();
  });

  it('does not hold up an Engine that is stopped, and goes on with the next', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const machine = machineWith(({ url }) =>
      Promise.resolve(new Response(url.includes('/events') ? new ReadableStream() : 'ok')),
    );
    const states: string[] = [];
    const link = new EngineLink({
      ...machine,
      onEvent: () => undefined,
      onState: (state) => states.push(state),
    });
    link.watch();
    await vi.waitFor(() => {
      expect(machine.connections).toHaveLength(2);
    });
    // It ends what is idle first.
    machine.connections[1]?.close();
    await vi.waitFor(() => {
      expect(states).toEqual(['told', 'lost']);
    });
    await expect(machine.connections[0]?.closed).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(link.ask({ method: 'GET', target: '/info' })).rejects.toMatchObject({
      code: 'network-failed',
    });
    expect(machine.connections).toHaveLength(2);
    machine.become('200');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states).toEqual(['told', 'lost', 'told']);
    link.close();
    vi.useRealTimers();
  });

  it('does not have an Engine started that was stopped', async () => {
    const machine = machineWith(() => Promise.resolve(new Response()));
    machine.become(undefined);
    const link = new EngineLink({ ...machine, ...silent });
    await expect(link.ask({ method: 'GET', target: '/info' })).rejects.toMatchObject({
      code: 'network-failed',
    });
    expect(machine.dials).toEqual([]);
    link.close();
  });

  it('ends what is under way when the machine goes', async () => {
    const machine = machineWith(() => new Promise(() => undefined));
    const link = new EngineLink({ ...machine, ...silent });
    const asked = link.ask({ method: 'GET', target: '/info' });
    await vi.waitFor(() => {
      expect(machine.dials).toHaveLength(1);
    });
    link.close();
    await expect(asked).rejects.toMatchObject({ code: 'wrong-state' });
  });
});
