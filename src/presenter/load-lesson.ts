import type { Lesson } from '../../lessons/format/lesson.ts';
import { findLesson } from '../lesson/lesson-catalogue.ts';
import { packLibrary } from '../packs/pack-library.svelte.ts';

/**
 * The lesson with `id`, of the app or of a pack that this browser keeps.
 * @throws Error when there is none, or it cannot be fetched
 */
export async function loadLesson(id: string): Promise<Lesson> {
  if (packLibrary.isPackLesson(id)) await packLibrary.load();
  const entry = findLesson(id);
  if (!entry) throw new Error(`There is no lesson ${id}.`);
  return entry.load();
}
