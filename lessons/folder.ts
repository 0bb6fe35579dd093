/** Lessons in a folder: each in a folder of its own, whose name is the lesson's id, with `lesson.md` and its files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lesson } from './format/lesson.ts';
import { parseLesson } from './format/parse.ts';
import { LessonError } from './format/problem.ts';

/** The lessons of the app. */
export const LABS = join(import.meta.dirname, 'labs');

/** The file that holds the text of lesson `id`. */
export const lessonFile = (folder: string, id: string): string => join(folder, id, 'lesson.md');

export function lessonIds(folder: string): string[] {
  return readdirSync(folder)
    .filter((id) => existsSync(lessonFile(folder, id)))
    .sort();
}

/**
 * Reads a lesson.
 * @throws LessonError with every problem
 */
export function readLesson(folder: string, id: string): Lesson {
  const file = lessonFile(folder, id);
  const lesson = parseLesson(readFileSync(file, 'utf8'), file, filesIn(join(folder, id)));
  if (lesson.id === id) return lesson;
  const message = `expected the front matter’s id to be the folder’s name, “${id}”`;
  throw new LessonError([{ file, line: 1, column: 1, message }]);
}

/** Paths of all files below `folder`, relative to it. */
function filesIn(folder: string): Set<string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Set(paths.filter((path) => statSync(join(folder, path)).isFile()));
}
