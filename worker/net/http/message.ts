/** What an HTTP server hands to whoever answers, and what it takes back. */

/**
 * A request as it arrived. Every `Request` is one; but not every browser's `Request` can have a stream as its body, and
 * none lets a program see headers such as Host.
 */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** Absolute, with the host of the Host header: it says which server is meant, whatever the connection. */
  readonly url: string;
  readonly headers: Headers;
  /** Bytes as they arrive; `null` where the request has none. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Answers a request. What it throws becomes status 500. */
export type HttpHandler = (request: HttpRequest) => Promise<Response>;

/** A request that cannot be understood or is not served, with the status that says so (RFC 9110 section 15). */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: 400 | 408 | 413 | 417 | 431 | 501 | 505,
    message: string,
  ) {
    super(message);
  }
}
