import type { Look } from './entry.ts';
import type { Place } from './place.ts';

/** How far a transfer is. */
export interface TransferProgress {
  doneBytes: number;
  /** Undefined while it is not known. */
  totalBytes: number | undefined;
}

/** What tells how far a long operation is, and whether it is still wanted. */
export interface TransferOptions {
  onProgress: (progress: TransferProgress) => void;
  signal: AbortSignal;
}

/** Permissions and owner of a file. */
export interface Ownership {
  mode: number;
  uid: number;
  gid: number;
}

/** A file to be put into a folder. */
export interface UploadFile {
  /** From the folder on: `site/index.html`. */
  path: string;
  file: Blob;
}

/** What was deleted, to have it back. */
export interface Trashed {
  path: string;
  /** Its name in the trash. */
  name: string;
}

/** The files of a node or of a container. Everything throws `DrydockError`s with words for the user. */
export interface FileSystem {
  readonly place: Place;
  /** The folders to begin with: `/`, and those to be open in it. */
  startFolders(): Promise<string[]>;
  /** Looks at folders and what is in them, and at files themselves. What is not there is not in the result. */
  look(paths: readonly string[]): Promise<Map<string, Look>>;
  /** Where a link leads, followed to its end. */
  resolve(path: string): Promise<string>;
  /** All of a file; `path` has no link in it. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes a file that is there, which keeps `ownership`. */
  write(path: string, bytes: Uint8Array, ownership: Ownership): Promise<void>;
  createFile(path: string): Promise<void>;
  createFolder(path: string): Promise<void>;
  /** Refuses when there is something at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Moves to the node's trash. */
  trash(path: string): Promise<Trashed>;
  restore(trashed: Trashed): Promise<void>;
  /** Those of `paths` at which there is something. */
  existing(paths: readonly string[]): Promise<string[]>;
  /** Puts files into `folder`, over what is there. */
  upload(folder: string, files: readonly UploadFile[], options: TransferOptions): Promise<void>;
  /** The content of a file. */
  download(path: string, size: number, options: TransferOptions): Promise<Blob>;
  /** A folder as a tar archive. */
  downloadFolder(path: string, options: TransferOptions): Promise<Blob>;
}

/** Bytes of a transfer between two looks at whether it is still wanted. */
export const PIECE_BYTES = 512 * 1024;

/** What can be moved in or out of a machine at once: it all lies in the page's memory, and on the machine's small disk. */
export const MAX_TRANSFER_BYTES = 256 * 1024 * 1024;
