/** Lessons beside each other: in which order they are learnt, and under which headings they are listed. */
import type { LessonSummary } from './lesson.ts';

/** The lessons of one heading. */
export interface Track<T> {
  name: string;
  lessons: T[];
}

/**
 * Each lesson after those it builds on, and else as they were given. Prerequisites that are not among `lessons` do not
 * count, and in a circle of them all come at once: a pack may have one.
 */
export function inLearningOrder<T extends Pick<LessonSummary, 'id' | 'prerequisites'>>(
  lessons: readonly T[],
): T[] {
  const ordered: T[] = [];
  let rest = [...lessons];
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ id }) => id));
    const ready = rest.filter(({ prerequisites }) => !prerequisites.some((id) => waiting.has(id)));
    const next = ready.length > 0 ? ready : rest;
    ordered.push(...next);
    rest = rest.filter((lesson) => !next.includes(lesson));
  }
  return ordered;
}

/** The images that `lessons` need, each once. */
export function imagesOf(lessons: readonly Pick<LessonSummary, 'images'>[]): string[] {
  return [...new Set(lessons.flatMap(({ images }) => images))];
}

/** The tracks of `lessons`, by their first lesson. */
export function tracksOf<T extends Pick<LessonSummary, 'track'>>(lessons: readonly T[]): Track<T>[] {
  const tracks = new Map<string, T[]>();
  for (const lesson of lessons) tracks.set(lesson.track, [...(tracks.get(lesson.track) ?? []), lesson]);
  return [...tracks].map(([name, list]) => ({ name, lessons: list }));
}
