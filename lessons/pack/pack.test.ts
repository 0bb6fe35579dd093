import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { expect, test } from 'vitest';
import { LessonError } from '../format/problem.ts';
import { readPack } from './pack.ts';
import { PACK_LIMITS, PackError, type PackFiles } from './pack-files.ts';
import { readZip } from './zip.ts';

const lesson = (id: string, body = 'Words.') => `---
id: ${id}
title: Try
summary: Try.
minutes: 1
author: Nobody
licence: MIT
---

## Step

${body}
`;

async function zipOf(files: Record<string, string | Uint8Array>, password?: string): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, ...(password && { password }) });
  for (const [path, content] of Object.entries(files))
    await writer.add(
      path,
      typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content),
    );
  return writer.close();
}

const files = (entries: Record<string, string>): PackFiles =>
  new Map(Object.entries(entries).map(([path, text]) => [path, new TextEncoder().encode(text)]));

const refusal = async (zip: Blob): Promise<string> => {
  const error: unknown = await readZip(zip).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PackError);
  return (error as Error).message;
};

/** `zip` with the bytes of `from` in the place of `to`'s, wherever they are: names are not compressed. */
async function forged(zip: Blob, from: string, to: string): Promise<Blob> {
  const text = Buffer.from(await zip.arrayBuffer())
    .toString('latin1')
    .replaceAll(from, to);
  return new Blob([Buffer.from(text, 'latin1')]);
}

test('a pack has lessons with their pictures', async () => {
  const zip = await zipOf({
    'course/one/lesson.md': lesson('one', '![A line](a/line.svg)'),
    'course/one/a/line.svg': '<svg/>',
    'course/two/lesson.md': lesson('two'),
    'course/.DS_Store': 'x',
    '__MACOSX/course/._one': 'x',
  });
  const { lessons } = readPack(await readZip(zip));
  expect(lessons.map(({ id }) => id)).toEqual(['one', 'two']);
  expect(JSON.stringify(lessons[0])).toContain(`src=\\"data:image/svg+xml;base64,${btoa('<svg/>')}\\"`);
});

test('all problems of all lessons are told at once', () => {
  const read = (): unknown =>
    readPack(files({ 'a/lesson.md': lesson('a', '![x](no.png)'), 'b/lesson.md': lesson('a', '<b>b</b>') }));
  expect(read).toThrow(LessonError);
  expect(read).toThrow(
    /a\/lesson.md:12:1: there is no picture no.png[^]*b\/lesson.md:12:1: HTML cannot be used/,
  );
});

test.each<[string, Record<string, string>, string]>([
  ['no lesson', { 'readme.md': 'x' }, 'There is no lesson in the pack'],
  [
    'two lessons of one id',
    { 'a/lesson.md': lesson('a'), 'b/lesson.md': lesson('a') },
    'another lesson of the pack has the id a',
  ],
  [
    'a picture that is a page',
    { 'lesson.md': lesson('a', '![x](x.html)'), 'x.html': '<script>' },
    'x.html is no picture',
  ],
])('a pack with %s is refused', (_, entries, message) => {
  expect(() => readPack(files(entries))).toThrow(message);
});

test('text that is not UTF-8 is refused', () => {
  expect(() => readPack(new Map([['lesson.md', Uint8Array.of(0xff, 0xfe)]]))).toThrow('is not text in UTF-8');
});

test.each(['../up.md', 'a/../../up.md', '/etc/passwd', 'a\\b.md', 'C:x', 'a//b'])(
  'a zip with a file named %s is refused',
  async (name) => {
    const placeholder = 'x'.repeat(name.length);
    const zip = await forged(await zipOf({ [placeholder]: 'x' }), placeholder, name);
    expect(await refusal(zip)).toContain('Names may have letters');
  },
);

test('a zip bomb is refused before it is unpacked, and while it is when it lies about its size', async () => {
  const zeros = new Uint8Array(PACK_LIMITS.file + 1);
  const bomb = await zipOf({ 'lesson.md': zeros });
  expect(bomb.size).toBeLessThan(PACK_LIMITS.zip);
  expect(await refusal(bomb)).toMatch(/lesson\.md comes to 5 MB/);
  const little = Buffer.alloc(4);
  little.writeUInt32LE(zeros.length);
  const lie = await forged(bomb, little.toString('latin1'), '\x01\x00\x00\x00');
  expect(await refusal(lie)).toMatch(/unpacks to more than 5 MB|damaged/);
});

test('many files that are small each are refused together', async () => {
  const part = new Uint8Array(PACK_LIMITS.file);
  const zip = await zipOf(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`f${i}`, part])));
  expect(await refusal(zip)).toContain('unpacks to more than 50 MB');
});

test('too many files are refused', async () => {
  const entries = Object.fromEntries(Array.from({ length: PACK_LIMITS.files + 1 }, (_, i) => [`f${i}`, '']));
  expect(await refusal(await zipOf(entries))).toContain('more than 1000 files');
});

test('what is too large, encrypted or no zip is refused', async () => {
  expect(await refusal(new Blob([new Uint8Array(PACK_LIMITS.zip + 1)]))).toContain('a pack may have 20 MB');
  expect(await refusal(await zipOf({ 'lesson.md': 'x' }, 'secret'))).toContain('encrypted');
  expect(await refusal(new Blob(['not a zip']))).toContain('not a zip, or it is damaged');
  const whole = await zipOf({ 'lesson.md': lesson('a') });
  expect(await refusal(whole.slice(0, whole.size - 30))).toContain('not a zip, or it is damaged');
});
