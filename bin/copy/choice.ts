/** What a copy shall have, from the names that the user has typed. */
import { LABS, lessonIds, readLesson } from '../../lessons/folder.ts';
import type { Lesson } from '../../lessons/format/lesson.ts';
import type { Catalogue } from '../../worker/hub/catalogue.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { allImages, cutCatalogue, describeMissing, findImages } from './images.ts';
import { chooseLessons, leftOut } from './lessons.ts';
import { listed } from './listed.ts';

/** Lists have commas between their names. */
export interface Wishes {
  tracks?: string | undefined;
  /** Ids. */
  lessons?: string | undefined;
  /** References of images, `all`, or `none` but those that the lessons need. */
  images: string;
  /** Leave out the machine for browsers with little memory. */
  withoutSmall: boolean;
}

export interface Choice {
  /** Where all lessons are. */
  lessonsFolder: string;
  lessons: readonly Lesson[];
  /** The hub's, cut down to the images of the copy. */
  catalogue: Catalogue;
  profiles: readonly ProfileName[];
  /** What the user should know of the choice. */
  notes: string[];
}

/**
 * Reads wishes; `catalogue` has all images that there are.
 * @throws Error with all names that there are not, and those that there are
 */
export function choose(wishes: Wishes, catalogue: Catalogue, lessonsFolder = LABS): Choice {
  const problems: string[] = [];
  const all = lessonIds(lessonsFolder).map((id) => readLesson(lessonsFolder, id));
  const lessons = chooseLessons(
    all,
    { tracks: namesIn(wishes.tracks), ids: namesIn(wishes.lessons) },
    (problem) => problems.push(problem),
  );
  const wanted = imagesOf(wishes.images, catalogue);
  problems.push(...describeMissing(catalogue, wanted.missing));
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const needed = findImages(
    catalogue,
    lessons.flatMap(({ images }) => images),
  );
  const notes: string[] = [];
  const before = leftOut(lessons);
  if (before.length > 0)
    notes.push(`Not in the copy, though lessons in it build on them: ${listed(before, 'and')}.`);
  if (needed.missing.length > 0)
    notes.push(`Not in the hub, though lessons of the copy need them: ${listed(needed.missing, 'and')}.`);
  return {
    lessonsFolder,
    lessons,
    catalogue: cutCatalogue(catalogue, [...needed.images, ...wanted.images]),
    profiles: wishes.withoutSmall ? ['standard'] : ['standard', 'small'],
    notes,
  };
}

function imagesOf(wish: string, catalogue: Catalogue): ReturnType<typeof findImages> {
  if (wish === 'all') return { images: allImages(catalogue), missing: [] };
  return findImages(catalogue, wish === 'none' ? [] : (namesIn(wish) ?? []));
}

function namesIn(list: string | undefined): string[] | undefined {
  return list
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
