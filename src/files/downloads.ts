/** What is in a tree goes where the browser puts downloads. */
import { toast } from 'svelte-sonner';
import { saveFile } from '../ui/save-file.ts';
import type { Entry } from './entry.ts';
import { MAX_TRANSFER_BYTES, type FileSystem } from './file-system.ts';
import { nameOf } from './paths.ts';
import { fileTransfers } from './transfers.svelte.ts';

/** Downloads a file, or a folder as a tar archive. */
export async function download(
  files: FileSystem,
  { path, kind, size }: Pick<Entry, 'path' | 'kind' | 'size'>,
): Promise<void> {
  const isFolder = kind === 'folder';
  // The root has no name of its own.
  const base = nameOf(path).replace('/', files.place.container?.name ?? files.place.node);
  const name = isFolder ? `${base}.tar` : base;
  if (!isFolder && size > MAX_TRANSFER_BYTES) {
    toast.error(`${name} is larger than ${MAX_TRANSFER_BYTES >> 20} MB`, {
      description: 'That is the most that can be downloaded at once.',
    });
    return;
  }
  const content = await fileTransfers.run(`Downloading ${name}`, (options) =>
    isFolder ? files.downloadFolder(path, options) : files.download(path, size, options),
  );
  if (content) saveFile(content, name);
}
