/** What may be typed into the address bar of a preview, and what a link of a page may lead to. */
import { NODE_NAMES, nodeAddress, type NodeName } from '../net/lan.ts';

/** A page of a machine. */
export interface PreviewAddress {
  /** What the reader calls the machine: `localhost`, `node2`, `192.168.86.102`. */
  name: string;
  node: NodeName;
  port: number;
  /** Path, query and fragment. */
  path: string;
}

/** What an address leads to if not to a page of a machine. */
export type Elsewhere =
  /** Another computer: there is none in reach of the machines. */
  | { outside: string }
  /** HTTPS of a machine: the preview does not speak it. */
  | { secure: string }
  | { unreadable: string };

/** Names of the machine that the reader has in front of them. */
const OWN_NAMES = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]'];

/**
 * Reads an address as a reader of `current` means it: `8080`, `:8080/path`, `/path`, `localhost:8080`, `node2:8080/path`,
 * `http://192.168.86.102`.
 */
export function parsePreviewAddress(text: string, current: PreviewAddress): PreviewAddress | Elsewhere {
  const typed = text.trim();
  if (typed.startsWith('/') && !typed.startsWith('//')) return { ...current, path: typed };
  const url = parseUrl(typed);
  if (!url) return { unreadable: typed };
  const node = nodeNamed(url.hostname, current.node);
  if (!node) return { outside: url.href };
  if (url.protocol === 'https:') return { secure: url.href };
  return {
    name: url.hostname,
    node,
    port: Number(url.port || 80),
    path: `${url.pathname}${url.search}${url.hash}`,
  };
}

/** The address as it is shown and typed. */
export function formatPreviewAddress(address: PreviewAddress): string {
  return `${hostOf(address)}${address.path}`;
}

/** The machine and the port, as a browser says them in the Host header. */
export function hostOf({ name, port }: Pick<PreviewAddress, 'name' | 'port'>): string {
  return port === 80 ? name : `${name}:${port}`;
}

/** All that the port may be called by pages of the machine itself. */
export function hostsOf({ name, node, port }: Pick<PreviewAddress, 'name' | 'node' | 'port'>): string[] {
  return [...new Set([name, ...OWN_NAMES, node, nodeAddress(node)])].map((each) =>
    hostOf({ name: each, port }),
  );
}

function parseUrl(text: string): URL | undefined {
  const full = /^\d{1,5}(?:[/?#]|$)/.test(text)
    ? `http://localhost:${text}`
    : text.startsWith(':')
      ? `http://localhost${text}`
      : /^[a-z]+:\/\//i.test(text)
        ? text
        : `http://${text}`;
  try {
    const url = new URL(full);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function nodeNamed(host: string, current: NodeName): NodeName | undefined {
  if (OWN_NAMES.includes(host)) return current;
  return NODE_NAMES.find((name) => name === host || nodeAddress(name) === host);
}
