/** Tracks of lessons as things to have offline. */
import type { LessonEntry } from 'virtual:lessons';
import type { OfflineSet } from '../../worker/hub-host.ts';
import { imagesOf, tracksOf } from '../../lessons/format/curriculum.ts';

export interface OfflineTrack {
  name: string;
  /** The pack that it came with; undefined for the app's own. */
  pack: string | undefined;
  lessonCount: number;
  images: string[];
  set: OfflineSet;
}

/** The tracks of a list of lessons, which may be a pack's. */
export function offlineTracks(
  lessons: readonly Pick<LessonEntry, 'track' | 'images'>[],
  pack?: string,
): OfflineTrack[] {
  return tracksOf(lessons).map(({ name, lessons }) => {
    const images = imagesOf(lessons);
    return { name, pack, lessonCount: lessons.length, images, set: { of: 'lessons', images } };
  });
}
