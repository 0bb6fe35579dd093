/**
 * How files get into a machine. Small ones go together, as archives that are unpacked there: each script costs the machine as
 * much as many of them. Large ones go piece by piece, under another name until all of one is there.
 */
import { packTar } from 'modern-tar';
import { PIECE_BYTES, type TransferOptions, type UploadFile } from './file-system.ts';
import { LONG_SECONDS, type Guest } from './guest.ts';
import { join, parentOf } from './paths.ts';

/** Bytes of files that go in one archive. It lies in the machine's memory for a moment. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Files that go in one archive: the time that unpacking takes shows no progress. */
const BATCH_FILES = 400;

/** Every file and folder of an archive has a header of its own of this size. */
const HEADER_BYTES = 512;

const BEGIN = 'umask 077; exec mktemp /run/drydock-XXXXXXXX';

const UNPACK = `umask 022
tar -xf "$FILE" -C "$FOLDER" --no-same-owner
status=$?
rm -f -- "$FILE"
exit $status`;

const BEGIN_LARGE = 'umask 022; mkdir -p -- "$FOLDER" && exec mktemp "$FOLDER/.drydock-XXXXXXXX"';

const FINISH_LARGE = 'chmod 644 -- "$FILE" && exec mv -fT -- "$FILE" "$TO"';

const GIVE_UP = 'exec rm -f -- "$FILE"';

/** Files in groups: those that go in one archive, and each large one alone. */
export function batchesOf(files: readonly UploadFile[]): UploadFile[][] {
  const batches: UploadFile[][] = [];
  let batch: UploadFile[] = [];
  let bytes = 0;
  for (const upload of files) {
    const size = upload.file.size + HEADER_BYTES;
    if (batch.length > 0 && (bytes + size > BATCH_BYTES || batch.length === BATCH_FILES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(upload);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** An archive of files, as they are to be in a machine: root's, and readable by all. */
export function packFiles(files: readonly UploadFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const mtime = new Date();
  return packTar(
    files.map(({ path, file }) => ({
      header: { name: path, size: file.size, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime },
      body: file,
    })),
  );
}

/** Puts files into `folder` of a node. */
export async function uploadToNode(
  guest: Guest,
  folder: string,
  files: readonly UploadFile[],
  { onProgress, signal }: TransferOptions,
): Promise<void> {
  const totalBytes = sizeOf(files);
  let before = 0;
  for (const batch of batchesOf(files)) {
    const size = sizeOf(batch);
    const options = {
      signal,
      onProgress: (sent: number) => {
        onProgress({ doneBytes: before + Math.min(sent, size), totalBytes });
      },
    };
    options.onProgress(0);
    const [only] = batch;
    if (batch.length === 1 && only && only.file.size > BATCH_BYTES) {
      await sendLarge(guest, join(folder, only.path), only.file, options);
    } else await sendArchive(guest, folder, new Blob([await packFiles(batch)]), options);
    before += size;
  }
}

/** Bytes of all files together. */
export function sizeOf(files: readonly UploadFile[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

interface SendOptions {
  onProgress: (bytes: number) => void;
  signal: AbortSignal;
}

async function sendArchive(guest: Guest, folder: string, archive: Blob, options: SendOptions): Promise<void> {
  const file = (await guest.run('take the files', BEGIN)).trim();
  await sendPieces(guest, file, archive, options);
  await guest.run('unpack the files', UNPACK, {
    env: { FILE: file, FOLDER: folder },
    timeout: LONG_SECONDS,
  });
}

async function sendLarge(guest: Guest, to: string, content: Blob, options: SendOptions): Promise<void> {
  const file = (await guest.run('take the file', BEGIN_LARGE, { env: { FOLDER: parentOf(to) } })).replace(
    /\n$/,
    '',
  );
  await sendPieces(guest, file, content, options);
  try {
    await guest.run('put the file in its place', FINISH_LARGE, { env: { FILE: file, TO: to } });
  } catch (error) {
    await giveUp(guest, file);
    throw error;
  }
}

/** Writes `content` to the end of `file`, which goes if it cannot be written whole. */
async function sendPieces(
  guest: Guest,
  file: string,
  content: Blob,
  { onProgress, signal }: SendOptions,
): Promise<void> {
  try {
    for (let start = 0; start < content.size; start += PIECE_BYTES) {
      signal.throwIfAborted();
      onProgress(start);
      const piece = content.slice(start, start + PIECE_BYTES);
      await guest.write(file, new Uint8Array(await piece.arrayBuffer()), 'append');
    }
    signal.throwIfAborted();
  } catch (error) {
    await giveUp(guest, file);
    throw error;
  }
}

async function giveUp(guest: Guest, file: string): Promise<void> {
  // The machine may be off by now: what is left then has a name that says whose it is.
  await guest.run('delete what was sent', GIVE_UP, { env: { FILE: file } }).catch(() => undefined);
}
