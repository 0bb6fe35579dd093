/**
 * What crosses between the service worker of a preview, on an origin of its own, and the machine whose port it shows:
 * types only. What comes from that origin is untrusted: a page of a container runs there.
 */

export type HeaderList = [name: string, value: string][];

/** From the preview's origin. An `id` is chosen by the sender, and not that of another that is under way. */
export type PreviewMessage =
  | {
      type: 'request';
      id: number;
      method: string;
      /** Path and query. */
      target: string;
      /** Path of the page that asks, or is asked for. */
      page: string;
      headers: HeaderList;
      body?: ArrayBuffer | undefined;
    }
  /** Asks for the next bytes of the body. */
  | { type: 'more'; id: number }
  /** Nobody reads on. */
  | { type: 'cancel'; id: number }
  /** A script of the page at `target` sets a cookie. */
  | { type: 'cookie'; target: string; set: string };

/** From the machine. */
export type PreviewAnswer =
  | {
      type: 'head';
      id: number;
      status: number;
      statusText: string;
      headers: HeaderList;
      /** What scripts of the page see of its cookies from now on. */
      cookies: string;
      hasBody: boolean;
    }
  | { type: 'bytes'; id: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end'; id: number }
  | { type: 'failure'; id: number; reason: PreviewFailure; message: string }
  /** Nothing is answered here any more. */
  | { type: 'closed' };

/** Why there is no answer, or not all of it: nothing listens there, no answer came, what came was none, or it broke off. */
export type PreviewFailure = 'refused' | 'timeout' | 'unreadable' | 'stopped';

/** A port of a machine that pages are shown of. */
export interface PreviewPort {
  port: number;
  /** What the reader calls it, `localhost:8080`. */
  host: string;
  /** Whether others can connect to it, or only programs in the machine. */
  scope: 'lan' | 'loopback';
}

/** A request that a preview has made, for its log. */
export interface LoggedRequest {
  method: string;
  target: string;
  /** Undefined when no answer came. */
  status: number | undefined;
  /** From the request to the end of the answer's head. */
  milliseconds: number;
  /** When it was made, in milliseconds since 1970. */
  at: number;
}
