/** Layers: an uncompressed tar file for whoever pulls, kept compressed on the site. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { extract, pack, type Extract, type Pack } from 'tar-stream';
import { pathOf, type Difference, type Header, type Tree } from './tree.ts';

/** How layers go over the wire and how the site keeps them: the one place that decides it. */
export const LAYER = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  encoding: 'gzip',
} as const;

/** A blob of an image and the file that holds it. */
export interface Layer {
  /** Of the uncompressed tar file: `sha256:…`. */
  digest: string;
  /** Of the uncompressed tar file. */
  bytes: number;
  file: { sha256: string; bytes: number };
}

/** An entry's content, as it comes out of a tar file. */
type Content = Extract extends AsyncIterable<infer Entry> ? Entry : never;

/** Counts and hashes what passes. */
class Meter extends Transform {
  bytes = 0;
  readonly #hash = createHash('sha256');

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** Writes the layer with `change` of `tree`, whose files' contents are in the tar file at `source`, to `output`. */
export async function writeLayer(
  source: string,
  tree: Tree,
  change: Difference,
  output: string,
): Promise<Layer> {
  const tar = pack();
  const [plain, compressed] = [new Meter(), new Meter()];
  await Promise.all([
    fill(tar, source, tree, change),
    pipeline(tar, plain, createGzip({ level: 9 }), compressed, createWriteStream(output)),
  ]);
  return {
    digest: `sha256:${plain.hex()}`,
    bytes: plain.bytes,
    file: { sha256: compressed.hex(), bytes: compressed.bytes },
  };
}

async function fill(tar: Pack, source: string, tree: Tree, { write, gone }: Difference): Promise<void> {
  const left = new Set(write);
  const reader = extract();
  const copy = async (): Promise<void> => {
    for await (const entry of reader) {
      const path = pathOf(entry.header);
      const known = tree.get(path);
      if (!known || known.content !== undefined || !left.delete(path)) entry.resume();
      else await add(tar, known.header, entry);
    }
  };
  await Promise.all([pipeline(createReadStream(source), reader), copy()]);
  for (const path of [...left].sort()) {
    const entry = tree.get(path);
    if (entry) await add(tar, entry.header, entry.content ?? '');
  }
  for (const path of gone) {
    const name = posix.join(posix.dirname(path), `.wh.${posix.basename(path)}`);
    const folder = tree.get(posix.dirname(path))?.header;
    await add(tar, { name, type: 'file', mode: 0o644, mtime: folder?.mtime, size: 0 }, '');
  }
  tar.finalize();
}

function add(tar: Pack, header: Header, content: string | Content): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error) reject(error);
      else resolve();
    };
    if (typeof content === 'string') {
      tar.entry(header, content, done);
    } else if (header.type === 'file') {
      content.pipe(tar.entry(header, done));
    } else {
      content.resume();
      tar.entry(header, done);
    }
  });
}
