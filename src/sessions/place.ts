/** What the reader is at, as a session remembers it: the lesson and how far it is, or the playground. */
import type { Place } from '../../worker/keep/record.ts';
import { currentLocation } from '../app/location.svelte.ts';
import type { Route } from '../app/router.ts';
import { findLesson } from '../lesson/lesson-catalogue.ts';
import { progressStore } from '../lesson/progress-store.svelte.ts';
import { lastWorkspace } from '../machine/last-workspace.svelte.ts';

/** Where the reader is now, or was before they went to another page. */
export function currentPlace(): Place {
  const here = currentLocation.route;
  const route = isWorkspace(here) ? here : lastWorkspace.route;
  const lesson = route?.page === 'lesson' ? findLesson(route.id) : undefined;
  if (!lesson) return { title: 'Playground' };
  const progress = progressStore.of(lesson);
  return {
    lesson: lesson.id,
    title: lesson.title,
    step: progress.step + 1,
    progress: structuredClone(progress),
  };
}

/** Where a session was. */
export function placeRoute({ lesson }: Pick<Place, 'lesson'>): Route {
  return lesson !== undefined && findLesson(lesson) ? { page: 'lesson', id: lesson } : { page: 'playground' };
}

/** Puts the lesson's progress back to what it was. */
export function restoreProgress({ lesson: id, progress }: Place): void {
  const lesson = id === undefined ? undefined : findLesson(id);
  if (lesson && progress !== undefined) progressStore.restore(lesson, progress);
}

function isWorkspace({ page }: Route): boolean {
  return page === 'lesson' || page === 'playground';
}
