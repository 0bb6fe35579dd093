import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectionPair } from '../net/connection-pair.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { connectInside } from './inside-connection.ts';

/** A machine whose socat finds something at its target, or not. */
function machine({ answers }: { answers: boolean }) {
  const listeners = new Map<number, (connection: TcpConnection) => void>();
  let hasEnded = false;
  const [inside, outside] = connectionPair();
  const agent = {
    readFile: () => Promise.reject(new Error('not read')),
    start: (_path: string, [, parameter = '']: string[]) => {
      const [, port, from] = /:(\d+),sourceport=(\d+)/.exec(parameter) ?? [];
      if (answers) listeners.get(Number(port))?.({ ...outside, remote: `192.168.86.101:${from ?? ''}` });
      else hasEnded = true;
      return Promise.resolve(7);
    },
    hasEnded: vi.fn(() => Promise.resolve(hasEnded)),
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
    listeners,
    end: () => {
      hasEnded = true;
      inside.close();
      outside.close();
    },
  };
}

const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('is refused at once where nothing answers', async () => {
  const { agent, gateway, listeners } = machine({ answers: false });
  const refused = expect(connectInside({ agent, gateway }, 'TCP:127.0.0.1:81', never)).rejects.toMatchObject({
    code: 'network-failed',
    message: 'Nothing answers at TCP:127.0.0.1:81.',
  });
  await vi.advanceTimersByTimeAsync(1000);
  await refused;
  expect(listeners.size, 'nothing listens any more').toBe(0);
});

it('has the agent forget its program when the connection has ended, and asks nothing before', async () => {
  const { agent, gateway, end } = machine({ answers: true });
  const connection = await connectInside({ agent, gateway }, 'TCP:127.0.0.1:80', never);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(agent.hasEnded).not.toHaveBeenCalled();
  end();
  await connection.closed.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(agent.hasEnded.mock.calls).toEqual([[7]]);
});
