/** Sessions that come from other sessions: written whole, or not at all. */
import { DrydockError } from '../error.ts';
import { randomUuid } from '../random-uuid.ts';
import { freshNodes } from './changes.ts';
import { SessionFolder } from './files.ts';
import { mapFiles } from './map-files.ts';
import { parseRecord } from './parse-record.ts';
import type { SessionRecord } from './record.ts';
import { removeSession, type SessionStore } from './store.ts';

/** Of a session's name; see `sessionRecord`. */
const NAME_LENGTH = 100;

/** How long adding a session may take, in milliseconds. */
const ADDING_MILLISECONDS = 3_600_000;

/**
 * Adds a session under an id of its own.
 * @param record what it is made from; nobody has the new one open
 * @param fill writes the files of `record` into the new session's folder, and names them
 * @returns the id
 * @throws what `fill` throws; DrydockError `storage-full`. Nothing of the session is left then.
 */
export async function addSession(
  store: SessionStore,
  record: SessionRecord,
  fill: (folder: SessionFolder) => Promise<SessionRecord>,
): Promise<string> {
  const { records, files } = store;
  const id = randomUuid();
  const now = Date.now();
  const fresh = { id, owner: undefined, deleted: undefined, created: now, saved: now };
  // It counts as deleted until it is whole: what a crash leaves of it is removed with those that are, in time.
  const begun = { ...record, ...fresh, deleted: now + ADDING_MILLISECONDS, at: undefined, moments: [] };
  try {
    await records.change(id, () => ({ ...begun, journal: freshNodes(record.journal) }));
    const filled = await fill(new SessionFolder(files, id));
    await records.change(id, (stored) => {
      if (stored === undefined) throw new DrydockError('wrong-state', 'The new session was removed.');
      return parseRecord({ ...filled, ...fresh });
    });
    return id;
  } catch (error) {
    await removeSession(store, id).catch(() => undefined);
    throw error instanceof DrydockError && error.code === 'storage-full' ? noRoom(error) : error;
  }
}

/**
 * Copies a session that no machine is writing to; see `Keeper.whileStill`.
 * @returns the id of the copy
 * @throws DrydockError `damaged-file`, `wrong-release`, `storage-full`
 */
export async function duplicateSession(store: SessionStore, id: string): Promise<string> {
  const record = parseRecord(await store.records.get(id));
  const from = new SessionFolder(store.files, id);
  const name = `Copy of ${record.name}`.slice(0, NAME_LENGTH);
  return addSession(store, { ...record, name }, (folder) =>
    mapFiles({ ...record, name }, async (file) => folder.write(await from.read(file), file.plain)),
  );
}

/** The name of a session that came as a file. */
export function importedName(name: string): string {
  const suffix = ' (imported)';
  if (name.endsWith(suffix)) return name;
  return name.slice(0, NAME_LENGTH - suffix.length) + suffix;
}

function noRoom(cause: unknown): DrydockError {
  return new DrydockError(
    'storage-full',
    'The browser has no room for another session. Delete one that you no longer need, and try again.',
    {},
    { cause },
  );
}
