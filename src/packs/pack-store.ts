/** The lesson packs that the user has added, kept by the browser (IndexedDB). */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Lesson } from '../../lessons/format/lesson.ts';
import { renewLesson } from './older-lesson.ts';

export interface KeptPack {
  /** Made from the name; stands before the ids of its lessons. */
  id: string;
  /** The file's name or address. */
  source: string;
  /** When it was added, in milliseconds since 1970. */
  added: number;
  /** Read and sanitised when the pack was added. */
  lessons: Lesson[];
}

interface Schema extends DBSchema {
  packs: { key: string; value: KeptPack };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('drydock-packs', 1, {
    upgrade(database) {
      database.createObjectStore('packs', { keyPath: 'id' });
    },
  });
  return opened;
}

export async function keptPacks(): Promise<KeptPack[]> {
  const packs = await (await open()).getAll('packs');
  return packs
    .map((pack) => ({ ...pack, lessons: pack.lessons.map(renewLesson) }))
    .sort((a, b) => a.added - b.added);
}

/** Keeps a pack, in the place of one with the same id. */
export async function keepPack(pack: KeptPack): Promise<void> {
  await (await open()).put('packs', pack);
}

export async function forgetPack(id: string): Promise<void> {
  await (await open()).delete('packs', id);
}
