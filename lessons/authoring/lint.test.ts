import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lintLessons } from './lint.ts';

const folder = mkdtempSync(join(tmpdir(), 'drydock-lint-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const template = readFileSync(join(import.meta.dirname, 'template/lesson.md'), 'utf8');
const images = new Map([['docker.io/library/busybox', ['latest']]]);

/** Problems of the template with `changed` in the place of `text`, as `line: message`. */
function problemsOf(text: string, changed: string): string[] {
  mkdirSync(join(folder, 'template'), { recursive: true });
  writeFileSync(
    join(folder, 'template/lesson.md'),
    template.replace(text, () => changed),
  );
  return lintLessons({ folder, ids: ['template'], images }).map(({ line, message }) => `${line}: ${message}`);
}

test('the template has no problem', () => {
  expect(problemsOf('', '')).toEqual([]);
});

test.each([
  ['busybox:latest', 'rabbitmq:3', /^9: .*the hub has no image rabbitmq:3; `npm run catalogue` lists/],
  ['busybox:latest', 'busybox:9', /^9: .*no tag 9 of it, but latest/],
  [
    'docker volume ls',
    'docker run nginx',
    /^19: the lesson uses the image nginx: expected it under “images”/,
  ],
  ['images:', 'prerequisites: [nowhere]\nimages:', /^8: “prerequisites”: there is no lesson nowhere/],
  ['grep -qx', 'sleep 3\ngrep -qx', /^32: expected a check that does not sleep/],
  ['grep -qx', 'if; grep -qx', /not well-formed bash/],
])('%s → %s', (text, changed, message) => {
  const problems = problemsOf(text, changed);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
});

test('what the lesson builds itself, and lessons of Drydock, need not be listed', () => {
  const built = 'docker build -t mine:1 . && docker run mine:1';
  expect(problemsOf('docker volume ls', built)).toEqual([]);
  expect(problemsOf('images:', 'prerequisites: [first-container]\nimages:')).toEqual([]);
});
