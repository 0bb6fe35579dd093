/** Content as a stream: of a blob in the store, part by part, and of a file of the catalogue, inflated on the way. */
import { DrydockError } from '../error.ts';
import { readVerified, type FileSource } from '../vm/source.ts';
import type { CatalogueBlob } from './catalogue.ts';
import { PART_BYTES, type HubStore } from './store.ts';

/** Bytes from `start` up to, but not with, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

export type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Compressed bytes given to the inflater at a time. */
const SLICE = 64 * 1024;

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
 * A blob of the catalogue. Its file is read whole and proved before the first byte goes out; what it inflates to is
 * never held.
 * @throws DrydockError `download-failed`, `damaged-file`; the stream fails with the latter if the blob has another size
 */
export async function catalogueStream(
  source: FileSource,
  blob: CatalogueBlob,
  range: ByteRange,
): Promise<ByteStream> {
  const file = await readVerified(source, blob.file);
  const whole = sliced(file);
  const inflated = blob.encoding === 'gzip' ? whole.pipeThrough(new DecompressionStream('gzip')) : whole;
  return inflated.pipeThrough(cut(range, blob));
}

function sliced(bytes: Uint8Array<ArrayBuffer>): ByteStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += SLICE)));
      else controller.close();
    },
  });
}

/** Lets only a range through, and proves that the whole is as long as the catalogue says. */
function cut(
  { start, end }: ByteRange,
  { bytes, file }: CatalogueBlob,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let at = 0;
  const wrongSize = (): DrydockError =>
    new DrydockError(
      'damaged-file',
      `${file.path} does not hold the ${bytes} bytes that the catalogue names.`,
      {
        path: file.path,
      },
    );
  return new TransformStream({
    transform(chunk, controller) {
      const piece = chunk.subarray(Math.max(start - at, 0), Math.max(end - at, 0));
      at += chunk.length;
      if (at > bytes) throw wrongSize();
      if (piece.length > 0) controller.enqueue(piece);
      if (at >= end && end < bytes) controller.terminate();
    },
    flush() {
      if (at !== bytes) throw wrongSize();
    },
  });
}
