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
 * @param onProgress told whenever another tenth is done, in percent
 */
export async function zipFolder(
  folder: string,
  root: string,
  file: string,
  onProgress: (percent: number) => void,
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
    const tenths = (done: number): number => Math.floor((10 * done) / files.length);
    if (tenths(i + 1) > tenths(i)) onProgress(10 * tenths(i + 1));
  }
  await zip.close();
}
