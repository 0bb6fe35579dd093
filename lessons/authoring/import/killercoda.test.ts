import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lessonTasks, scriptsIn } from '../../format/lesson.ts';
import { parseLesson } from '../../format/parse.ts';
import { compatibilityReport, type Imported } from './imported.ts';
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
/** Imports a scenario named `name` of these files. */
function importFiles(name: string, files: Record<string, string>): Imported {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return importKillercoda(join(root, name), hub);
}

/** The lesson and the report of a scenario with one step. */
function importStep(files: Record<string, string>, step: object = {}, rest: object = {}) {
  const details = { steps: [{ title: 'Only', text: 'text.md', ...step }], ...rest };
  const imported = importFiles('one-step', {
    'index.json': JSON.stringify({ title: 'One', details }),
    'text.md': 'Text.',
    ...files,
  });
  const lesson = parseLesson(imported.lesson, 'lesson.md');
  return { lesson, report: compatibilityReport(imported, 'one-step'), text: imported.lesson };
}

const imported = importFiles('volumes-lab', FILES);

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
      init: [{ script: expect.stringContaining('(\nmkdir -p /root/x\n)\n') as string }],
      check: [{ script: expect.stringContaining('docker volume inspect v') as string }],
      solution: [{ script: 'docker volume create v\ndocker logs -f web\ndocker ps' }],
    },
    { id: 'step-2', solution: [{ script: 'docker run -d nginx\ndocker run -d redis' }] },
  ]);
});

test('nothing is dropped without a word', () => {
  const report = compatibilityReport(imported, 'volumes-lab');
  for (const line of [
    '`difficulty: "beginner"`',
    '`backend: {"imageid":"ubuntu"}`',
    'asset app.py of host01, which goes to /root: it is not there',
    'nowhere.md is not there',
    'setup.sh of intro runs when step-1 is first looked at',
    '`apt-get install -y jq`',
    'setup.sh: the background script',
    'two.sh: the check of step-2',
    'two.md:3: redis',
    'one/text.md:1: a command within the line stands behind its paragraph now',
    'link to port 8080: http://localhost:8080',
  ])
    expect(report).toContain(line);
  const vacuous = imported.notes.filter(({ kind }) => kind === 'vacuous').map(({ file }) => file);
  expect(vacuous).toEqual(['two.sh']);
});

test('what is no scenario is refused with a reason', () => {
  expect(() => importKillercoda(root, hub)).toThrow('There is no index.json in');
});

test('a command in the midst of a paragraph or list waits for its end, one that is the line takes its place', () => {
  const { text } = importStep({
    'text.md':
      'Type `one`{{exec}} and\nread on.\n\n- First `two`{{exec}}\n- second\n\n1. `three`{{exec}}\n2. `four`{{exec}}\n',
  });
  const run = (command: string) => `\`\`\`run\n${command}\n\`\`\`\n`;
  expect(text).toContain(
    `Type \`one\` and\nread on.\n\n${run('one')}\n- First \`two\`\n- second\n\n${run('two')}\n${run('three')}\n${run('four')}`,
  );
});

test('words behind code that our format does not have are named, and do not stay in the text', () => {
  const { lesson, report, text } = importStep({
    'text.md':
      '`a`{{}} `b`{{open}} `^C`{{execute ctrl-seq}} `d`{{frobnicate}}\n\n`e`{{execute no-newline}}\n\n`f`{{execute HOST2}}\n\n`g`{{copy}}{{exec}}\n\n```\nh\n``` {{execute T4}}\n\nUse `{{.Names}}`.\n',
  });
  expect(lesson.steps[0]?.blocks.filter(({ kind }) => kind === 'run')).toEqual([
    { kind: 'run', command: 'e', mode: 'paste', node: 'node1' },
    { kind: 'run', command: 'f', mode: 'run', node: 'node2' },
    { kind: 'run', command: 'g', mode: 'run', node: 'node1' },
    { kind: 'run', command: 'h', mode: 'run', node: 'node1' },
  ]);
  expect(text).toContain('`a` `b` `^C` `d`\n');
  expect(text).toContain('`{{.Names}}`');
  for (const line of [
    '`{{}}`: code can be copied everywhere',
    '`{{open}}` of `b`: there is no editor',
    '`{{execute ctrl-seq}}` of `^C`: a key',
    '`{{frobnicate}}` of `d`: no action of ours',
    'terminal 4: there are three',
  ])
    expect(report).toContain(line);
});

test('files to copy that are no bash are shown to be read', () => {
  const { lesson, report } = importStep({ 'text.md': '```json\n{ "a": (1) }\n```{{copy}}\n' });
  expect(lesson.steps[0]?.blocks.map(({ kind }) => kind)).toEqual(['html']);
  expect(report).toContain('text.md:1: `{{copy}}` of what is no command: its text stays');
});

test('folded text becomes an aside, and the commands of the solution the solution', () => {
  const { lesson } = importStep(
    {
      'text.md':
        'Try.\n\n`ls`{{exec}}\n\n<br>\n<details><summary>Solution</summary>\n<br>\n\n```\ntouch x\n```{{exec}}\n\n</details>\n',
      'verify.sh': 'test -f x\n',
    },
    { verify: 'verify.sh' },
  );
  expect(lesson.steps[0]?.blocks).toMatchObject([
    { kind: 'html' },
    { kind: 'run', command: 'ls' },
    { kind: 'aside', title: 'Solution', blocks: [{ kind: 'run', command: 'touch x' }] },
    { kind: 'task', task: { solution: [{ script: 'touch x' }] } },
  ]);
});

test('links to ports do not lead to the reader’s own computer', () => {
  const { text, report } = importStep({
    'text.md':
      'See [it]({{TRAFFIC_HOST1_80}}/a), {{TRAFFIC_HOST2_81}} or https://[[HOST_SUBDOMAIN]]-82-[[KATACODA_HOST]].environments.katacoda.com/b.\n\n`curl {{TRAFFIC_HOST1_83}} [[HOST_IP]]`{{exec}}\n',
  });
  expect(text).toContain(
    'See it (port 80: `curl http://localhost:80/a`), `http://node2:81` or `http://localhost:82/b`.',
  );
  expect(text).toContain('curl http://localhost:83 [[HOST_IP]]');
  expect(report).toContain('link to port 81: http://node2:81');
  expect(report).toContain('`[[HOST_IP]]` stands for what only the machine knows');
});

test('hosts are nodes: their commands, solutions and files stay theirs', () => {
  const { lesson } = importStep(
    {
      'text.md': '`a`{{exec}}\n\n`b`{{execute HOST2}}\n\n`c`{{execute HOST2}}\n',
      'verify.sh': 'true\n',
      'assets/x.txt': 'x\n',
    },
    { verify: 'verify.sh' },
    { assets: { host02: [{ file: 'x.txt', target: '/root' }] } },
  );
  expect(lesson.nodes).toBe(2);
  expect(lessonTasks(lesson)).toMatchObject([
    {
      init: [{ node: 'node2' }],
      check: [{ node: 'node1' }],
      solution: [
        { node: 'node1', script: 'a' },
        { node: 'node2', script: 'b\nc' },
      ],
    },
  ]);
});

/** Code 0 or another, as the check of the lesson's only task ends. */
function outcome(verify: string): number | null {
  const { lesson } = importStep({ 'verify.sh': verify }, { verify: 'verify.sh' });
  return spawnSync('bash', ['-c', scriptsIn(lessonTasks(lesson)[0]?.check ?? [])[0]?.script ?? '']).status;
}

test('a check heeds the set -e of its verify script, and can be empty', () => {
  expect(outcome('#!/bin/bash\nset -e\nfalse\necho done\n')).toBe(1);
  expect(outcome('set -e\ntrue\necho done\n')).toBe(0);
  expect(outcome('exit 3\n')).toBe(1);
  expect(outcome('# nothing\n')).toBe(0);
});

test('scripts before the first task begin it, those after the last are named', () => {
  const { lesson, report } = importStep(
    {
      'assets/lib/a.txt': 'x\n',
      'assets/b.md': '```\ny\n```',
      'assets/c.bin': '\0',
      'start.sh': '#!/bin/sh\nexit 4\n',
      'old.sh': 'touch old\n',
      'verify.sh': '#!/usr/bin/env python3\nprint(1)\n',
      'end.sh': 'true\n',
    },
    { verify: 'verify.sh' },
    {
      intro: { background: 'start.sh', courseData: 'old.sh', credits: 'me' },
      finish: { foreground: 'end.sh' },
      assets: { host01: [{ file: '**', target: '~/made', chmod: '+x' }] },
      more: 1,
    },
  );
  const init =
    scriptsIn(lessonTasks(lesson)[0]?.init ?? [])[0]?.script.replaceAll('/root/', `${root}/home/`) ?? '';
  const { status, stdout } = spawnSync('bash', [
    '-c',
    `cd ${root}; ${init}; cat home/made/b.md home/made/lib/a.txt old`,
  ]);
  expect(stdout.toString()).toBe('```\ny\n```\nx\n');
  expect(status).toBe(0);
  for (const line of [
    'asset ** of host01, which goes to ~/made: an init block writes b.md',
    'asset ** of host01, which goes to ~/made: c.bin is no text',
    'start.sh of intro runs when step-1 is first looked at',
    'end.sh of finish, after which no task comes to run it',
    'verify.sh:1: `#!/usr/bin/env python3`: write it in bash',
    'intro: `credits: "me"`',
    '`more: 1`',
  ])
    expect(report).toContain(line);
});

test('Katacoda’s files and questions are named', () => {
  const { report, text } = importStep({
    'text.md':
      '<pre class="file" data-filename="a.js">f(&#x22;x&#x22;);\n</pre>\n\n<pre>\n`ls`{{execute}}\n</pre>\n\n>>Q1: Which?<<\n(*) This\n( ) That\n',
  });
  expect(text).toContain('```text\nf("x");\n```\n\n```text\n`ls`{{execute}}\n```');
  expect(report).toContain(
    'text.md:1: `<pre class="file" data-filename="a.js">`: there is no editor for a.js',
  );
  expect(report).toContain('text.md:8: a question of Katacoda');
});

test('hours are not taken for minutes', () => {
  const time = (text: string) =>
    parseLesson(
      importFiles('timed', {
        'index.json': JSON.stringify({ title: 'T', time: text, details: { steps: [{}] } }),
      }).lesson,
      'lesson.md',
    ).minutes;
  expect(['1 hour', '1.5 hrs', '20-30 minutes', '90 hours', 'soon'].map(time)).toEqual([60, 90, 20, 240, 30]);
});
