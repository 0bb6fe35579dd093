/** The hub's records in memory, for Node and tests: gone with the process. */
import {
  endOf,
  TABLES,
  type Range,
  type Records,
  type Row,
  type Table,
  type Tables,
  type Transaction,
} from './records.ts';
import { HubStore, type StoreOptions } from './store.ts';

/** A store that begins empty. */
export function openMemoryStore(options?: StoreOptions): HubStore {
  return new HubStore(new MemoryRecords(), options);
}

class SortedMap<Value> {
  private readonly values = new Map<string, Value>();
  private keys: string[] | undefined = [];

  get(key: string): Value | undefined {
    return this.values.get(key);
  }

  set(key: string, value: Value | undefined): void {
    if (value === undefined) {
      if (this.values.delete(key)) this.keys = undefined;
    } else {
      if (!this.values.has(key)) this.keys = undefined;
      this.values.set(key, value);
    }
  }

  range({ prefix, after = '', limit = Infinity }: Range): string[] {
    this.keys ??= [...this.values.keys()].sort();
    const keys = this.keys;
    const found: string[] = [];
    for (let at = firstFrom(keys, after > prefix ? after : prefix); at < keys.length; at++) {
      const key = keys[at] ?? '';
      if (key > endOf(prefix) || found.length >= limit) break;
      if (key > after) found.push(key);
    }
    return found;
  }
}

/** The first position whose key is not before `key`. */
function firstFrom(keys: readonly string[], key: string): number {
  let low = 0;
  for (let high = keys.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class MemoryRecords implements Records {
  private readonly tables = Object.fromEntries(TABLES.map((table) => [table, new SortedMap()])) as {
    [T in Table]: SortedMap<Tables[T]>;
  };
  private last: Promise<unknown> = Promise.resolve();

  /** One at a time; what a failed one wrote is undone. */
  transact<R>(_mode: 'read' | 'write', work: (transaction: Transaction) => Promise<R>): Promise<R> {
    const undo: (() => void)[] = [];
    const result = this.last.then(async () => {
      try {
        return await work(this.transaction(undo));
      } catch (error) {
        for (const step of undo.reverse()) step();
        throw error;
      }
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  close(): void {
    // Nothing is held open.
  }

  private transaction(undo: (() => void)[]): Transaction {
    const tables = this.tables;
    const write = <T extends Table>(name: T, key: string, value: Tables[T] | undefined): void => {
      const table: SortedMap<Tables[T]> = tables[name];
      const before = table.get(key);
      undo.push(() => {
        table.set(key, before);
      });
      table.set(key, value);
    };
    return {
      get: <T extends Table>(name: T, key: string) =>
        Promise.resolve<Tables[T] | undefined>(tables[name].get(key)),
      put: (name, key, value) => {
        write(name, key, value);
        return Promise.resolve();
      },
      delete: (name, key) => {
        write(name, key, undefined);
        return Promise.resolve();
      },
      deleteAll: (name, prefix) => {
        for (const key of tables[name].range({ prefix })) write(name, key, undefined);
        return Promise.resolve();
      },
      list: <T extends Table>(name: T, range: Range) => {
        const table: SortedMap<Tables[T]> = tables[name];
        const rows: Row<T>[] = [];
        for (const key of table.range(range)) {
          const value = table.get(key);
          if (value !== undefined) rows.push({ key, value });
        }
        return Promise.resolve(rows);
      },
    };
  }
}
