/** Where sessions are kept: their records, and files that are written once. */
import { DrydockError } from '../error.ts';

/** Files under paths of the form `session/name`. */
export interface SessionFiles {
  /** Writes a whole file; resolves when a crash of the tab can no longer take it. @throws DrydockError `storage-full` */
  write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** @throws DrydockError `damaged-file` if there is none */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Removes files; those that are not there are no fault. */
  remove(session: string, names: readonly string[]): Promise<void>;
  /** Removes all files of a session. */
  removeAll(session: string): Promise<void>;
  /** Whether so many bytes more could be written. */
  hasRoom(bytes: number): Promise<boolean>;
  /** Names of the files of a session. */
  names(session: string): Promise<string[]>;
}

/** Records by the id of their session, as they were written: whoever reads one validates it. */
export interface SessionRecords {
  get(id: string): Promise<unknown>;
  list(): Promise<Map<string, unknown>>;
  /**
   * Puts what `change` makes of a record in its place, or removes it if that is undefined, as one transaction.
   * @throws what `change` throws; DrydockError `storage-full`
   */
  change(id: string, change: (record: unknown) => unknown): Promise<void>;
}

export interface SessionStore {
  files: SessionFiles;
  records: SessionRecords;
  /** `browser`: what is kept outlives the tab; `process`: it does not, so nothing can be promised. */
  lasting: 'browser' | 'process';
}

/** Removes a session for good, a damaged one too. The record goes last, or nobody would know of files that stay. */
export async function removeSession({ files, records }: SessionStore, id: string): Promise<void> {
  await files.removeAll(id);
  await records.change(id, () => undefined);
}

export function missingFile(path: string): DrydockError {
  const name = path.slice(path.indexOf('/') + 1);
  return new DrydockError('damaged-file', `The file ${name} of the saved session is gone.`, { file: path });
}

export function sessionGone(): DrydockError {
  return new DrydockError('session-gone', 'What was saved of this session is no longer in the browser.');
}

export function sessionStorageFull(cause: unknown): DrydockError {
  return new DrydockError(
    'storage-full',
    'The browser gives no more storage for sessions. The machine goes on, but what is done now is not saved.',
    {},
    { cause },
  );
}

/** Whether an error of the browser says that there is no room. */
export function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
