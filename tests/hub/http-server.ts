/**
 * The hub behind a real HTTP server, for clients outside of a machine. All of docker.io's hosts are this one address:
 * the token service goes by its path, and challenges name the address instead of https://auth.docker.io.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { Hub } from '../../worker/hub/hub.ts';

export interface HubServer {
  /** As in `localhost:45123`. */
  address: string;
  /** What was asked so far, as in `GET /v2/`. */
  requests: readonly string[];
  close(): Promise<void>;
}

export async function serveHub(hub: Hub): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    answer(hub, request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  const host = path.startsWith('/token') ? 'auth.docker.io' : 'registry-1.docker.io';
  const answered = await hub.fetch({
    method: request.method ?? 'GET',
    url: `https://${host}${path}`,
    headers: headersOf(request),
    body: Readable.toWeb(request) as ReadableStream<Uint8Array>,
  });
  for (const [name, value] of answered.headers)
    response.setHeader(name, value.replace('https://auth.docker.io', `http://${request.headers.host ?? ''}`));
  response.writeHead(answered.status);
  if (answered.body) await pipeline(Readable.fromWeb(answered.body as NodeStream), response);
  else response.end();
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value));
  return headers;
}
