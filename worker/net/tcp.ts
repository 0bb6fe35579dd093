/**
 * TCP on one host: hands every segment to its connection, makes connections for those who listen or
 * connect, and rejects what belongs to none.
 */
import { DrydockError } from '../error.ts';
import { formatAddress, parseAddress } from './address.ts';
import { Timer, type Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import { Unreachable, type UnreachableReport } from './icmp.ts';
import { IPV4_HEADER, Protocol, type Ipv4Packet } from './ipv4.ts';
import { Connection, type TcpConnection } from './tcp-connection.ts';
import { Flag, OutgoingSegment, parseSegment, TCP_HEADER, type Segment } from './tcp-segment.ts';

/** Seconds in which a connection must be established. */
const DEFAULT_TIMEOUT = 10;

/** Connections at once, half-open ones included: more than any lab needs, and few enough for our memory. */
const MAX_CONNECTIONS = 1024;

/** Ports from which connections go out (RFC 6335 section 6). */
const FIRST_DYNAMIC_PORT = 49152;
const DYNAMIC_PORTS = 0x10000 - FIRST_DYNAMIC_PORT;

/** Where to connect to. */
export interface ConnectTarget {
  /** IPv4 address in dotted decimal. */
  address: string;
  port: number;
  /** Seconds in which the connection must be established. Default 10. */
  timeout?: number;
  /** Gives the attempt up; of no effect once the connection is established. */
  signal?: AbortSignal;
}

/** What TCP asks of the host it runs on. */
export interface TcpHost {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly mtu: number;
  /** Segments of one connection that may be in flight at once. */
  readonly burst: number;
  /** The address from which connections go out. */
  readonly address: number;
  /** A first sequence number, any 32-bit number; hard to guess, or others could forge segments (RFC 6528). */
  initialSequence(): number;
  /** Sends a segment in a packet. */
  send(source: number, destination: number, segment: OutgoingSegment): void;
}

/** The two ends of a connection. */
interface Endpoints {
  local: number;
  localPort: number;
  remote: number;
  remotePort: number;
}

export class Tcp {
  readonly #host: TcpHost;
  readonly #connections = new Map<string, Connection>();
  readonly #listeners = new Map<number, (connection: TcpConnection) => void>();
  #nextPort = Math.floor(Math.random() * DYNAMIC_PORTS);

  constructor(host: TcpHost) {
    this.#host = host;
  }

  /** Accepts connections to `port` on all addresses, until the function returned is called. */
  listen(port: number, accept: (connection: TcpConnection) => void): () => void {
    if (this.#listeners.has(port)) {
      throw new DrydockError('internal', `Port ${port} of the gateway is taken already.`, { port });
    }
    this.#listeners.set(port, accept);
    return () => {
      if (this.#listeners.get(port) === accept) this.#listeners.delete(port);
    };
  }

  /** Makes a connection to `target`. */
  async connect({ address, port, timeout = DEFAULT_TIMEOUT, signal }: ConnectTarget): Promise<TcpConnection> {
    const remote = parseAddress(address);
    if (remote === undefined || !(port > 0 && port < 0x10000)) {
      throw new DrydockError('network-failed', `${address}:${port} is not an IPv4 address and port.`);
    }
    const local = this.#host.address;
    const endpoints = { local, localPort: this.#choosePort(remote, port), remote, remotePort: port };
    const connection = this.#add(endpoints);
    const onAbort = () => {
      const message = `The attempt to connect to ${connection.remote} was given up.`;
      connection.abort(new DrydockError('network-failed', message, {}, { cause: signal?.reason }));
    };
    const deadline = new Timer(this.#host.clock, () => {
      const message = `${connection.remote} did not answer within ${timeout} s.`;
      connection.abort(new DrydockError('timeout', message, { remote: connection.remote }));
    });
    if (signal?.aborted) onAbort();
    else connection.connect();
    deadline.start(timeout * 1000);
    signal?.addEventListener('abort', onAbort);
    try {
      await connection.opened;
      return connection;
    } finally {
      deadline.stop();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Takes in a packet for one of the host's addresses. */
  receive(packet: Ipv4Packet): void {
    const segment = parseSegment(packet);
    if (typeof segment === 'string') {
      this.#host.counters.drops[segment]++;
      return;
    }
    const endpoints = {
      local: packet.destination,
      localPort: segment.destinationPort,
      remote: packet.source,
      remotePort: segment.sourcePort,
    };
    const connection = this.#connections.get(key(endpoints));
    if (connection) connection.receive(segment);
    else this.#receiveFirst(endpoints, segment);
  }

  /** Takes in that a packet of ours did not arrive. */
  reportUnreachable(report: UnreachableReport): void {
    const connection = this.#connections.get(
      key({
        local: report.source,
        localPort: report.sourcePort,
        remote: report.destination,
        remotePort: report.destinationPort,
      }),
    );
    if (!connection || report.protocol !== Protocol.tcp) return;
    const what = report.code === Unreachable.port ? 'refused the connection' : 'cannot be reached';
    const message = `${connection.remote} ${what} (ICMP destination unreachable, code ${report.code}).`;
    connection.unreachable(new DrydockError('network-failed', message, { remote: connection.remote }));
  }

  /** Takes in that no station has the address `remote`. */
  reportMissing(remote: number): void {
    const address = formatAddress(remote);
    for (const connection of this.#connections.values()) {
      if (!connection.remote.startsWith(`${address}:`)) continue;
      const message = `${connection.remote} cannot be reached: no station answers for this address (ARP).`;
      connection.unreachable(new DrydockError('timeout', message, { remote: connection.remote }));
    }
  }

  /** Breaks all connections off, for `reason`. */
  abortAll(reason: DrydockError): void {
    for (const connection of [...this.#connections.values()]) connection.abort(reason);
  }

  #receiveFirst(endpoints: Endpoints, segment: Segment): void {
    const accept = this.#listeners.get(endpoints.localPort);
    const isSyn = (segment.flags & (Flag.syn | Flag.ack | Flag.rst)) === Flag.syn;
    if (!accept || !isSyn) {
      this.#reject(endpoints, segment);
    } else if (this.#connections.size >= MAX_CONNECTIONS) {
      this.#host.counters.drops['too-many-connections']++;
    } else {
      const connection = this.#add(endpoints);
      connection.opened.then(
        () => {
          accept(connection);
        },
        () => undefined,
      );
      connection.accept(segment);
    }
  }

  /** Answers a segment that belongs to no connection (RFC 9293 section 3.10.7.1). */
  #reject({ local, localPort, remote, remotePort }: Endpoints, segment: Segment): void {
    const { flags, payload } = segment;
    if (flags & Flag.rst) return;
    const hasAck = (flags & Flag.ack) !== 0;
    const length = payload.length + (flags & Flag.syn ? 1 : 0) + (flags & Flag.fin ? 1 : 0);
    const header = {
      sourcePort: localPort,
      destinationPort: remotePort,
      sequence: hasAck ? segment.acknowledgment : 0,
      acknowledgment: hasAck ? 0 : (segment.sequence + length) >>> 0,
      flags: hasAck ? Flag.rst : Flag.rst | Flag.ack,
      window: 0,
    };
    this.#host.send(local, remote, new OutgoingSegment(header));
  }

  #add(endpoints: Endpoints): Connection {
    const { local, localPort, remote, remotePort } = endpoints;
    const host = this.#host;
    const connection = new Connection(
      {
        clock: host.clock,
        segmentSize: host.mtu - IPV4_HEADER - TCP_HEADER,
        burst: host.burst,
        localPort,
        remotePort,
        transmit: (segment) => {
          host.send(local, remote, segment);
        },
        retransmitted: () => {
          host.counters.retransmissions++;
        },
        release: () => {
          this.#connections.delete(key(endpoints));
        },
      },
      `${formatAddress(remote)}:${remotePort}`,
      host.initialSequence(),
    );
    this.#connections.set(key(endpoints), connection);
    return connection;
  }

  /** A port from which no connection to `remote` goes yet. */
  #choosePort(remote: number, remotePort: number): number {
    if (this.#connections.size >= MAX_CONNECTIONS) {
      throw new DrydockError('network-failed', `The gateway has ${MAX_CONNECTIONS} connections already.`);
    }
    for (;;) {
      const localPort = FIRST_DYNAMIC_PORT + (this.#nextPort++ % DYNAMIC_PORTS);
      const endpoints = { local: this.#host.address, localPort, remote, remotePort };
      if (!this.#connections.has(key(endpoints))) return localPort;
    }
  }
}

/** `endpoints` as one value, by which connections are found. */
function key({ local, localPort, remote, remotePort }: Endpoints): string {
  return `${local}:${localPort}-${remote}:${remotePort}`;
}
