/** Sessions in memory: for Node, for tests, and for a browser that keeps nothing. */
import { missingFile, type SessionStore } from './store.ts';

export function openMemoryStore(): SessionStore {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const records = new Map<string, unknown>();
  const under = (session: string): string[] =>
    [...files.keys()].filter((path) => path.startsWith(`${session}/`));
  return {
    lasting: 'process',
    files: {
      write(path, bytes) {
        files.set(path, bytes.slice());
        return Promise.resolve();
      },
      read(path) {
        const bytes = files.get(path);
        return bytes ? Promise.resolve(bytes.slice()) : Promise.reject(missingFile(path));
      },
      remove(session, names) {
        for (const name of names) files.delete(`${session}/${name}`);
        return Promise.resolve();
      },
      removeAll(session) {
        for (const path of under(session)) files.delete(path);
        return Promise.resolve();
      },
      hasRoom: () => Promise.resolve(true),
      names: (session) => Promise.resolve(under(session).map((path) => path.slice(session.length + 1))),
    },
    records: {
      get: (id) => Promise.resolve(structuredClone(records.get(id))),
      list: () => Promise.resolve(structuredClone(records)),
      change: (id, change) =>
        // In one go, so that of two changes neither is lost.
        Promise.resolve().then(() => {
          const record = change(structuredClone(records.get(id)));
          if (record === undefined) records.delete(id);
          else records.set(id, structuredClone(record));
        }),
    },
  };
}
