/** Puts a folder into a zip file. */
import { configure, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Writable } from 'node:stream';

configure({ useWebWorkers: false });

/** Files that are compressed already. */
const COMPRESSED = /\.(?:zst|br|gz|bin|woff2|png)$|\/blobs\//;

/**
 * Writes the zip `file` with everything in `folder`, under the name `root` in the zip.
 * @param onProgress told the share that is done, 0 to 1
 */
export async function zipFolder(
  folder: string,
  root: string,
  file: string,
  onProgress: (share: number) => void,
): Promise<void> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const output = Writable.toWeb(createWriteStream(file)) as WritableStream<Uint8Array>;
  // Sizes stand before the content: some programs cannot unpack a zip that says them behind it.
  const zip = new ZipWriter(output, { dataDescriptor: false, bufferedWrite: true });
  for (const [i, path] of files.entries()) {
    const name = `${root}/${relative(folder, path).replaceAll(sep, '/')}`;
    await zip.add(name, new Uint8ArrayReader(new Uint8Array(readFileSync(path))), {
      ...(COMPRESSED.test(name) && { level: 0 }),
      unixMode: statSync(path).mode,
    });
    onProgress((i + 1) / files.length);
  }
  await zip.close();
}
