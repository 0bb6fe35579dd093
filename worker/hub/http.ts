/** HTTP as the hub sees it. */

/**
 * A request. Any `Request` is one; but in Firefox and Safari a `Request` cannot have a stream as its body, and none
 * keeps `Content-Length`: who has those passes a plain object.
 */
export interface HubRequest {
  /** In capitals. */
  method: string;
  /** Absolute. The host says which server is meant, whatever the connection. */
  url: string;
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
}

/** An answer in JSON. (`Response.json` is younger than the browsers that we support.) */
export function json(
  value: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}
