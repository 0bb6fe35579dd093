/** Writes responses to a connection (HTTP/1.1, RFC 9112). */
import { concat } from '../bytes.ts';
import { encodeLatin1 } from './latin1.ts';

/** Statuses that have no body (RFC 9110 section 6.4.1). */
const WITHOUT_BODY = new Set([204, 304]);

/** Writes `response` to a request with `method`. The connection ends afterwards unless `keepAlive`. */
export async function writeResponse(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  response: Response,
  { method, keepAlive }: { method: string; keepAlive: boolean },
): Promise<void> {
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  const hasBody = method !== 'HEAD' && !WITHOUT_BODY.has(status);
  const isChunked = hasBody && body !== null && !headers.has('content-length');
  if (isChunked) headers.set('transfer-encoding', 'chunked');
  if (hasBody && body === null) headers.set('content-length', '0');
  if (!headers.has('date')) headers.set('date', new Date().toUTCString());
  if (!keepAlive) headers.set('connection', 'close');
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  headers.forEach((value, name) => {
    head += `${name}: ${value}\r\n`;
  });
  await writer.write(encodeLatin1(`${head}\r\n`));
  if (!hasBody || !body) {
    await body?.cancel();
    return;
  }
  for await (const bytes of chunksOf(body)) {
    if (!isChunked) await writer.write(bytes);
    else if (bytes.length > 0)
      await writer.write(
        concat(encodeLatin1(`${bytes.length.toString(16)}\r\n`), bytes, encodeLatin1('\r\n')),
      );
  }
  if (isChunked) await writer.write(encodeLatin1('0\r\n\r\n'));
}

/** What a stream holds; it is cancelled when the reader stops before its end. (Not every browser iterates streams.) */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
