import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lessonTasks, scriptsIn } from '../../format/lesson.ts';
import { parseLesson } from '../../format/parse.ts';

const file = join(import.meta.dirname, 'lesson.md');
const lesson = parseLesson(readFileSync(file, 'utf8'), file);
const tasks = lessonTasks(lesson);

test('there are five tasks, each with hints and with wrong answers to prove it', () => {
  expect(tasks.map(({ id }) => id)).toEqual(['hello', 'background', 'greeting', 'web', 'tidy']);
  for (const { hints, mutations } of tasks) {
    expect(hints.length).toBeGreaterThanOrEqual(2);
    expect(mutations.length).toBeGreaterThanOrEqual(4);
  }
});

test('all bash of the lesson is well-formed', { timeout: 30_000 }, () => {
  const commands = lesson.steps.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'run' ? [block.command] : [])),
  );
  const scripts = tasks.flatMap(({ check, solution, mutations }) =>
    scriptsIn([...check, ...solution, ...mutations.flatMap(({ actions }) => actions)]),
  );
  for (const script of [...commands, ...scripts.map((each) => each.script)]) {
    const { stderr, status } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect({ script, stderr, status }).toEqual({ script, stderr: '', status: 0 });
  }
});

test('a reader who only clicks has the commands for every task', () => {
  for (const { blocks } of lesson.steps) {
    const commands = blocks.flatMap((block) => (block.kind === 'run' ? [block.command] : []));
    for (const block of blocks) {
      if (block.kind !== 'task' || block.task.id === 'tidy') continue;
      expect(commands).toContain(scriptsIn(block.task.solution)[0]?.script);
    }
  }
});
