/** Reads a folder, or single files, that were dropped on the page or chosen. */
import { PackCollector, type PackFiles } from './pack-files.ts';

/** @throws PackError */
export async function readFolder(files: readonly { path: string; file: Blob }[]): Promise<PackFiles> {
  const collector = new PackCollector();
  for (const { path, file } of files) {
    const name = path.replace(/^(\.?\/)+/, '');
    if (collector.announce(name, file.size)) await file.stream().pipeTo(collector.writer(name));
  }
  return collector.files;
}
