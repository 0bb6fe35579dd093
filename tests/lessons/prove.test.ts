import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { lessonTasks } from '../../lessons/format/lesson.ts';
import { parseLesson } from '../../lessons/format/parse.ts';
import { proveTask } from '../../lessons/proof.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';

const folder = fileURLToPath(new URL('../../lessons/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('lesson.md'),
);

describe.each(files)('%s', (file) => {
  const lesson = parseLesson(readFileSync(`${folder}${file}`, 'utf8'), file);
  const machine = new Machine({ source: new FolderSource(inject('release')) });
  afterAll(() => machine.destroy());

  test.each(lessonTasks(lesson).map((task) => [task.id, task] as const))(
    'the check of "%s" fails on a fresh machine and after each wrong answer, and passes after the solution',
    async (_, task) => {
      const report = await proveTask(
        {
          exec: (script, options) => machine.exec(script, options),
          fresh: () => (machine.state === 'created' ? machine.load() : machine.reset()),
        },
        lesson,
        task,
      );
      expect(report.findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(report.proved).toBe(true);
    },
  );
});
