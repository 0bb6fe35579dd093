/**
 * The first line and the headers of a message (HTTP/1.1, RFC 9112). Strict where two readers could understand a message
 * differently: a header that may stand there once and does twice, white space before a colon, folded lines.
 */
import type { ByteReader } from './byte-reader.ts';
import { HttpError } from './message.ts';

/** Bytes of a head: Engine and registry clients stay below 10 KiB, tokens included. */
const MAX_HEAD = 64 * 1024;

/** What is around the value is cut off by `trim`: an expression that did it could be made to look for hours. */
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):([^\r\0]*)$/;

export interface Head<Line> {
  /** The first line. */
  readonly line: Line;
  readonly headers: Headers;
  /** The values of Set-Cookie, which cannot be joined to one (RFC 9110 section 5.3). */
  readonly cookies: readonly string[];
}

/**
 * The next message's head; undefined when the connection ends before it.
 * @param parse reads the first line
 * @throws HttpError for what is none, and what `parse` throws
 */
export async function readHead<Line>(
  reader: ByteReader,
  parse: (line: string) => Line,
): Promise<Head<Line> | undefined> {
  let left = MAX_HEAD;
  const nextLine = async (): Promise<string | undefined> => {
    try {
      const line = await reader.line(left);
      left -= (line?.length ?? 0) + 2;
      return line;
    } catch (error) {
      if (error instanceof RangeError) throw new HttpError(431, `The head is larger than ${MAX_HEAD} bytes.`);
      throw error;
    }
  };
  // RFC 9112 section 2.2: an empty line before a request is ignored.
  const first = (await nextLine()) || (await nextLine());
  if (first === undefined) return undefined;
  const line = parse(first);
  const headers = new Headers();
  const cookies: string[] = [];
  for (let field = await nextLine(); field !== ''; field = await nextLine()) {
    const [, name, padded] = HEADER_LINE.exec(field ?? '') ?? [];
    const value = padded?.trim();
    if (!name || value === undefined) throw new HttpError(400, 'A header cannot be read.');
    const once = /^(?:host|content-length|transfer-encoding)$/i.test(name);
    if (once && headers.has(name)) throw new HttpError(400, `${name} stands there twice.`);
    if (/^set-cookie$/i.test(name)) cookies.push(value);
    try {
      headers.append(name, value);
    } catch {
      throw new HttpError(400, `${name} cannot be read.`);
    }
  }
  return { line, headers, cookies };
}
