import { expect, test } from 'vitest';
import type { Lesson } from '../../lessons/format/lesson.ts';
import { parseLesson } from '../../lessons/format/parse.ts';
import { renewLesson, type OlderLesson } from './older-lesson.ts';

const SOURCE = `---
id: kept
title: Kept
summary: Of an earlier visit.
minutes: 1
author: Nobody
licence: MIT
---

## Step

\`\`\`value name
hostname
\`\`\`

::::task{#it}
Do it.

\`\`\`init
a
\`\`\`

\`\`\`check
b
\`\`\`

:::hint
So.
:::

\`\`\`solution
c
\`\`\`

\`\`\`mutation wrong
d
\`\`\`
::::
`;

test('a lesson that was kept when there was one machine is as if it were read today', () => {
  const lesson = parseLesson(SOURCE, 'kept.md');
  const [step] = lesson.steps;
  const [block] = step?.blocks ?? [];
  if (!step || block?.kind !== 'task') throw new Error('The lesson has no task.');
  const older: OlderLesson = {
    ...(Object.fromEntries(
      Object.entries(lesson).filter(([name]) => name !== 'nodes' && name !== 'memory'),
    ) as Omit<Lesson, 'nodes' | 'memory'>),
    values: [{ name: 'name', script: 'hostname' }],
    steps: [
      {
        ...step,
        blocks: [
          {
            kind: 'task',
            task: {
              ...block.task,
              ...{ init: 'a', check: 'b', solution: 'c', mutations: [{ name: 'wrong', script: 'd' }] },
            },
          },
        ],
      },
    ],
  };
  expect(renewLesson(older)).toEqual(lesson);
  expect(renewLesson(lesson)).toBe(lesson);
});
