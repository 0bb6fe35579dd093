import { expect, test } from 'vitest';
import type { Block } from './lesson.ts';
import { parseLesson } from './parse.ts';
import { LessonError } from './problem.ts';

const front = `---
id: try
title: Try it
summary: A lesson for tests.
minutes: 5
author: Nobody
licence: MIT
images: ['busybox:latest']
---
`;

const task = `::::task{#hello}
Run the image \`hello-world\`.

\`\`\`check
exit 1
\`\`\`

:::hint
Ask **Docker**.
:::

:::hint
Type \`docker run hello-world\`.
:::

\`\`\`solution
docker run hello-world
\`\`\`

\`\`\`mutation only made, not started
docker create hello-world
\`\`\`
::::
`;

/** The blocks of a lesson of one step with `body` in it. */
function blocks(body: string): Block[] {
  return parseLesson(`${front}\n## Step\n\n${body}`, 'try.md').steps[0]?.blocks ?? [];
}

/** The problems of `source`, as line:column message. */
function problems(source: string): string[] {
  try {
    parseLesson(source, 'try.md');
  } catch (error) {
    if (!(error instanceof LessonError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

/** The problems of a step with `body`, whose first line is line 13 of the file. */
function bodyProblems(body: string): string[] {
  return problems(`${front}\n## Step\n\n${body}`);
}

test('a lesson is plain data: front matter, steps and blocks in order', () => {
  const body = `
## First *things*

Look at \`busybox:latest\`.

\`\`\`run terminal=2
docker image ls
\`\`\`

\`\`\`output
busybox
\`\`\`

:::tip
Wait.
:::

## Second

${task}`;
  const lesson = parseLesson(front + body, 'try.md');
  expect(JSON.parse(JSON.stringify(lesson))).toEqual(lesson);
  expect(lesson).toEqual({
    id: 'try',
    title: 'Try it',
    summary: 'A lesson for tests.',
    minutes: 5,
    author: 'Nobody',
    licence: 'MIT',
    images: ['busybox:latest'],
    steps: [
      {
        id: 'first-things',
        title: 'First things',
        blocks: [
          { kind: 'html', html: '<p>Look at <code>busybox:latest</code>.</p>' },
          { kind: 'run', command: 'docker image ls', terminal: 2 },
          { kind: 'output', text: 'busybox' },
          { kind: 'callout', tone: 'tip', html: '<p>Wait.</p>' },
        ],
      },
      {
        id: 'second',
        title: 'Second',
        blocks: [
          {
            kind: 'task',
            task: {
              id: 'hello',
              title: 'Run the image <code>hello-world</code>.',
              check: 'exit 1',
              hints: [
                '<p>Ask <strong>Docker</strong>.</p>',
                '<p>Type <code>docker run hello-world</code>.</p>',
              ],
              solution: 'docker run hello-world',
              mutations: [{ name: 'only made, not started', script: 'docker create hello-world' }],
            },
          },
        ],
      },
    ],
  });
});

test('colons in running text stay as they were written', () => {
  expect(blocks('Open localhost:8080, image busybox:latest, `a:b`.')).toEqual([
    { kind: 'html', html: '<p>Open localhost:8080, image busybox:latest, <code>a:b</code>.</p>' },
  ]);
});

test('HTML and dangerous links are dropped, others open a new tab', () => {
  const [block] = blocks(
    'A <b onclick="x()">b</b> [bad](javascript:x) [good][1]\n\n<script>x()</script>\n\n[1]: https://docs.docker.com/',
  );
  expect(block).toEqual({
    kind: 'html',
    html: '<p>A b <a target="_blank" rel="noopener">bad</a> <a href="https://docs.docker.com/" target="_blank" rel="noopener">good</a></p>',
  });
});

test('code gets colours for both themes', () => {
  const [block] = blocks('```bash\necho "hi" # <there>\n```');
  expect(block?.kind === 'html' && block.html).toMatch(/^<pre class="shiki.*--shiki-light:.*--shiki-dark:/);
});

test('all problems are told at once, in the order of the file', () => {
  const source = `---
id: Try It
title: Try
minutes: many
lisence: MIT
author: me
licence: MIT
---

Text too early.

## One

:::hint
Stray.
:::

\`\`\`ouput
x
\`\`\`

## One
`;
  expect(problems(source)).toEqual([
    '1:1 front matter: “summary”: Invalid input: expected string, received undefined (one or two sentences that say what the reader will learn)',
    '2:5 front matter: “id”: must be lower-case letters, digits and single hyphens (the name of the lesson’s folder, for example first-container)',
    '4:10 front matter: “minutes”: Invalid input: expected number, received string (whole minutes that a beginner needs for the lesson)',
    '5:1 front matter: unknown name “lisence”: expected one of id, title, summary, minutes, author, licence, images',
    '10:1 expected a step to begin first: ## and its title',
    '14:1 a hint belongs inside a task',
    '18:1 unknown kind of code block “ouput”: expected one of run, output, check, solution, mutation, bash, dockerfile, json, yaml, text',
    '22:1 expected another title: a step before has the same name “one”',
  ]);
});

test('the message of the error names the file', () => {
  expect(() => parseLesson('# Nothing', 'lessons/x/lesson.md')).toThrow(
    'lessons/x/lesson.md:1:1: expected front matter: YAML between two lines of ---\nlessons/x/lesson.md:1:1: the title stands in the front matter',
  );
});

test.each([
  ['an unclosed quotation in YAML', '---\nid: try\ntitle: "x\n---\n## A\n', /^3:10 expected valid YAML/],
  ['an empty file', '', /^1:1 expected front matter/],
  ['no steps', front, /^1:1 expected at least one step/],
])('problem: %s', (_name, source, expected) => {
  expect(problems(source).join('\n')).toMatch(expected);
});

test.each([
  ['an attribute that run does not know', '```run node=2\nls\n```', '13:1 run: unknown name “node”'],
  ['a terminal that is none', '```run terminal=9\nls\n```', '13:1 run: “terminal”'],
  ['an empty command', '```run\n```', '13:1 expected a command'],
  ['a command in a list', '- do\n\n  ```run\n  ls\n  ```', '15:3 a run block cannot stand here'],
  ['a check outside a task', '```check\ntrue\n```', '13:1 a check block belongs inside a task'],
  ['an unknown block', ':::notice\nx\n:::', '13:1 unknown block :::notice: expected one of task, note'],
  ['an image', '![x](y.png)', '13:1 images cannot be used'],
  ['two tasks of one name', `${task}\n${task}`, '37:1 expected another name'],
  ['a task without a name', task.replace('{#hello}', ''), '13:1 task: “id”'],
  [
    'a task without a check',
    task.replace('```check', '```bash'),
    'expected one check block in the task, found 0',
  ],
  ['a task without hints', task.replaceAll(/:::hint\n.*\n:::\n/g, ''), '13:1 expected at least one :::hint'],
  ['a task with too few colons', task.replaceAll('::::', ':::'), 'a ::: here closes nothing'],
  ['a task that is never closed', `${task.replace(/::::\n$/, '')}\n## Next`, 'a heading inside a task'],
  ['a mutation without a name', task.replace(' only made, not started', ''), 'expected after “mutation”'],
  ['text after the title', task.replace(':::hint', 'More text.\n\n:::hint'), '20:1 expected only hints'],
])('problem: %s', (_name, body, expected) => {
  expect(bodyProblems(body).join('\n')).toContain(expected);
});
