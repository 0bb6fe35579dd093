import { expect, test } from 'vitest';
import { parseLesson } from './parse.ts';

const front = `---
id: try
title: Try it
summary: A lesson for tests.
minutes: 5
author: Nobody
licence: MIT
---
`;

const parse = (body: string) => parseLesson(front + body, 'try.md');

const step = `
## One

Before

after

\`\`\`run
docker ps
\`\`\`
`;

const notes = ':::notes\nSay **this** at [the page](#/images).\n:::\n';

test('the notes of a step are HTML of their own, and no block', () => {
  const noted = parse(step.replace('after', `${notes}\nafter`)).steps[0];
  expect(noted?.notes).toBe(
    '<p>Say <strong>this</strong> at <a href="#/images" target="_blank" rel="noopener">the page</a>.</p>',
  );
  expect(noted?.blocks).toEqual(parse(step).steps[0]?.blocks);
});

test('several notes of a step stand one below the other', () => {
  const { steps } = parse(`${step}\n:::notes\nFirst\n:::\n\n:::notes\nSecond\n:::\n\n## Two\n\nText`);
  expect(steps.map((each) => each.notes)).toEqual(['<p>First</p>\n<p>Second</p>', undefined]);
});

test('notes before the first step are refused', () => {
  expect(() => parse(`\n${notes}\n## One\n\nText`)).toThrow('expected a step to begin first');
});
