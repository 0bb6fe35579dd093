/** DNS over TCP (RFC 7766): queries and responses one after another, each after its length in two bytes. */
import { concat } from './bytes.ts';
import type { NameServer } from './dns.ts';
import type { TcpConnection } from './tcp-connection.ts';

const PREFIX = 2;

/** Answers the queries of `connection` until the guest ends it. */
export async function serveDns(connection: TcpConnection, server: NameServer): Promise<void> {
  const reader = connection.readable.getReader();
  const writer = connection.writable.getWriter();
  let pending: Uint8Array = new Uint8Array();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    pending = concat(pending, chunk.value);
    for (let query = firstQuery(pending); query; query = firstQuery(pending)) {
      pending = pending.subarray(PREFIX + query.length);
      const response = server.answer(query);
      if (response)
        await writer.write(concat(Uint8Array.of(response.length >>> 8, response.length), response));
    }
  }
  await writer.close();
}

/** The first query in `bytes`, if it is complete. */
function firstQuery(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < PREFIX) return undefined;
  const length = ((bytes[0] as number) << 8) | (bytes[1] as number);
  return bytes.length < PREFIX + length ? undefined : bytes.subarray(PREFIX, PREFIX + length);
}
