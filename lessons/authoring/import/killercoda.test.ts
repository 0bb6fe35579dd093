import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lessonTasks } from '../../format/lesson.ts';
import { parseLesson } from '../../format/parse.ts';
import { compatibilityReport } from './imported.ts';
import { importKillercoda } from './killercoda.ts';

const root = mkdtempSync(join(tmpdir(), 'drydock-killercoda-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const hub = new Map([['docker.io/library/nginx', ['latest']]]);

const FILES: Record<string, string> = {
  'index.json': JSON.stringify({
    title: 'Volumes',
    description: 'Keep data.',
    difficulty: 'beginner',
    time: '15 minutes',
    details: {
      intro: { text: 'intro.md', background: 'setup.sh' },
      steps: [
        { title: 'Make one', text: 'one/text.md', verify: 'one/verify.sh', foreground: 'one/start.sh' },
        { title: 'Use it', text: 'two.md', verify: 'two.sh' },
        { title: 'Gone', text: 'nowhere.md' },
      ],
      finish: { text: 'finish.md' },
      assets: { host01: [{ file: 'app.py', target: '/root', chmod: '+x' }] },
    },
    backend: { imageid: 'ubuntu' },
  }),
  'intro.md': '# Hello\n\nNice.\n',
  'setup.sh': '#!/bin/bash\nsleep 5\napt-get install -y jq\n',
  'one/text.md':
    'Run `docker volume create v`{{exec}} now.\n\n```\ndocker logs -f web\n```{{exec interrupt}}\n\n```plain\ncopy me\n```{{copy}}\n\n`docker ps`{{execute T2}}\n\n[Open]({{TRAFFIC_HOST1_8080}})\n',
  'one/verify.sh': '#!/bin/bash\ndocker volume inspect v\n',
  'one/start.sh': 'mkdir -p /root/x\n',
  'two.md': '```bash\ndocker run -d nginx\ndocker run -d redis\n```{{exec}}\n',
  'two.sh': 'sleep 3\necho done\n',
  'finish.md': 'Bye.\n',
};
for (const [path, text] of Object.entries(FILES)) {
  const file = join(root, 'volumes-lab', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const imported = importKillercoda(join(root, 'volumes-lab'), hub);

test('a scenario becomes a lesson of our format', () => {
  const lesson = parseLesson(imported.lesson, 'lesson.md');
  expect(lesson).toMatchObject({
    id: 'volumes-lab',
    title: 'Volumes',
    minutes: 15,
    images: ['nginx:latest'],
  });
  expect(lesson.steps.map(({ title }) => title)).toEqual([
    'Introduction',
    'Make one',
    'Use it',
    'Gone',
    'Finish',
  ]);
  const runs = lesson.steps.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'run'));
  expect(runs).toEqual([
    { kind: 'run', command: 'docker volume create v', mode: 'run' },
    { kind: 'run', command: 'docker logs -f web', mode: 'interrupt' },
    { kind: 'run', command: 'copy me', mode: 'copy' },
    { kind: 'run', command: 'docker ps', mode: 'run', terminal: 2 },
    { kind: 'run', command: 'docker run -d nginx\ndocker run -d redis', mode: 'run' },
  ]);
  expect(lessonTasks(lesson)).toMatchObject([
    {
      id: 'step-1',
      init: 'mkdir -p /root/x',
      check: expect.stringContaining('docker volume inspect v') as string,
      solution: 'docker volume create v\ndocker logs -f web\ndocker ps',
    },
    { id: 'step-2', solution: 'docker run -d nginx\ndocker run -d redis' },
  ]);
});

test('nothing is dropped without a word', () => {
  const report = compatibilityReport(imported, 'volumes-lab');
  for (const line of [
    '`difficulty: "beginner"`',
    '`backend: {"imageid":"ubuntu"}`',
    'asset app.py of host01 goes to /root with mode +x',
    'nowhere.md is not there',
    'scripts that begin intro',
    '`apt-get install -y jq`',
    'setup.sh: the background script',
    'two.sh: the check of step-2',
    'two.md:3: redis',
    'one/text.md:11: a command within the line stands behind it now',
    'link to port 8080: http://localhost:8080',
  ])
    expect(report).toContain(line);
  const vacuous = imported.notes.filter(({ kind }) => kind === 'vacuous').map(({ file }) => file);
  expect(vacuous).toEqual(['two.sh']);
});

test('what is no scenario is refused with a reason', () => {
  expect(() => importKillercoda(root, hub)).toThrow('There is no index.json in');
});
