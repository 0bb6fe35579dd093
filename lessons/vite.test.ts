import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { afterAll, expect, test } from 'vitest';
import { lessons } from './vite.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with one lesson `try` whose file has the content `source`. */
function folderWith(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-lessons-'));
  folders.push(folder);
  mkdirSync(join(folder, 'try'));
  writeFileSync(join(folder, 'try', 'lesson.md'), source);
  return folder;
}

async function bundle(folder: string): Promise<Rolldown.OutputChunk[]> {
  const result = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [lessons(folder)],
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: 'virtual:lessons', preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  return result.output.filter((part) => part.type === 'chunk');
}

const lesson = (id: string): string => `---
id: ${id}
title: Try it
summary: A lesson for tests.
minutes: 5
author: Nobody
licence: MIT
---

## One

Words of the text.

## Two
`;

test('the list is small, and each lesson a chunk of its own without a parser', async () => {
  const chunks = await bundle(folderWith(lesson('try')));
  const [list, whole] = [
    chunks.find(({ isEntry }) => isEntry),
    chunks.find(({ isDynamicEntry }) => isDynamicEntry),
  ];
  expect(list?.code).toContain('"stepCount": 2');
  expect(list?.code).not.toContain('Words of the text');
  expect(whole?.code).toContain('<p>Words of the text.</p>');
  expect(chunks.map(({ code }) => code).join('')).not.toMatch(/micromark|remark|shiki/);
});

test('a faulty lesson stops the build with file, line and column', async () => {
  const folder = folderWith(lesson('try').replace('## Two', '## One'));
  await expect(bundle(folder)).rejects.toThrow(
    `${folder}/try/lesson.md:14:1: expected another title: a step before has the same name “one”`,
  );
});

test('pictures become files of the app', async () => {
  const folder = folderWith(lesson('try').replace('Words', '![A line](a/line.svg)'));
  mkdirSync(join(folder, 'try/a'));
  writeFileSync(join(folder, 'try/a/line.svg'), '<svg xmlns="http://www.w3.org/2000/svg" />');
  const code = (await bundle(folder)).map((chunk) => chunk.code).join('');
  expect(code).toMatch(/"a\/line.svg", .*(assets\/line|data:image\/svg)/s);
});

test('a picture that is not there stops the build at its place', async () => {
  const folder = folderWith(lesson('try').replace('Words', '![A line](line.svg)'));
  await expect(bundle(folder)).rejects.toThrow(
    `${folder}/try/lesson.md:12:1: there is no picture line.svg in the lesson’s folder`,
  );
});

test('a lesson must have the name of its folder', async () => {
  await expect(bundle(folderWith(lesson('other')))).rejects.toThrow('the folder’s name, “try”');
});
