/** Files of sessions in the origin private file system (https://fs.spec.whatwg.org), a folder for each session. */
import { isQuotaError, missingFile, sessionStorageFull, type SessionFiles } from './store.ts';

/** Of the specification; TypeScript has it only for programs that are workers and nothing else. */
interface SyncAccess {
  truncate(bytes: number): void;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  flush(): void;
  close(): void;
}

/** A file beside the sessions' folders that is made long, and removed again; nothing is written to it. */
const PROBE = 'room';

type OpenFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccess> };

/**
 * @param folder that holds those of the sessions
 * @returns undefined where there is none: without HTTPS, in some private windows, outside of a worker
 */
export async function originFiles(folder: string): Promise<SessionFiles | undefined> {
  if (!('FileSystemFileHandle' in globalThis && 'createSyncAccessHandle' in FileSystemFileHandle.prototype))
    return undefined;
  // Asked for each time: the folder is another one when the browser has cleared the site's data meanwhile.
  const openRoot = async (): Promise<FileSystemDirectoryHandle> =>
    (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  try {
    await openRoot();
  } catch {
    return undefined;
  }
  const open = async (path: string, create: boolean): Promise<OpenFile> => {
    const [session = '', name = ''] = path.split('/');
    const directory = await (await openRoot()).getDirectoryHandle(session, { create });
    return (await directory.getFileHandle(name, { create })) as OpenFile;
  };
  return {
    async write(path, bytes) {
      try {
        const access = await (await open(path, true)).createSyncAccessHandle();
        try {
          access.truncate(0);
          if (access.write(bytes, { at: 0 }) !== bytes.length)
            throw new DOMException('', 'QuotaExceededError');
          access.flush();
        } finally {
          access.close();
        }
      } catch (error) {
        throw isQuotaError(error) ? sessionStorageFull(error) : error;
      }
    },
    async read(path) {
      try {
        const file = await (await open(path, false)).getFile();
        return new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        throw isMissing(error) ? missingFile(path) : error;
      }
    },
    async remove(session, names) {
      const directory = await (await openRoot()).getDirectoryHandle(session).catch(() => undefined);
      for (const name of names) await directory?.removeEntry(name).catch(ignoreMissing);
    },
    async removeAll(session) {
      await (await openRoot()).removeEntry(session, { recursive: true }).catch(ignoreMissing);
    },
    // Browsers tell of other sizes than they enforce, so that no site learns how large the disk is: room is asked for.
    async hasRoom(bytes) {
      const root = await openRoot();
      const file = (await root.getFileHandle(PROBE, { create: true })) as OpenFile;
      const access = await file.createSyncAccessHandle();
      try {
        access.truncate(bytes);
        return true;
      } catch (error) {
        if (isQuotaError(error)) return false;
        throw error;
      } finally {
        access.truncate(0);
        access.close();
        await root.removeEntry(PROBE).catch(ignoreMissing);
      }
    },
    async names(session) {
      const directory = await (await openRoot()).getDirectoryHandle(session).catch(() => undefined);
      const names: string[] = [];
      if (directory) for await (const name of directory.keys()) names.push(name);
      return names;
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotFoundError';
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
