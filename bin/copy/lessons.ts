/** Which lessons a copy has. */
import { tracksOf } from '../../lessons/format/curriculum.ts';
import type { Lesson } from '../../lessons/format/lesson.ts';
import { listed } from './listed.ts';

type Known = Pick<Lesson, 'id' | 'track' | 'prerequisites'>;

/** Names of tracks, and ids of lessons; all lessons where both are undefined. */
export interface LessonChoice {
  tracks?: string[] | undefined;
  ids?: string[] | undefined;
}

/**
 * The lessons of the chosen tracks and those chosen by their id, in the order of `lessons`. What is wrong with the
 * choice is told to `onProblem`: all names that there are not, and those that there are.
 */
export function chooseLessons<T extends Known>(
  lessons: readonly T[],
  { tracks, ids }: LessonChoice,
  onProblem: (problem: string) => void,
): T[] {
  if (!tracks && !ids) return [...lessons];
  const check = (kind: string, chosen: string[] = [], there: string[]): void => {
    const unknown = chosen.filter((name) => !there.includes(name));
    if (unknown.length > 0)
      onProblem(`There is no ${kind} ${listed(unknown, 'or')}. There are ${listed(there, 'and')}.`);
  };
  check(
    'track',
    tracks,
    tracksOf(lessons).map(({ name }) => name),
  );
  check(
    'lesson',
    ids,
    lessons.map(({ id }) => id),
  );
  if (!tracks?.length && !ids?.length) onProblem('A copy has at least one lesson: name a track or a lesson.');
  return lessons.filter(({ id, track }) => tracks?.includes(track) === true || ids?.includes(id));
}

/** Ids of lessons on which chosen ones build, and which are not among them. */
export function leftOut(chosen: readonly Known[]): string[] {
  const ids = new Set(chosen.map(({ id }) => id));
  return [...new Set(chosen.flatMap(({ prerequisites }) => prerequisites))].filter((id) => !ids.has(id));
}
