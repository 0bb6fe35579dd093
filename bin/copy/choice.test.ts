import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCatalogue, type Catalogue } from '../../worker/hub/catalogue.ts';
import { choose, type Choice, type Wishes } from './choice.ts';

let folder: string;

const lesson = (id: string, track: string, more: string): string => `---
id: ${id}
title: ${id}
summary: About ${id}.
version: 1
track: ${track}
minutes: 5
author: Ann
licence: MIT
${more}
---

## One step

Text.
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-choice-'));
  const lessons = {
    boxes: lesson('boxes', 'Containers', 'images: [busybox:latest]'),
    nets: lesson('nets', 'Networks', 'prerequisites: [boxes]\nimages: [web:1]'),
    rare: lesson('rare', 'Networks', 'images: [gone:1]'),
  };
  for (const [id, text] of Object.entries(lessons)) {
    mkdirSync(join(folder, id));
    writeFileSync(join(folder, id, 'lesson.md'), text);
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const repository = (name: string, tags: Record<string, [top: string, ...blobs: string[]]>) => ({
  ...{ name, description: '', about: '', origin: 'stand-in' as const, keywords: [], stars: 0, licences: [] },
  tags: Object.fromEntries(
    Object.entries(tags).map(([tag, [top, ...blobs]]) => [
      tag,
      { digest: digest(top), blobs: blobs.map(digest) },
    ]),
  ),
});

/** `web:1` and `web:2` lie on the layer of busybox, `b`. */
const HUB: Catalogue = {
  format: 1,
  repositories: [
    repository('docker.io/library/busybox', { latest: ['a', 'b', 'c'], '1': ['a', 'b', 'c'] }),
    repository('docker.io/library/web', {
      '1': ['d', 'b', 'e'],
      '2': ['f', 'b', '0'],
      latest: ['f', 'b', '0'],
    }),
    repository('ghcr.io/ann/web', { '2': ['f', 'b', '0'] }),
  ],
  blobs: Object.fromEntries(Array.from('abcdef0', (digit) => [digest(digit), { bytes: 1 }])),
};

const chosen = (wishes: Partial<Wishes>): Choice =>
  choose({ images: 'none', withoutSmall: false, ...wishes }, HUB, folder);
const idsOf = ({ lessons }: Choice): string[] => lessons.map(({ id }) => id);
const imagesOf = ({ catalogue }: Choice): string[] =>
  catalogue.repositories.flatMap(({ name, tags }) => Object.keys(tags).map((tag) => `${name}:${tag}`));
const blobsOf = ({ catalogue }: Choice): string =>
  Object.keys(catalogue.blobs)
    .map((name) => name.at(-1))
    .sort()
    .join('');

it('has all lessons, and the images that they need, when nothing is chosen', () => {
  const choice = chosen({});
  expect(idsOf(choice)).toEqual(['boxes', 'nets', 'rare']);
  expect(imagesOf(choice)).toEqual([
    'docker.io/library/busybox:1',
    'docker.io/library/busybox:latest',
    'docker.io/library/web:1',
  ]);
  expect(choice.profiles).toEqual(['standard', 'small']);
  expect(choice.notes).toEqual(['Not in the hub, though lessons of the copy need them: “gone:1”.']);
});

it('has the lessons of tracks, those named, and their images under all their tags', () => {
  expect(idsOf(chosen({ tracks: 'Networks' }))).toEqual(['nets', 'rare']);
  expect(idsOf(chosen({ tracks: 'Containers', lessons: 'rare' }))).toEqual(['boxes', 'rare']);
  const choice = chosen({ lessons: ' boxes ,' });
  expect(idsOf(choice)).toEqual(['boxes']);
  expect(imagesOf(choice)).toHaveLength(2);
  expect(blobsOf(choice)).toBe('abc');
});

it('adds images by the names that docker pull takes, with all their blobs and no others', () => {
  const choice = chosen({ lessons: 'boxes', images: 'web' });
  expect(imagesOf(choice).slice(2)).toEqual(['docker.io/library/web:2', 'docker.io/library/web:latest']);
  expect(blobsOf(choice)).toBe('0abcf');
  expect(imagesOf(chosen({ lessons: 'boxes', images: 'ghcr.io/ann/web:2' }))).toContain('ghcr.io/ann/web:2');
  expect(chosen({ images: 'all' }).catalogue).toEqual(HUB);
});

it('has a catalogue that the app reads', () => {
  for (const images of ['none', 'web:1', 'all']) {
    const { catalogue } = chosen({ images });
    expect(parseCatalogue(JSON.stringify(catalogue))).toEqual(catalogue);
  }
});

it('tells all wrong names at once, with those that there are', () => {
  const wrong = { tracks: 'Nets,Networks', lessons: 'box,crate', images: 'web:3,busybox,nginx,not a name' };
  expect(() => chosen(wrong)).toThrow(
    [
      'There is no track “Nets”. There are “Containers” and “Networks”.',
      'There is no lesson “box” or “crate”. There are “boxes”, “nets” and “rare”.',
      'The hub has no “web:3”. The tags of web are “1”, “2” and “latest”.',
      'The hub has no image “nginx” or “not a name”. It has “busybox”, “ghcr.io/ann/web” and “web”.',
    ].join('\n'),
  );
  expect(() => chosen({ lessons: '' })).toThrow('at least one lesson');
});

it('says which lessons are missing before the chosen ones', () => {
  expect(chosen({ lessons: 'nets' }).notes).toEqual([
    'Not in the copy, though lessons in it build on them: “boxes”.',
  ]);
  expect(chosen({ lessons: 'nets,boxes', withoutSmall: true })).toMatchObject({
    notes: [],
    profiles: ['standard'],
  });
});
