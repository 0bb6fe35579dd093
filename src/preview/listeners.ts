/** The ports on which a machine listens, read from its kernel's tables (proc(5), /proc/net/tcp and tcp6). */

export interface Listener {
  port: number;
  /** Whether others can connect to it, or only programs in the machine. */
  scope: 'lan' | 'loopback';
}

/** TCP_LISTEN (include/net/tcp_states.h). */
const LISTENING = '0A';

/** A line of a table: number, local address, remote address, state. The bytes of each 32 bits stand the other way round. */
const LINE = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /;

/** By the end of an address as the tables write it: 0.0.0.0 or ::, the node's own on the LAN, 127.0.0.0/8, ::1. */
const ANY = /^0+$/;
const LAN = /6[5-9]56A8C0$/;
const LOOPBACK = /(?:[0-9A-F]{6}7F|^0{24}01000000)$/;

/** Ports of the machine itself, which show no page: SSH, and the swarm's. */
const OWN = new Set([22, 2377, 7946]);

/** Reads tables, one after another. A port that is open to all and to the machine itself counts as open to all. */
export function parseListeners(tables: string): Listener[] {
  const scopes = new Map<number, Listener['scope']>();
  for (const line of tables.split('\n')) {
    const [, address = '', hex = '', state] = LINE.exec(line) ?? [];
    const port = Number.parseInt(hex, 16);
    if (state !== LISTENING || OWN.has(port)) continue;
    if (ANY.test(address) || LAN.test(address)) scopes.set(port, 'lan');
    else if (LOOPBACK.test(address) && !scopes.has(port)) scopes.set(port, 'loopback');
  }
  return [...scopes].map(([port, scope]) => ({ port, scope })).sort((a, b) => a.port - b.port);
}
