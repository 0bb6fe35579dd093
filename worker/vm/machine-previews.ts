/** The ports of a machine that pages are shown of: they stay open when its hardware is exchanged. */
import { nodeAddress, type NodeName } from '../net/lan.ts';
import type { TcpConnection } from '../net/tcp-connection.ts';
import { Cookies } from '../preview/cookies.ts';
import { PreviewServer } from '../preview/preview-server.ts';
import type { LoggedRequest, PreviewPort } from '../preview/protocol.ts';
import type { Hardware } from './hardware.ts';
import { connectInside } from './inside-connection.ts';

/** How long a connection may take to come about, in seconds: the machine may be busy. */
const CONNECT_SECONDS = 30;

export class MachinePreviews {
  readonly #servers = new Map<number, PreviewServer>();
  /** By port: a preview goes on with them when another way to it is opened. */
  readonly #cookies = new Map<number, Cookies>();
  readonly #hardware: () => Hardware;
  readonly #address: string;
  readonly #onRequest: (port: number, request: LoggedRequest) => void;

  /** @param hardware the present one. @throws when there is none */
  constructor(
    node: NodeName,
    hardware: () => Hardware,
    onRequest: (port: number, request: LoggedRequest) => void,
  ) {
    this.#address = nodeAddress(node);
    this.#hardware = hardware;
    this.#onRequest = onRequest;
  }

  /** Answers for a port of the machine over `way`, in place of the one before. */
  open({ port, host, scope }: PreviewPort, way: MessagePort): void {
    this.#servers.get(port)?.close();
    const cookies = this.#cookies.get(port) ?? new Cookies();
    this.#cookies.set(port, cookies);
    const connect = async (signal: AbortSignal): Promise<TcpConnection> => {
      const hardware = this.#hardware();
      return scope === 'loopback'
        ? connectInside(hardware, `TCP:127.0.0.1:${port}`, signal)
        : hardware.gateway.connect({ address: this.#address, port, timeout: CONNECT_SECONDS, signal });
    };
    const server = new PreviewServer(way, { connect, host, cookies }, (request) => {
      this.#onRequest(port, request);
    });
    this.#servers.set(port, server);
  }

  close(port: number): void {
    this.#servers.get(port)?.close();
    this.#servers.delete(port);
    this.#cookies.delete(port);
  }

  closeAll(): void {
    for (const port of this.#servers.keys()) this.close(port);
  }
}
