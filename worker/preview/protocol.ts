/**
 * What crosses between the service worker of a preview, on an origin of its own, and the machine whose port it shows:
 * types only. What comes from that origin is untrusted: a page of a container runs there.
 */

export type HeaderList = [name: string, value: string][];

/** From the preview's origin. */
export type PreviewMessage =
  | {
      type: 'request';
      /** Chosen by the sender; not that of another request that is under way. */
      id: number;
      method: string;
      /** Path and query. */
      target: string;
      headers: HeaderList;
      /** The Cookie header of what scripts may see of the page's cookies; undefined where the browser does not tell. */
      cookies?: string | undefined;
      body?: ArrayBuffer | undefined;
    }
  /** Asks for the next bytes of the body. */
  | { type: 'more'; id: number }
  /** Nobody reads on. */
  | { type: 'cancel'; id: number };

/** From the machine. */
export type PreviewAnswer =
  | {
      type: 'head';
      id: number;
      status: number;
      statusText: string;
      headers: HeaderList;
      /** Set-Cookie headers of cookies that scripts may see, for the browser to keep. */
      cookies: string[];
      hasBody: boolean;
    }
  | { type: 'bytes'; id: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end'; id: number }
  | { type: 'failure'; id: number; reason: PreviewFailure; message: string };

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
