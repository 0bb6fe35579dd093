/**
 * What decides about the proof of a part of a lesson, as text. What a lesson with one machine has is written as it was
 * when there were no others, so that what was proved then is proved still.
 */
import { tasksBefore } from '../engine/proof.ts';
import {
  lessonClicks,
  lessonTasks,
  type Action,
  type Lesson,
  type Question,
  type Task,
} from '../format/lesson.ts';

/** The scripts and faults of a part, and those of the tasks before it. `part` is a task’s id, or stands for all commands. */
export function proofInputs(lesson: Lesson, part: string): string {
  const { id, nodes, memory } = lesson;
  const machines = nodes === 1 && memory === 'standard' ? [] : [{ nodes, memory }];
  const task = lessonTasks(lesson).find((one) => one.id === part);
  if (task) return JSON.stringify([id, [...tasksBefore(lesson, task), task].map(taskInputs), ...machines]);
  const values = lesson.values.map(({ node, ...value }) => (node === 'node1' ? value : { ...value, node }));
  return JSON.stringify([id, lessonClicks(lesson), values, ...machines]);
}

function taskInputs({ id, needs, optional, minutes, init, check, solution, mutations }: Task): unknown {
  return {
    id,
    title: '',
    needs,
    optional,
    minutes,
    init: init.length > 0 ? short(init) : undefined,
    check: short(check),
    hints: [],
    solution: short(solution),
    mutations: mutations.map(({ name, actions }) => ({ name, script: short(actions) })),
  };
}

/** A script on the first node is its text. */
function short(parts: readonly (Action | Question)[]): unknown {
  const [part] = parts;
  return parts.length === 1 && part?.kind === 'script' && part.node === 'node1' ? part.script : parts;
}
