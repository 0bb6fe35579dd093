/** The body of a message on a connection (HTTP/1.1, RFC 9112 section 6): of a length, in chunks, or until the end. */
import type { ByteReader } from './byte-reader.ts';
import { HttpError } from './message.ts';

/** Bytes that a body's stream hands out at once. */
const MAX_CHUNK = 64 * 1024;

/** Bytes of the line that says how long a chunk is, and of a trailer. */
const MAX_LINE = 64 * 1024;

const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/;

/** Gives the next bytes of a body; `undefined` after the last. */
export type BodySource = () => Promise<Uint8Array<ArrayBuffer> | undefined>;

/**
 * What the headers of a message say of its body; undefined where they say that there is none, or nothing at all.
 * @throws HttpError where two readers could understand them differently
 */
export function bodyOf(headers: Headers, reader: ByteReader): BodySource | undefined {
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  const length = headers.get('content-length');
  if (coding !== undefined) {
    if (length !== null) throw new HttpError(400, 'A body has a length or comes in chunks, not both.');
    if (coding !== 'chunked') throw new HttpError(501, `The transfer coding "${coding}" is not known here.`);
    return chunked(reader);
  }
  if (length === null || length === '0') return undefined;
  if (!/^\d{1,15}$/.test(length)) throw new HttpError(400, 'Content-Length is no number.');
  return counted(reader, Number(length));
}

function counted(reader: ByteReader, length: number): BodySource {
  let left = length;
  return async () => {
    if (left === 0) return undefined;
    const bytes = await reader.take(Math.min(left, MAX_CHUNK));
    if (!bytes) throw new HttpError(400, 'The connection ended within a body.');
    left -= bytes.length;
    return bytes;
  };
}

/** RFC 9112 section 7.1. Extensions and trailers are read over. */
function chunked(reader: ByteReader): BodySource {
  let left = 0;
  let phase: 'first' | 'later' | 'ended' = 'first';
  const line = async (): Promise<string> => {
    const text = await reader.line(MAX_LINE).catch(() => undefined);
    if (text === undefined) throw new HttpError(400, 'The connection ended within a chunk.');
    return text;
  };
  return async () => {
    if (phase === 'ended') return undefined;
    if (left === 0) {
      if (phase === 'later' && (await line()) !== '') throw new HttpError(400, 'A chunk is too long.');
      phase = 'later';
      const size = CHUNK_SIZE.exec(await line())?.[1];
      if (size === undefined) throw new HttpError(400, 'The size of a chunk cannot be read.');
      left = Number.parseInt(size, 16);
      if (left === 0) {
        while ((await line()) !== '');
        phase = 'ended';
        return undefined;
      }
    }
    const bytes = await reader.take(Math.min(left, MAX_CHUNK));
    if (!bytes) throw new HttpError(400, 'The connection ended within a chunk.');
    left -= bytes.length;
    return bytes;
  };
}

/** A body that ends with its connection. */
export function untilEnd(reader: ByteReader): BodySource {
  return () => reader.take(MAX_CHUNK);
}
