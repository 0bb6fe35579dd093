/** Takes a stream of bytes apart: by lines, by counts, or as it comes. */
import { concat } from '../bytes.ts';
import { decodeLatin1 } from './latin1.ts';

const LINE_FEED = 0x0a;

export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array();
  #reading: Promise<boolean> | undefined;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader();
  }

  /** The next bytes, at most `limit`; `undefined` at the end. */
  async take(limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#pending.length === 0 && !(await this.#more())) return undefined;
    const bytes = this.#pending.subarray(0, limit);
    this.#pending = this.#pending.subarray(bytes.length);
    return bytes;
  }

  /**
   * The next line without its end (LF or CRLF), as Latin-1; `undefined` at the end of the stream, even within a line.
   * @throws RangeError when it is longer than `limit`
   */
  async line(limit: number): Promise<string | undefined> {
    for (let searched = 0; ;) {
      const end = this.#pending.indexOf(LINE_FEED, searched);
      if (end > limit || (end < 0 && this.#pending.length > limit)) {
        throw new RangeError(`A line is longer than ${limit} bytes.`);
      }
      if (end >= 0) {
        const line = decodeLatin1(this.#pending.subarray(0, end));
        this.#pending = this.#pending.subarray(end + 1);
        return line.endsWith('\r') ? line.slice(0, -1) : line;
      }
      searched = this.#pending.length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** Waits for the next byte, or the end of the stream; resolves with whether it is that. Others may read meanwhile. */
  async atEnd(): Promise<boolean> {
    return this.#pending.length === 0 && !(await this.#more());
  }

  #more(): Promise<boolean> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.#pending = this.#pending.length === 0 ? value : concat(this.#pending, value);
    return true;
  }
}
