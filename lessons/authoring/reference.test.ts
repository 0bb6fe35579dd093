import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { formatReference, frontMatterJsonSchema } from './reference.ts';
import { parseLesson } from '../format/parse.ts';

const lessons = join(import.meta.dirname, '..');

test.each([
  ['FORMAT.md', formatReference()],
  ['lesson.schema.json', frontMatterJsonSchema()],
])('%s is what the schemas say (npm run lessons -- reference)', async (file, text) => {
  const filepath = join(lessons, file);
  const formatted = await format(text, { ...(await resolveConfig(filepath)), filepath });
  expect(readFileSync(filepath, 'utf8')).toBe(formatted);
});

test('the examples of the reference are lessons', () => {
  const examples = [...formatReference().matchAll(/^(`{3,4})markdown\n([^]*?)\n\1$/gm)].map(
    ([, , text = '']) => text,
  );
  expect(examples.length).toBeGreaterThan(8);
  const front = `---
id: try
title: Try
summary: Try.
minutes: 1
author: Nobody
licence: MIT
nodes: 3
---

`;
  // A hint stands in a task, a step before all else; the task of the example waits for another.
  const whole = examples.filter((text) => !text.startsWith(':::hint') && !text.startsWith('## '));
  const source = `${front}## Step\n\n${whole.join('\n\n').replace(' needs="hello"', '')}`;
  expect(parseLesson(source, 'try.md').steps[0]?.blocks.length).toBeGreaterThan(8);
});
