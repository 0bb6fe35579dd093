/** Content as a stream: of a blob in the store, part by part, and of a file of the catalogue, as it arrives. */
import { DrydockError } from '../error.ts';
import type { ReleaseFile } from '../release-file.ts';
import { readVerified, type FileSource } from '../vm/source.ts';
import { PART_BYTES, type HubStore } from './store.ts';

/** Bytes from `start` up to, but not with, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

export type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A stored blob; the stream fails if the blob is deleted meanwhile. */
export function storedStream(store: HubStore, content: string, { start, end }: ByteRange): ByteStream {
  let at = start;
  return new ReadableStream({
    async pull(controller) {
      if (at >= end) {
        controller.close();
        return;
      }
      const index = Math.floor(at / PART_BYTES);
      const part = await store.part(content, index);
      const from = at - index * PART_BYTES;
      // A copy: the store's own bytes may not leave with a transferred buffer.
      const piece = part?.slice(from, Math.min(part.length, from + end - at));
      if (!piece || piece.length === 0)
        throw new DrydockError('damaged-file', 'The blob was deleted while it was being read.');
      at += piece.length;
      controller.enqueue(piece);
    },
  });
}

/**
 * A file of the catalogue, as it arrives: a client sees its progress bar move, and proves the digest of what it got.
 * The last piece is held back until the file is proved here, so that a damaged one is never whole for anybody.
 * @throws DrydockError `download-failed`, `damaged-file`; later the stream fails with them
 */
export async function catalogueStream(
  source: FileSource,
  file: ReleaseFile,
  range: ByteRange,
): Promise<ByteStream> {
  const stopped = new AbortController();
  let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const stream: ByteStream = new ReadableStream({
    start(its) {
      controller = its;
    },
    cancel(reason) {
      stopped.abort(reason);
    },
  });
  let held: Uint8Array<ArrayBuffer> | undefined;
  const release = (): void => {
    if (held && !stopped.signal.aborted) controller.enqueue(held);
  };
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const onChunk = (chunk: Uint8Array<ArrayBuffer>): void => {
    release();
    if (held) begin();
    held = chunk;
  };
  const finished = readVerified(source, file, { onChunk, signal: stopped.signal }).then(() => {
    release();
    if (!stopped.signal.aborted) controller.close();
  });
  finished.catch((error: unknown) => {
    controller.error(error);
  });
  await Promise.race([begun, finished]);
  return range.start === 0 && range.end === file.bytes ? stream : stream.pipeThrough(cut(range));
}

/** Lets only a range through. */
function cut({ start, end }: ByteRange): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const piece = chunk.subarray(Math.max(start - at, 0), Math.max(end - at, 0));
      at += chunk.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (at >= end) controller.terminate();
    },
  });
}
