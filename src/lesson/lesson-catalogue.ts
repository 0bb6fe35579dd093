/** All lessons that the reader can open: the app's own, and those of packs. */
import lessons, { type LessonEntry } from 'virtual:lessons';
import { packLibrary } from '../packs/pack-library.svelte.ts';
import { isFinished } from './progress.ts';
import { progressStore } from './progress-store.svelte.ts';

/** The lessons that are listed together with lesson `id`, and it, in learning order. */
function listWith(id: string): readonly LessonEntry[] {
  const lists = [lessons, ...packLibrary.packs.map((pack) => packLibrary.entries(pack))];
  return lists.find((list) => list.some((lesson) => lesson.id === id)) ?? [];
}

/** The lesson that stands under `id` in an address. */
export function findLesson(id: string): LessonEntry | undefined {
  return listWith(id).find((lesson) => lesson.id === id);
}

/** What to go on with after lesson `id`: the first one behind it that is not finished. */
export function nextLesson(id: string): LessonEntry | undefined {
  const list = listWith(id);
  const place = list.findIndex((lesson) => lesson.id === id);
  return list.slice(place + 1).find((lesson) => !isFinished(progressStore.of(lesson), lesson.taskIds));
}
