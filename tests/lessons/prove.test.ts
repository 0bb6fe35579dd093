import { afterAll, describe, expect, inject, test } from 'vitest';
import { lessonTasks } from '../../lessons/format/lesson.ts';
import { LABS, lessonIds, readLesson } from '../../lessons/folder.ts';
import { proveTask } from '../../lessons/engine/proof.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';

describe.each(lessonIds(LABS))('%s', (id) => {
  const lesson = readLesson(LABS, id);
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
