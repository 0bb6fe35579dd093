import { expect, test } from 'vitest';
import { parseLesson } from '../../format/parse.ts';
import { compatibilityReport } from './imported.ts';
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
  });
  expect(lesson.steps.map(({ title }) => title)).toEqual([
    'Before you begin',
    'Run it',
    'Run it (2)',
    'Quiz',
  ]);
  const blocks = lesson.steps.flatMap((step) => step.blocks);
  expect(blocks.filter(({ kind }) => kind === 'run')).toEqual([
    { kind: 'run', command: 'docker run -d -p 80:80 nginx:1.26', mode: 'run', terminal: 1 },
    { kind: 'run', command: "docker ps --format '{{.Names}}'", mode: 'run', terminal: 2 },
    { kind: 'run', command: "docker inspect --format '{{.State}}' web", mode: 'run', terminal: 1 },
    {
      kind: 'run',
      command: 'docker run --rm -it -v /tmp:/tmp mongo:7 bash\ndocker run alpine:3.1 true',
      mode: 'run',
      terminal: 1,
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
    'front matter `terms: 2`',
    'kramdown `{:toc}`',
    'HTML `<a name="one">`',
    'kramdown `{:target="_blank"}`',
    'link to `/docs/more`; its text stays',
    'link to port 80: said as a command',
    'picture /images/x.png',
    'a code block in a list stands behind it now',
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
