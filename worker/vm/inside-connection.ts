/**
 * A connection to what only programs in the machine can reach: a socket of its file system, a port of its loopback. A
 * socat in the machine connects to the gateway, where we wait for it, and joins that to what is wanted. Nobody who looks
 * for open ports in the machine finds one for it.
 */
import { within } from '../deadline.ts';
import { asDrydockError } from '../error.ts';
import type { Gateway } from '../net/gateway.ts';
import { GATEWAY_ADDRESS } from '../net/lan.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import type { Agent } from './agent.ts';

/** How long the machine may take to connect, in milliseconds. */
const CONNECT_MILLISECONDS = 30_000;

/** Ports at which a machine is waited for; nothing else listens at the gateway up there. */
const FIRST_PORT = 20_000;
const PORTS = 20_000;

/** What of a machine is needed. */
export interface Inside {
  readonly agent: Pick<Agent, 'start' | 'readFile'>;
  readonly gateway: Pick<Gateway, 'listen'>;
}

/**
 * @param target as socat names it, `UNIX-CONNECT:/run/docker.sock`
 * @param end gives up
 * @throws DrydockError `timeout` when the machine does not connect, `agent-failed`
 */
export async function connectInside(
  { agent, gateway }: Inside,
  target: string,
  end: AbortSignal,
): Promise<TcpConnection> {
  const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  return within(CONNECT_MILLISECONDS, `A connection to ${target}`, end, async (signal) => {
    signal.throwIfAborted();
    let stopListening: () => void = () => undefined;
    const connected = new Promise<TcpConnection>((resolve, reject) => {
      stopListening = gateway.listen(port, resolve);
      signal.addEventListener('abort', () => {
        reject(asDrydockError(signal.reason, 'internal', 'The machine did not connect.'));
      });
    });
    connected.catch(() => undefined);
    try {
      await agent.start('/usr/bin/socat', [
        // A machine that was brought back has socats of another life: they notice within two minutes.
        `TCP:${GATEWAY_ADDRESS}:${port},keepalive,keepidle=60,keepintvl=20,keepcnt=3`,
        target,
      ]);
      return await connected;
    } finally {
      stopListening();
    }
  });
}
