import { expect, test } from 'vitest';
import { imagesOf, inLearningOrder, tracksOf } from './curriculum.ts';

const lesson = (id: string, ...prerequisites: string[]) => ({ id, prerequisites, track: id.slice(0, 1) });
const ids = (lessons: { id: string }[]) => lessons.map(({ id }) => id);

test('a lesson comes after those it builds on', () => {
  const given = [lesson('compose', 'networks', 'first'), lesson('first'), lesson('networks', 'first')];
  expect(ids(inLearningOrder(given))).toEqual(['first', 'networks', 'compose']);
});

test('what is elsewhere, and a circle, do not keep a lesson out', () => {
  const given = [lesson('b', 'a'), lesson('a', 'b'), lesson('c', 'of-another-pack'), lesson('d', 'd')];
  expect(ids(inLearningOrder(given))).toEqual(['c', 'b', 'a', 'd']);
});

test('tracks stand in the order of their first lessons', () => {
  const given = [lesson('b1'), lesson('a1'), lesson('b2')];
  expect(tracksOf(given).map(({ name, lessons }) => [name, ...ids(lessons)])).toEqual([
    ['b', 'b1', 'b2'],
    ['a', 'a1'],
  ]);
});

test('lessons need each image once', () => {
  expect(
    imagesOf([{ images: ['busybox:latest', 'redis:7'] }, { images: [] }, { images: ['redis:7'] }]),
  ).toEqual(['busybox:latest', 'redis:7']);
});
