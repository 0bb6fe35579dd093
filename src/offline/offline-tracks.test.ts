import { expect, test } from 'vitest';
import { offlineTracks } from './offline-tracks.ts';

test('a track needs the images of its lessons, each once', () => {
  const tracks = offlineTracks(
    [
      { track: 'Containers', images: ['busybox:latest'] },
      { track: 'Images', images: [] },
      { track: 'Containers', images: ['busybox:latest', 'redis:7'] },
    ],
    'course.zip',
  );
  const images = ['busybox:latest', 'redis:7'];
  expect(tracks).toEqual([
    { name: 'Containers', pack: 'course.zip', lessonCount: 2, images, set: { of: 'lessons', images } },
    { name: 'Images', pack: 'course.zip', lessonCount: 1, images: [], set: { of: 'lessons', images: [] } },
  ]);
});
