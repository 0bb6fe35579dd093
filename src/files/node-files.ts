/** The files of a node itself. */
import { DrydockError } from '../../worker/error.ts';
import { MAX_TRANSFER_BYTES, PIECE_BYTES, type TransferOptions, type UploadFile } from './file-system.ts';
import { LONG_SECONDS, type Guest } from './guest.ts';
import { MountedFiles, type Mount } from './mounted-files.ts';
import { nameOf, parentOf } from './paths.ts';
import type { Place } from './place.ts';
import { uploadToNode } from './upload.ts';

/** The size limit is the shell's (in KiB), so that an archive of too much ends early and fills no disk. */
const PACK = `umask 077
file=$(mktemp /var/tmp/drydock-XXXXXXXX) || exit
(ulimit -f ${MAX_TRANSFER_BYTES / 1024}; exec tar -cf "$file" -C "$FOLDER" -- "$NAME")
status=$?
if ((status > 1)); then rm -f -- "$file"; exit $status; fi
stat -c %s -- "$file"
printf %s "$file"`;

/** 128 and SIGXFSZ: a program has written more than it may. */
const TOO_LARGE = 153;

export class NodeFiles extends MountedFiles {
  constructor(
    readonly place: Place,
    protected readonly guest: Guest,
  ) {
    super();
  }

  protected mount(): Promise<Mount> {
    return Promise.resolve({ root: '', guard: '', mounts: '/proc/self/mountinfo' });
  }

  startFolders(): Promise<string[]> {
    return Promise.resolve(['/', '/root']);
  }

  async resolve(path: string): Promise<string> {
    const resolved = await this.guest.run('follow the link', 'exec realpath -ez -- "$LINK"', {
      env: { LINK: path },
    });
    return resolved.slice(0, -1);
  }

  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.guest.read(path);
  }

  /** In place: it keeps its owner, its permissions and its other names. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.guest.write(path, bytes);
  }

  async upload(folder: string, files: readonly UploadFile[], options: TransferOptions): Promise<void> {
    await uploadToNode(this.guest, folder, files, options);
  }

  async download(path: string, size: number, options: TransferOptions): Promise<Blob> {
    return readPieces(this.guest, path, size, options);
  }

  async downloadFolder(path: string, options: TransferOptions): Promise<Blob> {
    options.onProgress({ doneBytes: 0, totalBytes: undefined });
    const env = { FOLDER: parentOf(path), NAME: nameOf(path) };
    const output = await this.guest
      .run('pack the folder', PACK, { env, timeout: LONG_SECONDS })
      .catch((error: unknown) => {
        if (error instanceof DrydockError && error.details['exitCode'] === TOO_LARGE)
          throw tooLarge('The folder');
        throw error;
      });
    const [size = '', file = ''] = output.split('\n');
    try {
      return await readPieces(this.guest, file, Number(size), options);
    } finally {
      await this.guest
        .run('delete the archive', 'rm -f -- "$FILE"', { env: { FILE: file } })
        .catch(() => undefined);
    }
  }
}

/** Reads a file piece by piece. It may be longer or shorter by now than `size`. */
async function readPieces(
  guest: Guest,
  path: string,
  size: number,
  { onProgress, signal }: TransferOptions,
): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; ;) {
    signal.throwIfAborted();
    onProgress({ doneBytes: start, totalBytes: Math.max(size, start) });
    const piece = await guest.read(path, { start, length: PIECE_BYTES });
    pieces.push(piece);
    start += piece.length;
    if (start > MAX_TRANSFER_BYTES) throw tooLarge('The file');
    if (piece.length < PIECE_BYTES) break;
  }
  signal.throwIfAborted();
  return new Blob(pieces);
}

function tooLarge(what: string): DrydockError {
  return new DrydockError(
    'storage-full',
    `${what} is larger than ${MAX_TRANSFER_BYTES >> 20} MB, which is the most that can be downloaded at once.`,
  );
}
