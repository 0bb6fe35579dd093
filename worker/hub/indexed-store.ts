/**
 * The hub's records in IndexedDB. Several workers and tabs may have it open at once: every operation is a transaction
 * of the database, and nothing is remembered between two.
 */
import { openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import {
  endOf,
  storageFull,
  TABLES,
  type Records,
  type Row,
  type Table,
  type Tables,
  type Transaction,
} from './records.ts';
import { HubStore, type StoreOptions } from './store.ts';

const VERSION = 1;

/**
 * Opens (or makes) the browser's store of pushed images and removes what interrupted pushes left more than a day ago.
 * @param name of the database
 */
export async function openIndexedStore(name = 'drydock-hub', options?: StoreOptions): Promise<HubStore> {
  const database = await openDB(name, VERSION, {
    upgrade: (fresh) => {
      for (const table of TABLES) fresh.createObjectStore(table);
    },
    // A tab with a newer Drydock wants to change the layout: do not stand in its way.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
    },
  });
  const store = new HubStore(new IndexedRecords(database), options);
  await store.sweep();
  return store;
}

class IndexedRecords implements Records {
  constructor(private readonly database: IDBPDatabase) {}

  async transact<R>(mode: 'read' | 'write', work: (transaction: Transaction) => Promise<R>): Promise<R> {
    const transaction = this.database.transaction(TABLES, mode === 'write' ? 'readwrite' : 'readonly');
    // Looked at below; until then a failure must not count as nobody's.
    transaction.done.catch(() => undefined);
    try {
      const result = await work(new IndexedTransaction(transaction));
      await transaction.done;
      return result;
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It ended by itself.
      }
      throw isQuota(error) || isQuota(transaction.error) ? storageFull(error) : error;
    }
  }

  close(): void {
    this.database.close();
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

class IndexedTransaction implements Transaction {
  constructor(
    private readonly transaction: IDBPTransaction<unknown, typeof TABLES, 'readonly' | 'readwrite'>,
  ) {}

  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined> {
    return this.transaction.objectStore(table).get(key) as Promise<Tables[T] | undefined>;
  }

  async put<T extends Table>(table: T, key: string, value: Tables[T]): Promise<void> {
    await this.writable(table).put(value, key);
  }

  delete(table: Table, key: string): Promise<void> {
    return this.writable(table).delete(key);
  }

  deleteAll(table: Table, prefix: string): Promise<void> {
    return this.writable(table).delete(IDBKeyRange.bound(prefix, endOf(prefix)));
  }

  async list<T extends Table>(
    table: T,
    { prefix, after, limit }: { prefix: string; after?: string | undefined; limit?: number | undefined },
  ): Promise<Row<T>[]> {
    const end = endOf(prefix);
    if (after !== undefined && after >= end) return [];
    const range =
      after !== undefined && after > prefix
        ? IDBKeyRange.bound(after, end, true)
        : IDBKeyRange.bound(prefix, end);
    const store = this.transaction.objectStore(table);
    const [keys, values] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
    return keys.map((key, at) => ({ key: key as string, value: values[at] as Tables[T] }));
  }

  private writable(table: Table) {
    return (this.transaction as IDBPTransaction<unknown, typeof TABLES, 'readwrite'>).objectStore(table);
  }
}
