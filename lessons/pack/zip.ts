/** Reads the zip file of a pack. */
import { BlobReader, configure, ERR_ENCRYPTED, ZipReader } from '@zip.js/zip.js';
import { PACK_LIMITS, PackCollector, PackError, type PackFiles } from './pack-files.ts';

// Its own workers come from blob: URLs, which the page's policy refuses; the browser inflates by itself.
configure({ useWebWorkers: false });

/**
 * The files in `zip`.
 * @throws PackError with what is wrong, in the user's words
 */
export async function readZip(zip: Blob): Promise<PackFiles> {
  if (zip.size > PACK_LIMITS.zip)
    throw new PackError(
      `The file has ${Math.round(zip.size / 1e6)} MB; a pack may have ${PACK_LIMITS.zip / 1e6} MB.`,
    );
  const collector = new PackCollector();
  const reader = new ZipReader(new BlobReader(zip), {
    checkSignature: true,
    // Names are judged by the collector, which says what is wrong with them.
    filenameValidation: 'tolerant',
  });
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory) continue;
      if (entry.encrypted) throw new PackError(`${entry.filename} is encrypted. A pack has no password.`);
      if (!collector.announce(entry.filename, entry.uncompressedSize)) continue;
      await entry.getData(collector.writer(entry.filename));
    }
  } catch (cause) {
    if (cause instanceof PackError) throw cause;
    const isEncrypted = cause instanceof Error && cause.message === ERR_ENCRYPTED;
    throw new PackError(
      isEncrypted
        ? 'The zip is encrypted. A pack has no password.'
        : 'The file is not a zip, or it is damaged.',
      { cause },
    );
  } finally {
    await reader.close();
  }
  return collector.files;
}
