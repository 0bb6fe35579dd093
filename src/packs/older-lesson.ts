/** Lessons that an earlier Drydock has read and kept, when lessons had one machine, in the form that they have now. */
import type { Block, Lesson, Script, Step, Task, Value } from '../../lessons/format/lesson.ts';

interface OlderTask extends Pick<Task, 'id' | 'title' | 'needs' | 'optional' | 'minutes' | 'hints'> {
  init?: string;
  check: string;
  solution: string;
  mutations: { name: string; script: string }[];
}

type OlderBlock = Exclude<Block, { kind: 'task' }> | { kind: 'task'; task: OlderTask };

export interface OlderLesson extends Omit<Lesson, 'nodes' | 'memory' | 'values' | 'steps'> {
  values: Omit<Value, 'node'>[];
  steps: (Omit<Step, 'blocks'> & { blocks: OlderBlock[] })[];
}

export function renewLesson(lesson: Lesson | OlderLesson): Lesson {
  if ('nodes' in lesson) return lesson;
  return {
    ...lesson,
    nodes: 1,
    memory: 'standard',
    values: lesson.values.map((value) => ({ ...value, node: 'node1' })),
    steps: lesson.steps.map((step) => ({
      ...step,
      blocks: step.blocks.map((block): Block =>
        block.kind === 'task' ? { kind: 'task', task: renewTask(block.task) } : block,
      ),
    })),
  };
}

function renewTask({ init, check, solution, mutations, ...rest }: OlderTask): Task {
  const onFirst = (script: string): Script => ({ kind: 'script', node: 'node1', script });
  return {
    ...rest,
    init: init === undefined ? [] : [onFirst(init)],
    check: [onFirst(check)],
    solution: [onFirst(solution)],
    mutations: mutations.map(({ name, script }) => ({ name, actions: [onFirst(script)] })),
  };
}
