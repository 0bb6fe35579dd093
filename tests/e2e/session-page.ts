/** The page of sessions in a test: sessions to add, made here without a machine, and what the browser then holds. */
import type { Locator, Page } from 'playwright-core';
import type { KeptFile, SessionRecord } from '../../worker/keep/record.ts';
import { openMemoryStore } from '../../worker/keep/memory-store.ts';
import { exportSession } from '../../worker/keep/session-file.ts';
import { lived, unzip, zipOf, type Tampering } from '../../worker/keep/tampering.ts';

/** The file of a session that is called Test, with a checkpoint and what was saved by itself after it. */
export async function sessionFile(change: Tampering = () => undefined): Promise<Blob> {
  const store = openMemoryStore();
  const { index, files } = await unzip(await exportSession(store, await lived(store)));
  await change(index, files);
  return zipOf(index, files);
}

/** The file of a session of another name, that is the same otherwise. */
export function namedSession(name: string): Promise<Blob> {
  return sessionFile((index) => (index.record.name = name));
}

/** Chooses a file, or the one at a path, as a user does. */
export async function addFile(page: Page, file: Blob | string, name = 'mine.drydock'): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add a session from a file' }).click();
  const buffer = typeof file === 'string' ? undefined : Buffer.from(await file.arrayBuffer());
  const chosen = buffer ? { name, mimeType: 'application/octet-stream', buffer } : (file as string);
  await (await chooser).setFiles(chosen);
}

export function row(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

/** What the list says, but for how long ago that was. */
export async function listText(page: Page): Promise<string> {
  const text = await page.getByRole('region', { name: 'Saved sessions' }).innerText();
  return text.replaceAll(/saved [^·]*/g, '');
}

/** All that the browser keeps of sessions: each record, and each file with its hash. */
export async function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found: string[] = [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('drydock-sessions');
      opening.onsuccess = () => {
        resolve(opening.result);
      };
      opening.onerror = () => {
        reject(new Error('IndexedDB does not open'));
      };
    });
    await new Promise<void>((resolve) => {
      const cursor = database.transaction('records').objectStore('records').openCursor();
      cursor.onsuccess = () => {
        if (cursor.result) {
          found.push(JSON.stringify([cursor.result.key, cursor.result.value]));
          cursor.result.continue();
        } else resolve();
      };
    });
    database.close();
    const root = await navigator.storage.getDirectory();
    const sessions = await root.getDirectoryHandle('drydock-sessions');
    for await (const id of sessions.keys()) {
      const folder = await sessions.getDirectoryHandle(id);
      for await (const name of folder.keys()) {
        const file = await (await folder.getFileHandle(name)).getFile();
        const hash = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
        found.push(`${id}/${name}: ${new Uint8Array(hash).join()}`);
      }
    }
    return found.sort();
  });
}

/** The record of the session of this name, as the browser has it. */
export async function recordOf(page: Page, name: string): Promise<SessionRecord> {
  const records = (await kept(page)).filter((one) => one.startsWith('['));
  const found = records.map((one) => JSON.parse(one) as [string, SessionRecord]);
  const record = found.find(([, one]) => one.name === name)?.[1];
  if (!record) throw new Error(`no session is called ${name}`);
  return record;
}

/** Puts something else in the place of a record. */
export async function writeRecord(page: Page, id: string, record: unknown): Promise<void> {
  await page.evaluate(
    ([id, record]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('drydock-sessions');
        opening.onsuccess = () => {
          const writing = opening.result.transaction('records', 'readwrite');
          writing.objectStore('records').put(record, id);
          writing.onabort = () => {
            reject(new Error('It was not written'));
          };
          writing.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    [id, record] as const,
  );
}

/** Removes files of a session from the browser's storage, or fills them with zeros. */
export async function spoil(
  page: Page,
  { id }: SessionRecord,
  files: readonly KeptFile[],
  how: 'remove' | 'overwrite',
): Promise<void> {
  const names = files.map(({ name }) => name);
  await page.evaluate(
    async ([id, names, how]) => {
      const root = await navigator.storage.getDirectory();
      const folder = await (await root.getDirectoryHandle('drydock-sessions')).getDirectoryHandle(id);
      for (const name of names) {
        if (how === 'remove') {
          await folder.removeEntry(name);
          continue;
        }
        const file = await folder.getFileHandle(name);
        const { size } = await file.getFile();
        const writer = await file.createWritable();
        await writer.write(new Uint8Array(size));
        await writer.close();
      }
    },
    [id, names, how] as const,
  );
}
