import { expect, test } from 'vitest';
import { placeFiles } from './file.ts';
import { toHtml } from './html.ts';
import type { Block } from './lesson.ts';
import { parseMarkdown } from './markdown.ts';
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
    version: 1,
    track: 'Labs',
    nodes: 1,
    memory: 'standard',
    prerequisites: [],
    values: [],
    pictures: [],
    steps: [
      {
        id: 'first-things',
        title: 'First things',
        blocks: [
          { kind: 'html', html: '<p>Look at <code>busybox:latest</code>.</p>' },
          { kind: 'run', command: 'docker image ls', mode: 'run', terminal: 2 },
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
              needs: [],
              optional: false,
              init: [],
              check: [{ kind: 'script', node: 'node1', script: 'exit 1' }],
              hints: [
                { html: '<p>Ask <strong>Docker</strong>.</p>' },
                { html: '<p>Type <code>docker run hello-world</code>.</p>' },
              ],
              solution: [{ kind: 'script', node: 'node1', script: 'docker run hello-world' }],
              mutations: [
                {
                  name: 'only made, not started',
                  actions: [{ kind: 'script', node: 'node1', script: 'docker create hello-world' }],
                },
              ],
            },
          },
        ],
      },
    ],
  });
});

test('lines may end as on Windows', () => {
  const source = `${front}\n## Step\n\n${task}`;
  expect(parseLesson(source.replaceAll('\n', '\r\n'), 'try.md')).toEqual(parseLesson(source, 'try.md'));
});

test('colons in running text stay as they were written', () => {
  expect(blocks('Open localhost:8080, image busybox:latest, `a:b`.')).toEqual([
    { kind: 'html', html: '<p>Open localhost:8080, image busybox:latest, <code>a:b</code>.</p>' },
  ]);
});

test('links open a new tab', () => {
  expect(blocks('A [good][1] [page](#/images).\n\n[1]: https://docs.docker.com/')).toEqual([
    {
      kind: 'html',
      html: '<p>A <a href="https://docs.docker.com/" target="_blank" rel="noopener">good</a> <a href="#/images" target="_blank" rel="noopener">page</a>.</p>',
    },
  ]);
});

test('HTML and links to elsewhere are refused; even if they were not, they would be dropped', () => {
  const body =
    'A <b onclick="x()">b</b> [bad](javascript:x) [good][1]\n\n<script>x()</script>\n\n<!-- note -->\n\n[1]: data:text/html,x';
  expect(bodyProblems(body)).toEqual([
    '13:3 HTML cannot be used, write Markdown in the place of <b onclick="x()">',
    '13:21 HTML cannot be used, write Markdown in the place of </b>',
    '13:26 expected a link to https://… or to a page of the app, as #/images, found “javascript:x”',
    '15:1 HTML cannot be used, write Markdown in the place of <script>x()</script>',
    '19:1 expected a link to https://… or to a page of the app, as #/images, found “data:text/html,x”',
  ]);
  expect(toHtml(parseMarkdown(body).children)).toBe(
    '<p>A b <a target="_blank" rel="noopener">bad</a> <a target="_blank" rel="noopener">good</a></p>',
  );
});

test('a click on a command may do something else than run it', () => {
  expect(blocks('```run paste\na\n```\n```run interrupt terminal=1\nb\n```\n```run copy\nc\n```')).toEqual([
    { kind: 'run', command: 'a', mode: 'paste' },
    { kind: 'run', command: 'b', mode: 'interrupt', terminal: 1 },
    { kind: 'run', command: 'c', mode: 'copy' },
  ]);
});

test('a command takes values from the machine', () => {
  const body = '```value web\ndocker ps -q\n```\n```run\ndocker logs @{web}\n```';
  const { steps, values } = parseLesson(`${front}\n## Step\n\n${body}`, 'try.md');
  expect(values).toEqual([{ name: 'web', node: 'node1', script: 'docker ps -q' }]);
  expect(steps[0]?.blocks).toEqual([{ kind: 'run', command: 'docker logs @{web}', mode: 'run' }]);
});

test('asides and tabs hold blocks of their own', () => {
  const body = `::::aside[Why *so*?]
Because.

\`\`\`run
ls
\`\`\`
::::

::::tabs
:::tab[One]
1
:::
:::tab[Two]
2
:::
::::`;
  expect(blocks(body)).toEqual([
    {
      kind: 'aside',
      title: 'Why so?',
      blocks: [
        { kind: 'html', html: '<p>Because.</p>' },
        { kind: 'run', command: 'ls', mode: 'run' },
      ],
    },
    {
      kind: 'tabs',
      tabs: [
        { label: 'One', blocks: [{ kind: 'html', html: '<p>1</p>' }] },
        { label: 'Two', blocks: [{ kind: 'html', html: '<p>2</p>' }] },
      ],
    },
  ]);
});

test('pictures are files of the lesson', () => {
  const lesson = parseLesson(`${front}\n## Step\n\n![A bridge](./net/bridge.svg)`, 'try.md');
  expect(lesson.pictures).toEqual(['net/bridge.svg']);
  expect(lesson.steps[0]?.blocks).toEqual([
    { kind: 'html', html: '<p><img src="lesson-file:net/bridge.svg" alt="A bridge" loading="lazy"></p>' },
  ]);
  expect(placeFiles(JSON.stringify(lesson), new Map([['net/bridge.svg', './x-1.svg']]))).toContain(
    'src=\\"./x-1.svg\\"',
  );
});

test('a task may wait for others, be optional, be timed, and have hints for some answers only', () => {
  const more = task
    .replace('{#hello}', '{#more needs="hello" optional minutes=5}')
    .replace('exit 1', 'exit 2')
    .replace('```solution', '```init\ntouch /x\n```\n\n:::hint{when="no image"}\nPull.\n:::\n\n```solution');
  expect(blocks(`${task}\n${more}`)[1]).toMatchObject({
    task: {
      id: 'more',
      needs: ['hello'],
      optional: true,
      minutes: 5,
      init: [{ kind: 'script', node: 'node1', script: 'touch /x' }],
      hints: [{}, {}, { html: '<p>Pull.</p>', when: 'no image' }],
    },
  });
});

const twoNodes = front.replace('minutes: 5', 'minutes: 5\nnodes: 2');

test('in a lesson with several nodes each command and script has its node', () => {
  const body = `
\`\`\`value id node=node2
hostname
\`\`\`

\`\`\`run
a
\`\`\`

\`\`\`run node=node2 terminal=3
b
\`\`\`

\`\`\`run copy
c
\`\`\`

\`\`\`fault
cut-power node2
pause node1
\`\`\`

\`\`\`fault Make it dark
cut-power node2
\`\`\`

${task
  .replace('{#hello}', '{#hello node=node2}')
  .replace('```solution', '```init node=node1\ni\n```\n\n```check fault\nnode2 is off\n```\n\n```solution')
  .replace(
    '```mutation',
    '```solution fault\nunplug node2\n```\n\n```mutation fault only made, not started\nplug node2\n```\n\n```mutation node=node1',
  )}`;
  const { steps, values } = parseLesson(`${twoNodes}\n## Step\n${body}`, 'try.md');
  const on = (node: string, script: string) => ({ kind: 'script', node, script });
  expect(values).toMatchObject([{ name: 'id', node: 'node2' }]);
  expect(steps[0]?.blocks).toMatchObject([
    { command: 'a', node: 'node1' },
    { command: 'b', node: 'node2', terminal: 3 },
    { kind: 'run', command: 'c', mode: 'copy' },
    { kind: 'fault', label: 'Pull the plug of node2, Pause node1', faults: [{}, { fault: 'pause' }] },
    { kind: 'fault', label: 'Make it dark' },
    {
      task: {
        init: [on('node1', 'i')],
        check: [on('node2', 'exit 1'), { kind: 'conditions', conditions: [{ node: 'node2', state: 'off' }] }],
        solution: [
          on('node2', 'docker run hello-world'),
          { kind: 'faults', faults: [{ fault: 'unplug', node: 'node2' }] },
        ],
        mutations: [
          {
            name: 'only made, not started',
            actions: [
              { kind: 'faults', faults: [{ fault: 'plug', node: 'node2' }] },
              on('node1', 'docker create hello-world'),
            ],
          },
        ],
      },
    },
  ]);
  expect(steps[0]?.blocks[2]).not.toHaveProperty('node');
});

test.each([
  [
    'a node that the lesson does not have',
    '```run node=node3\nls\n```',
    '14:1 there is no node3: the lesson has 2 nodes, node1, node2; expected a larger number under “nodes”',
  ],
  [
    'a node that no lesson has',
    '```run node=node9\nls\n```',
    '14:1 run: “node”: must be one of node1, node2, node3, node4, node5',
  ],
  [
    'a fault of a node that the lesson does not have',
    '```fault\nunplug node4\n```',
    '14:1 there is no node4',
  ],
  [
    'an unknown fault',
    '```fault\nplug node1\nexplode node2\n```',
    '16:1 “explode node2”: unknown fault “explode”: expected one of cut-power,',
  ],
  ['an empty fault', '```fault\n```', '14:1 expected a fault, as in cut-power node2, in the block'],
  [
    'an unknown state',
    task.replace('```check\nexit 1', '```check fault\nnode1 is dead'),
    '18:1 “node1 is dead”: unknown state “dead”',
  ],
  [
    'a fault in a check',
    task.replace('```check\nexit 1', '```check fault\nunplug node1'),
    '18:1 “unplug node1”: expected a node first',
  ],
  [
    'a node of a block of faults',
    task.replace('```solution\ndocker run hello-world', '```solution fault node=node2\nunplug node1'),
    'solution: the lines of a fault block name their nodes themselves',
  ],
  [
    'an unknown word',
    task.replace('```check', '```check quickly'),
    '17:1 check: unknown word “quickly”: expected fault, or node=NAME',
  ],
  ['a value of another node', '```value a node=node3\nls\n```', '14:1 there is no node3'],
  ['a task on another node', task.replace('{#hello}', '{#hello node=node3}'), '14:1 there is no node3'],
])('problem of nodes: %s', (_name, body, expected) => {
  expect(problems(`${twoNodes}\n## Step\n\n${body}`).join('\n')).toContain(expected);
});

const quiz = (answers: string, attributes = '{#q}') => `::::quiz${attributes}
Which?

${answers}

:::explanation
So.
:::
::::`;
const parts = { id: 'q', question: '<p>Which?</p>', explanation: '<p>So.</p>' };

test.each([
  [
    '- [ ] `a`\n- [x] b',
    {
      form: 'choice',
      multiple: false,
      options: [
        { html: '<code>a</code>', right: false },
        { html: 'b', right: true },
      ],
    },
  ],
  [
    '- [x] a\n- [x] b\n- [ ] c',
    {
      form: 'choice',
      multiple: true,
      options: [
        { html: 'a', right: true },
        { html: 'b', right: true },
        { html: 'c', right: false },
      ],
    },
  ],
  ['1. a\n2. b', { form: 'order', items: ['a', 'b'] }],
  [
    '```answer\ndocker ps\ndocker container ls\n```',
    { form: 'fill', answers: ['docker ps', 'docker container ls'] },
  ],
])('a quiz: %j', (answers, form) => {
  expect(blocks(quiz(answers))).toEqual([{ kind: 'quiz', quiz: { ...parts, ...form } }]);
});

test('one right answer of a quiz need not show that it is the only one', () => {
  expect(blocks(quiz('- [x] a\n- [ ] b', '{#q multiple}'))).toMatchObject([{ quiz: { multiple: true } }]);
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
    '1:1 front matter: “summary” is missing (one or two sentences that say what the reader will learn)',
    '2:5 front matter: “id”: must be lower-case letters, digits and single hyphens (the name of the lesson’s folder, for example first-container)',
    '4:10 front matter: “minutes”: Invalid input: expected number, received string (whole minutes that a beginner needs for the lesson)',
    '5:1 front matter: unknown name “lisence”: expected one of id, title, summary, version, track, domain, minutes, prerequisites, author, licence, images, nodes, memory',
    '10:1 expected a step to begin first: ## and its title',
    '14:1 :::hint belongs inside a task',
    '18:1 unknown kind of code block “ouput”: expected one of run, output, value, fault, init, check, solution, mutation, answer, bash, dockerfile, json, yaml, text',
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
  ['an attribute that run does not know', '```run nodes=2\nls\n```', '13:1 run: unknown word “nodes=2”'],
  ['a terminal that is none', '```run terminal=9\nls\n```', '13:1 run: “terminal”'],
  ['an empty command', '```run\n```', '13:1 expected a command'],
  ['a command in a list', '- do\n\n  ```run\n  ls\n  ```', '15:3 a run block cannot stand here'],
  ['a check outside a task', '```check\ntrue\n```', '13:1 the check block belongs inside a task'],
  [
    'an unknown block',
    ':::notice\nx\n:::',
    '13:1 unknown block :::notice: expected one of task, quiz, aside, tabs, note',
  ],
  [
    'a picture from elsewhere',
    '![x](https://example.org/y.png)',
    '13:1 expected a picture in the lesson’s folder',
  ],
  ['a picture out of the folder', '![x](../y.png)', '13:1 expected a picture in the lesson’s folder'],
  ['a picture that says nothing', '![](y.png)', '13:1 expected between [ and ] what is on the picture'],
  ['a value that is not there', '```run\necho @{id}\n```', '13:1 @{id} stands for no value'],
  ['a value of no name', '```value\nls\n```', '13:1 value: “name”'],
  ['two values of one name', '```value a\nls\n```\n```value a\nls\n```', '16:1 expected another name'],
  ['a task that waits for none', task.replace('{#hello}', '{#hello needs="nix"}'), 'there is no task {#nix}'],
  ['a task that waits for itself', task.replace('{#hello}', '{#hello needs="hello"}'), 'can never open'],
  [
    'tasks that wait for each other',
    `${task.replace('{#hello}', '{#a needs="b"}')}\n${task.replace('{#hello}', '{#b needs="a"}')}`,
    '13:1 task: “needs”: the task can never open, since {#b} waits for it',
  ],
  ['a task in an aside', `:::::aside[x]\n${task}:::::`, '14:1 a task cannot stand in an aside or tab'],
  ['an aside without a title', ':::aside\nx\n:::', '13:1 expected a title'],
  ['notes in an aside', '::::aside[x]\n:::notes\nx\n:::\n::::', '14:1 :::notes stands in a step itself'],
  [
    'notes in a tab',
    '::::tabs\n:::tab[A]\nx\n:::\n::::tab[B]\n:::notes\nx\n:::\n::::\n::::',
    ':::notes stands in a step itself',
  ],
  ['notes in a callout', '::::tip\n:::notes\nx\n:::\n::::', '14:1 :::notes cannot stand here'],
  ['notes in a list', '- x\n\n  :::notes\n  x\n  :::', '15:3 :::notes cannot stand here'],
  ['notes in a task', task.replace(':::hint', ':::notes'), 'unknown block :::notes in a task'],
  ['empty notes', ':::notes\n:::', '13:1 expected text in the :::notes'],
  ['notes with a title', ':::notes[Ask]\nx\n:::', '13:1 expected :::notes without a title'],
  ['a command in notes', ':::notes\n```run\nls\n```\n:::', '14:1 a run block cannot stand here'],
  ['one tab', '::::tabs\n:::tab[A]\nx\n:::\n::::', '13:1 expected at least two :::tab'],
  ['text among tabs', '::::tabs\nx\n:::tab[A]\nx\n:::\n:::tab[B]\nx\n:::\n::::', '14:1 expected only :::tab'],
  ['a stray tab', ':::tab[A]\nx\n:::', '13:1 :::tab belongs inside :::tabs'],
  ['a quiz without answers', quiz(''), 'in a quiz, found 0'],
  ['a quiz with two kinds', quiz('- [x] a\n- [ ] b\n\n1. a\n2. b'), 'in a quiz, found 2'],
  ['a quiz where all is right', quiz('- [x] a\n- [x] b'), 'expected at least one wrong answer'],
  ['a quiz where nothing is right', quiz('- [ ] a\n- [ ] b'), 'expected at least one right answer'],
  ['a quiz without a box', quiz('- [x] a\n- b'), '17:1 expected - [ ] or - [x] before an answer'],
  ['a quiz without a name', quiz('- [x] a\n- [ ] b', ''), '13:1 quiz: “id”'],
  [
    'a quiz of a task’s name',
    `${task}\n${quiz('- [x] a\n- [ ] b', '{#hello}')}`,
    'expected another name: {#hello}',
  ],
  ['an answer outside a quiz', '```answer\nx\n```', '13:1 the answer block belongs inside a quiz'],
  [
    'hints only for some',
    task.replaceAll(':::hint', ':::hint{when="x"}'),
    'at least one :::hint in the task, without “when”',
  ],
  ['two tasks of one name', `${task}\n${task}`, '37:1 expected another name'],
  ['a task without a name', task.replace('{#hello}', ''), '13:1 task: “id”'],
  [
    'a task without a check',
    task.replace('```check', '```bash'),
    'expected a check block in the task, found none',
  ],
  ['a task without hints', task.replaceAll(/:::hint\n.*\n:::\n/g, ''), '13:1 expected at least one :::hint'],
  [
    'a space before the name of a block',
    '::: note\nWords.\n:::',
    'expected no space between ::: and the name',
  ],
  [
    'a block that is none in a task',
    task.replace(':::hint', ':::hnit'),
    'unknown block :::hnit in a task: expected :::hint',
  ],
  ['a task with too few colons', task.replaceAll('::::', ':::'), 'a ::: here closes nothing'],
  ['a task that is never closed', `${task.replace(/::::\n$/, '')}\n## Next`, 'a heading inside a task'],
  ['a mutation without a name', task.replace(' only made, not started', ''), 'expected after “mutation”'],
  ['text after the title', task.replace(':::hint', 'More text.\n\n:::hint'), '20:1 expected only hints'],
])('problem: %s', (_name, body, expected) => {
  expect(bodyProblems(body).join('\n')).toContain(expected);
});
