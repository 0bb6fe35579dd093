/**
 * A connection to what only programs in the machine can reach: a socket of its file system, a port of its loopback. A
 * socat in the machine connects to the gateway, where we wait for it, and joins that to what is wanted. Nobody who looks
 * for open ports in the machine finds one for it.
 */
import { within } from '../deadline.ts';
import { asDrydockError, DrydockError } from '../error.ts';
import type { Gateway } from '../net/gateway.ts';
import { GATEWAY_ADDRESS } from '../net/lan.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import type { Agent } from './agent.ts';

/** How long the machine may take to connect, in milliseconds. */
const CONNECT_MILLISECONDS = 30_000;

/** Ports at which a machine is waited for, and from which it comes; nothing else listens at the gateway up there. */
const FIRST_PORT = 20_000;
const PORTS = 20_000;

/** Pauses between looks whether a socat has ended, in milliseconds: each costs the machine about 0.1 Mi. */
const FIRST_LOOK_MILLISECONDS = 100;
const LAST_LOOK_MILLISECONDS = 3000;

/** What of a machine is needed. */
export interface Inside {
  readonly agent: Pick<Agent, 'start' | 'hasEnded' | 'readFile'>;
  readonly gateway: Pick<Gateway, 'listen'>;
}

/**
 * Containers can connect to the gateway too: what does not come from the port that our socat was told to come from is
 * sent away.
 *
 * @param target as socat names it, `UNIX-CONNECT:/run/docker.sock`
 * @param end gives up
 * @throws DrydockError `network-failed` when nothing answers there, `timeout` when the machine does not connect,
 *   `agent-failed`
 */
export async function connectInside(
  { agent, gateway }: Inside,
  target: string,
  end: AbortSignal,
): Promise<TcpConnection> {
  const port = anyPort();
  const from = anyPort();
  return within(CONNECT_MILLISECONDS, `A connection to ${target}`, end, async (signal) => {
    signal.throwIfAborted();
    let isWaiting = true;
    let stopListening: () => void = () => undefined;
    const connected = new Promise<TcpConnection>((resolve, reject) => {
      stopListening = gateway.listen(port, (connection) => {
        if (connection.remote.endsWith(`:${from}`)) resolve(connection);
        else connection.abort();
      });
      signal.addEventListener('abort', () => {
        reject(asDrydockError(signal.reason, 'internal', 'The machine did not connect.'));
      });
    });
    connected.catch(() => undefined);
    try {
      // It connects to us only when it has been answered at the target.
      const pid = await agent.start('/usr/bin/socat', [
        target,
        // A machine that was brought back has socats of another life: they notice within two minutes.
        `TCP:${GATEWAY_ADDRESS}:${port},sourceport=${from},reuseaddr,keepalive,keepidle=60,keepintvl=20,keepcnt=3`,
      ]);
      const refused = hasEnded(agent, pid, () => isWaiting).then((ended) => {
        if (ended) throw new DrydockError('network-failed', `Nothing answers at ${target}.`);
        return connected;
      });
      const forget = (): void => void hasEnded(agent, pid, () => true).catch(() => undefined);
      try {
        const connection = await Promise.race([connected, refused]);
        connection.closed.then(forget, forget);
        return connection;
      } catch (error) {
        if (signal.aborted) forget();
        throw error;
      }
    } finally {
      isWaiting = false;
      stopListening();
    }
  });
}

/** Looks whether a program has ended until it has, or until it `isWanted` no longer; the agent then has forgotten it. */
async function hasEnded(agent: Inside['agent'], pid: number, isWanted: () => boolean): Promise<boolean> {
  for (let pause = FIRST_LOOK_MILLISECONDS; ; pause = Math.min(pause * 1.5, LAST_LOOK_MILLISECONDS)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!isWanted()) return false;
    if (await agent.hasEnded(pid)) return true;
  }
}

const anyPort = (): number => FIRST_PORT + Math.floor(Math.random() * PORTS);
