import { expect, test } from 'vitest';
import { parseLesson } from '../../format/parse.ts';
import { compatibilityReport, Notes } from './imported.ts';
import { importPwd } from './pwd.ts';

const hub = new Map([
  ['docker.io/library/nginx', ['latest', '1.26']],
  ['docker.io/library/alpine', ['latest']],
]);

const LAB = `---
layout: post
title: "Docker images, deeper"
author: "@somebody"
tags: [linux, developer]
terms: 2
---

Some words first.

* TOC
{:toc}

## <a name="one"></a>Run it {#run}

1. Start a server:

    \`\`\`.term1
    docker run -d -p 80:80 nginx:1.26
    \`\`\`

2. Another terminal:

\`\`\`.term2
docker ps --format '{{ "{{.Names}}" }}'
\`\`\`

{% raw %}
\`\`\`
docker inspect --format '\\{\\{.State\\}\\}' web
\`\`\`
{: .term1}
{% endraw %}

\`\`\`dockerfile
FROM alpine
RUN apk add curl
\`\`\`

Open [the page](/){:data-term=".term1"}{:data-port="80"}, read [more](/docs/more) and [Docker](https://docs.docker.com/){:target="_blank"}.

![The picture](/images/x.png)

## Run it

\`\`\`.term1
docker run --rm -it -v /tmp:/tmp mongo:7 bash
docker run alpine:3.1 true
\`\`\`

## Quiz

{:.quiz}
What is an image?
- [ ] A process
- [x] Layers and a configuration

{:.quiz}
Which are commands?
- (x) docker ps
- ( ) docker fly
`;

const imported = importPwd(LAB, '2017-09-25-docker-images.markdown', hub);

test('a lab becomes a lesson of our format', () => {
  const lesson = parseLesson(imported.lesson, 'lesson.md');
  expect(lesson).toMatchObject({
    id: 'docker-images',
    title: 'Docker images, deeper',
    author: '@somebody',
    images: ['alpine:latest', 'nginx:1.26'],
    nodes: 2,
  });
  expect(lesson.steps.map(({ title }) => title)).toEqual([
    'Before you begin',
    'Run it',
    'Run it (2)',
    'Quiz',
  ]);
  const blocks = lesson.steps.flatMap((step) => step.blocks);
  expect(blocks.filter(({ kind }) => kind === 'run')).toEqual([
    { kind: 'run', command: 'docker run -d -p 80:80 nginx:1.26', mode: 'run', node: 'node1' },
    { kind: 'run', command: "docker ps --format '{{.Names}}'", mode: 'run', node: 'node2' },
    { kind: 'run', command: "docker inspect --format '{{.State}}' web", mode: 'run', node: 'node1' },
    {
      kind: 'run',
      command: 'docker run --rm -it -v /tmp:/tmp mongo:7 bash\ndocker run alpine:3.1 true',
      mode: 'run',
      node: 'node1',
    },
  ]);
  expect(blocks.filter(({ kind }) => kind === 'quiz')).toMatchObject([
    { quiz: { id: 'quiz-1', options: [{ html: 'A process', right: false }, { right: true }] } },
    { quiz: { id: 'quiz-2', options: [{ right: true }, { right: false }] } },
  ]);
});

test('nothing is dropped without a word', () => {
  const report = compatibilityReport(imported, 'x.md');
  for (const line of [
    'front matter `layout: "post"`',
    'kramdown `{:toc}`',
    'HTML `<a name="one">`',
    'kramdown `{:target="_blank"}`',
    'link to `/docs/more`; its text stays',
    'link to port 80: said as a command',
    'picture /images/x.png',
    'a code block in a list or quotation stands behind it now',
    'the name `{#run}`',
    ': mongo:7',
    ': alpine:3.1; it has the tags latest',
    '`RUN apk add curl`',
    'the explanation of quiz-2',
  ])
    expect(report).toContain(line);
});

test('notes name the line', () => {
  const at = (text: string) => imported.notes.find((note) => note.text.startsWith(text))?.line;
  const line = (text: string) => LAB.split('\n').findIndex((each) => each.includes(text)) + 1;
  expect(at('mongo:7')).toBe(line('mongo:7'));
  expect(at('picture')).toBe(line('/images/x.png'));
  expect(at('`RUN apk')).toBe(line('RUN apk'));
});

/** The lesson and the report of a lab with this text. */
function importText(text: string) {
  const result = importPwd(text, 'lab.md', hub);
  const report = compatibilityReport(result, 'lab.md');
  return { text: result.lesson, report, lesson: parseLesson(result.lesson, 'lesson.md') };
}

test('what stands right behind a command is its output', () => {
  const { lesson } = importText(
    '## S\n```.term1\ndocker ps\n```\n```\nNAMES\n```\nSo:\n```\ndocker pull gone\n```\n',
  );
  expect(lesson.steps[0]?.blocks).toMatchObject([
    { kind: 'run', command: 'docker ps' },
    { kind: 'output', text: 'NAMES' },
    { kind: 'html' },
  ]);
});

test('each terminal is a machine of its own', () => {
  const { lesson, text, report } = importText(
    '## S\n\n```.term1\nls\n```\n\n```.term3\nls\n```\n\n```.term6\nls\n```\n\nSee [it](/){:data-term=".term2"}{:data-port="80"}.\n',
  );
  expect(lesson.nodes).toBe(3);
  expect(lesson.steps[0]?.blocks).toMatchObject([{ node: 'node1' }, { node: 'node3' }, { kind: 'html' }]);
  expect(text).toContain('`curl http://node2:80`');
  expect(report).toContain('terminal 6: there are five machines');
});

test('a quiz may have its brackets escaped, or a word to type; text goes on behind it', () => {
  const { lesson, report } = importText(
    '## Q\n\n{:.quiz}\nFirst?\n- \\[x\\] a\n- \\[ \\] b\n\n{:.quiz}\nType what?\n> this\n\nOne.\n\nTwo.\n\n{:.quiz}\nAll?\n- (x) a\n- (x) b\n- ( ) c\n\n{:.quiz}\nNone?\n\n## End\n',
  );
  expect(lesson.steps[0]?.blocks).toMatchObject([
    { quiz: { options: [{ html: 'a', right: true }, { right: false }] } },
    { quiz: { form: 'fill', answers: ['this'] } },
    { html: '<p>One.</p>\n<p>Two.</p>' },
    { quiz: { multiple: true } },
    { html: '<p>None?</p>' },
  ]);
  expect(report).toContain('a quiz without answers; its text stays');
  expect(lesson.steps[1]?.title).toBe('End');
});

test('a quiz that our format refuses is named', () => {
  const { notes } = importPwd('## Q\n\n{:.quiz}\nA?\n- [ ] b\n- [ ] c\n', 'lab.md', hub);
  expect(notes.map(({ text }) => text)).toContain('quiz-1 has no right option');
});

test('several links to ports in one sentence keep their distance', () => {
  const { text } = importText(
    '## S\n\nSee [one](/){:data-term=".term1"}{:data-port="80"} and [two](/){:data-port="81"}.\n',
  );
  expect(text).toContain(
    'See one (port 80: `curl http://localhost:80`) and two (port 81: `curl http://localhost:81`).',
  );
});

test('Jekyll’s own blocks of code are code, and its table of contents leaves no list', () => {
  const { text, report } = importText(
    '> * Contents\n> {:toc}\n\n## S\n\n{% highlight bash %}\nls\n{% endhighlight %}\n',
  );
  expect(text).toContain('```bash\nls\n```');
  expect(text).not.toContain('Contents');
  expect(report).toContain('lab.md:2: kramdown `{:toc}`');
});

test('parts without text are no empty steps', () => {
  const { lesson } = importText(
    '# Part #1\n\n## Begin\n\nText.\n\n# Part #2\n\nText.\n\nLast\n----\n\nText.\n',
  );
  expect(lesson.steps.map(({ title }) => title)).toEqual(['Part #1: Begin', 'Part #2', 'Last']);
});

test('the report says the same of several lines once', () => {
  const notes = new Notes();
  for (const line of [3, 5, 5]) notes.add('left out', 'a.md', line, 'a thing');
  expect(compatibilityReport({ id: 'x', lesson: '', notes: notes.all }, 'x')).toContain(
    '- a.md:3, 5: a thing\n',
  );
});
