/**
 * An HTTP server on a TCP connection of the gateway: one request after another, each answered by a handler. A request
 * that cannot be read is told so and ends the connection, since nobody knows where the next one would begin.
 */
import { DrydockError } from '../../error.ts';
import type { TcpConnection } from '../tcp-connection.ts';
import { ByteReader } from './byte-reader.ts';
import { HttpError, type HttpHandler, type HttpRequest } from './message.ts';
import { readRequest } from './request.ts';
import { writeResponse } from './response.ts';

/** Bytes of a body without a reader that are read over, to keep the connection. */
const MAX_DRAIN = 256 * 1024;

/** Milliseconds in which a client must send its next request; Go's clients give an idle connection up after 90 s. */
const IDLE_MILLISECONDS = 120_000;

/** Answers the requests of `connection` with `handle` until one of both ends it. Never rejects. */
export async function serveHttp(connection: TcpConnection, handle: HttpHandler): Promise<void> {
  const reader = new ByteReader(connection.readable);
  const writer = connection.writable.getWriter();
  const abort = (error: unknown): void => {
    connection.abort(error);
  };
  writer.closed.catch(() => undefined);
  connection.closed.catch(() => undefined);
  try {
    for (let keepAlive = true; keepAlive;) {
      const idle = setTimeout(abort, IDLE_MILLISECONDS, new DrydockError('timeout', 'No request came.'));
      const incoming = await readRequest(reader, () =>
        writer.write(new TextEncoder().encode('HTTP/1.1 100 Continue\r\n\r\n')),
      ).finally(() => {
        clearTimeout(idle);
      });
      if (!incoming) break;
      const response = await answer(handle, incoming.request);
      keepAlive = incoming.keepAlive;
      await writeResponse(writer, response, { method: incoming.request.method, keepAlive });
      keepAlive &&= await incoming.drain(MAX_DRAIN);
    }
  } catch (error) {
    if (!(error instanceof HttpError)) {
      abort(error);
      return;
    }
    const response = new Response(`${error.message}\n`, { status: error.status });
    await writeResponse(writer, response, { method: 'GET', keepAlive: false }).catch(abort);
  }
  await writer.close().catch(abort);
  connection.close();
}

async function answer(handle: HttpHandler, request: HttpRequest): Promise<Response> {
  try {
    return await handle(request);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    console.error('A request could not be answered.', error);
    return new Response('The server failed.\n', { status: 500 });
  }
}
