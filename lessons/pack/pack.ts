/** A pack of lessons from outside: read whole and checked before anything of it is shown. */
import { placeFiles } from '../format/file.ts';
import type { Lesson } from '../format/lesson.ts';
import { parseLesson } from '../format/parse.ts';
import { LessonError, type Problem } from '../format/problem.ts';
import { PackError, type PackFiles } from './pack-files.ts';

export interface Pack {
  /** With their pictures in them, as `data:` URLs: nothing is fetched, and a picture cannot run a script. */
  lessons: Lesson[];
}

const PICTURES: Record<string, string> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
};

const LESSON = /^(.*\/)?lesson\.md$/;

/**
 * The lessons in `files`: each `lesson.md`, in the folder with its name or at the top of the pack.
 * @throws PackError when there is none, or a picture is of no kind that is known
 * @throws LessonError with all problems of all lessons
 */
export function readPack(files: PackFiles): Pack {
  const texts = [...files.keys()].filter((path) => LESSON.test(path)).sort();
  if (texts.length === 0)
    throw new PackError('There is no lesson in the pack: a lesson is a folder with a file named lesson.md.');
  const problems: Problem[] = [];
  const lessons = texts.flatMap((path) => {
    try {
      return [readLesson(path, files)];
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  const ids = lessons.map(({ id }) => id);
  for (const [i, id] of ids.entries())
    if (ids.indexOf(id) < i)
      problems.push({
        file: texts[i] ?? '',
        line: 1,
        column: 1,
        message: `another lesson of the pack has the id ${id}`,
      });
  if (problems.length > 0) throw new LessonError(problems);
  return { lessons };
}

function readLesson(path: string, files: PackFiles): Lesson {
  const folder = path.slice(0, -'lesson.md'.length);
  const beside = new Set(
    [...files.keys()].filter((each) => each.startsWith(folder)).map((each) => each.slice(folder.length)),
  );
  const source = decode(files.get(path), path);
  const lesson = parseLesson(source, path, beside);
  const addresses = new Map(lesson.pictures.map((name) => [name, dataUrl(name, files.get(folder + name))]));
  return JSON.parse(placeFiles(JSON.stringify(lesson), addresses)) as Lesson;
}

function decode(bytes: Uint8Array | undefined, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PackError(`${path} is not text in UTF-8.`, { cause });
  }
}

function dataUrl(name: string, bytes: Uint8Array | undefined): string {
  const type = PICTURES[name.split('.').at(-1)?.toLowerCase() ?? ''];
  if (type === undefined)
    throw new PackError(`${name} is no picture: expected one of ${Object.keys(PICTURES).join(', ')}.`);
  let binary = '';
  for (const byte of bytes ?? []) binary += String.fromCharCode(byte);
  return `data:${type};base64,${btoa(binary)}`;
}
