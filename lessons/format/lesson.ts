/** A lesson as the app gets it: plain JSON, with all Markdown already turned into safe HTML. */
import type { FrontMatter } from './schema.ts';

export interface Lesson extends FrontMatter {
  steps: Step[];
}

/** One page of a lesson: what stands between one `##` heading and the next. */
export interface Step {
  /** Made from the title; unique in the lesson. */
  id: string;
  /** Plain text. */
  title: string;
  blocks: Block[];
}

export const calloutTones = ['note', 'tip', 'warning'] as const;
export type CalloutTone = (typeof calloutTones)[number];

export type Block =
  /** Running text. */
  | { kind: 'html'; html: string }
  /** A command that the reader can click to run. */
  | { kind: 'run'; command: string; terminal?: number }
  /** What a command should print, to compare with. */
  | { kind: 'output'; text: string }
  | { kind: 'callout'; tone: CalloutTone; html: string }
  | { kind: 'task'; task: Task };

/** Something for the reader to bring about, proved by the state of the machine. */
export interface Task {
  id: string;
  /** HTML of one line. */
  title: string;
  /** Bash, run as root on the machine. Exit 0 passes; else its first line of output says what is missing. */
  check: string;
  /** HTML, from a nudge to nearly the answer. */
  hints: string[];
  /** Bash that does the task. */
  solution: string;
  /** Wrong answers after which the check must fail; only the proof of the lesson runs them. */
  mutations: Mutation[];
}

/** A wrong answer that a learner may give. */
export interface Mutation {
  /** What is wrong about it. */
  name: string;
  /** Bash. */
  script: string;
}

/** What the lesson list needs to know of a lesson. */
export interface LessonSummary extends Pick<Lesson, 'id' | 'title' | 'summary' | 'minutes'> {
  stepCount: number;
  taskCount: number;
}

/** The tasks of a step, in the order of the text. */
export function stepTasks(step: Step): Task[] {
  return step.blocks.flatMap((block) => (block.kind === 'task' ? [block.task] : []));
}

/** The tasks of a whole lesson, in the order of the text. */
export function lessonTasks(lesson: Lesson): Task[] {
  return lesson.steps.flatMap(stepTasks);
}

export function summarise({ id, title, summary, minutes, ...lesson }: Lesson): LessonSummary {
  const tasks = lesson.steps.flatMap(stepTasks);
  return { id, title, summary, minutes, stepCount: lesson.steps.length, taskCount: tasks.length };
}
