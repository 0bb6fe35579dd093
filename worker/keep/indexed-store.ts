/**
 * Sessions in the browser: records in IndexedDB, files in the origin private file system where a worker has it (there
 * a save of 20 MB goes straight to a file), else in IndexedDB too.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { originFiles } from './origin-files.ts';
import {
  isQuotaError,
  missingFile,
  sessionStorageFull,
  type SessionFiles,
  type SessionStore,
} from './store.ts';

const VERSION = 1;
const RECORDS = 'records';
const FILES = 'files';

/** A transaction counts when it is on the disk: what it replaces is deleted right after. */
const STRICT = { durability: 'strict' } as const;

/** Gives the open database; one that was closed meanwhile is opened again. */
export type OpenDatabase = () => Promise<IDBPDatabase>;

/** Opens (or makes) the browser's store. @param name of the database */
export async function openIndexedStore(name = 'drydock-sessions'): Promise<SessionStore> {
  let opened: Promise<IDBPDatabase> | undefined;
  const open: OpenDatabase = () => {
    opened ??= openDB(name, VERSION, {
      upgrade: (fresh) => {
        fresh.createObjectStore(RECORDS);
        fresh.createObjectStore(FILES);
      },
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        opened = undefined;
      },
      // A browser that clears the site's data closes what is open.
      terminated: () => (opened = undefined),
    });
    return opened;
  };
  await open();
  return {
    lasting: 'browser',
    files: (await originFiles(name)) ?? indexedFiles(open),
    records: {
      get: async (id) => (await open()).get(RECORDS, id) as Promise<unknown>,
      async list() {
        const transaction = (await open()).transaction(RECORDS);
        const [keys, values] = await Promise.all([
          transaction.store.getAllKeys(),
          transaction.store.getAll(),
        ]);
        return new Map(keys.map((key, i) => [key as string, values[i] as unknown]));
      },
      async change(id, change) {
        const transaction = (await open()).transaction(RECORDS, 'readwrite', STRICT);
        transaction.done.catch(() => undefined);
        try {
          const record = change(await transaction.store.get(id));
          if (record === undefined) await transaction.store.delete(id);
          else await transaction.store.put(record, id);
          await transaction.done;
        } catch (error) {
          throw isQuotaError(error) || isQuotaError(transaction.error) ? sessionStorageFull(error) : error;
        }
      },
    },
  };
}

/** Files as records of IndexedDB. */
export function indexedFiles(open: OpenDatabase): SessionFiles {
  const all = (session: string): IDBKeyRange => IDBKeyRange.bound(`${session}/`, `${session}/\uffff`);
  return {
    async write(path, bytes) {
      const transaction = (await open()).transaction(FILES, 'readwrite', STRICT);
      transaction.done.catch(() => undefined);
      try {
        await transaction.store.put(bytes, path);
        await transaction.done;
      } catch (error) {
        throw isQuotaError(error) || isQuotaError(transaction.error) ? sessionStorageFull(error) : error;
      }
    },
    async read(path) {
      const bytes = (await (await open()).get(FILES, path)) as Uint8Array<ArrayBuffer> | undefined;
      if (!bytes) throw missingFile(path);
      return bytes;
    },
    async remove(session, names) {
      const transaction = (await open()).transaction(FILES, 'readwrite');
      await Promise.all(names.map((name) => transaction.store.delete(`${session}/${name}`)));
      await transaction.done;
    },
    async removeAll(session) {
      await (await open()).delete(FILES, all(session));
    },
    async hasRoom(bytes) {
      const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
      return quota - usage >= bytes;
    },
    async names(session) {
      const keys = await (await open()).getAllKeys(FILES, all(session));
      return keys.map((key) => (key as string).slice(session.length + 1));
    },
  };
}
