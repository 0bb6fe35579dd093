/** A lesson as the app gets it: plain JSON, with all Markdown already turned into safe HTML. */
import type { NodeName } from '../../worker/net/lan.ts';
import type { Condition, Fault } from './fault.ts';
import type { FrontMatter, RunMode, RunOutcome } from './schema.ts';

export interface Lesson extends FrontMatter {
  steps: Step[];
  /** What commands use as `@{name}`. */
  values: Value[];
  /** Paths of the pictures in the text, relative to the lesson's folder; see `file.ts`. */
  pictures: string[];
}

/** One page of a lesson: what stands between one `##` heading and the next. */
export interface Step {
  /** Made from the title; unique in the lesson. */
  id: string;
  /** Plain text. */
  title: string;
  blocks: Block[];
  /** HTML of what a teacher who presents the step is reminded of; absent where nothing is noted. */
  notes?: string;
}

export const calloutTones = ['note', 'tip', 'warning'] as const;
export type CalloutTone = (typeof calloutTones)[number];

export type Block =
  /** Running text. */
  | { kind: 'html'; html: string }
  /** A command that the reader can click. */
  | {
      kind: 'run';
      command: string;
      mode: RunMode;
      outcome?: RunOutcome;
      terminal?: number;
      /** Without, the one in use. */
      node?: NodeName;
    }
  /** A button that does something to machines from outside. */
  | { kind: 'fault'; label: string; faults: Fault[] }
  /** What a command should print, to compare with. */
  | { kind: 'output'; text: string }
  | { kind: 'callout'; tone: CalloutTone; html: string }
  /** What only some readers want to know, folded away. */
  | { kind: 'aside'; title: string; blocks: Block[] }
  | { kind: 'tabs'; tabs: Tab[] }
  | { kind: 'quiz'; quiz: Quiz }
  | { kind: 'task'; task: Task };

export interface Tab {
  /** Plain text. */
  label: string;
  blocks: Block[];
}

/** Something that only the machine knows, such as the id of a container. */
export interface Value {
  name: string;
  node: NodeName;
  /** Bash; what it prints is the value. */
  script: string;
}

/** Bash, run as root on a machine. */
export interface Script {
  kind: 'script';
  node: NodeName;
  script: string;
}

/** Something that is done on a machine, or to machines from outside. */
export type Action = Script | { kind: 'faults'; faults: Fault[] };

/**
 * What a check asks. A script passes with exit code 0; else its first line of output says what is missing. Conditions are
 * of machines seen from outside.
 */
export type Question = Script | { kind: 'conditions'; conditions: Condition[] };

/** Something for the reader to bring about, proved by the state of the machine. */
export interface Task {
  id: string;
  /** HTML of one line. */
  title: string;
  /** Ids of the tasks that must be done before. */
  needs: string[];
  /** The lesson is finished without it. */
  optional: boolean;
  /** Of a timed challenge: in how many minutes it should be done. */
  minutes?: number;
  /** Makes the situation in which the task begins; empty where that is how the tasks before have left the machines. */
  init: Action[];
  /** All must be answered with yes. */
  check: Question[];
  /** From a nudge to nearly the answer. */
  hints: Hint[];
  /** Does the task. */
  solution: Action[];
  /** Wrong answers after which the check must fail; only the proof of the lesson runs them. */
  mutations: Mutation[];
}

export interface Hint {
  html: string;
  /** The hint is for those whose check says this. */
  when?: string;
}

/** A wrong answer that a learner may give. */
export interface Mutation {
  /** What is wrong about it. */
  name: string;
  actions: Action[];
}

/** A question that the reader answers in the page. */
export type Quiz = {
  id: string;
  /** HTML. */
  question: string;
  /** HTML, shown once it is answered. */
  explanation: string;
} & (
  | { form: 'choice'; multiple: boolean; options: Option[] }
  /** HTML of what is to be put in order, in the right one. */
  | { form: 'order'; items: string[] }
  /** A text to type; any of `answers` is right. */
  | { form: 'fill'; answers: string[] }
);

export interface Option {
  /** HTML of one line. */
  html: string;
  right: boolean;
}

/** What the lesson list needs to know of a lesson. */
export interface LessonSummary extends Pick<
  Lesson,
  | 'id'
  | 'title'
  | 'summary'
  | 'minutes'
  | 'track'
  | 'domain'
  | 'version'
  | 'prerequisites'
  | 'images'
  | 'nodes'
  | 'memory'
> {
  stepCount: number;
  /** Ids of the tasks that finish the lesson. */
  taskIds: string[];
}

/** All blocks of a list and of what it holds, in the order of the text. */
export function allBlocks(blocks: readonly Block[]): Block[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'aside') return [block, ...allBlocks(block.blocks)];
    if (block.kind === 'tabs') return [block, ...block.tabs.flatMap((tab) => allBlocks(tab.blocks))];
    return [block];
  });
}

/** A command of the text, to click. */
export type Command = Extract<Block, { kind: 'run' }>;

/** What a click in the text does something with. */
export type Click = Extract<Block, { kind: 'run' | 'fault' }>;

/** The commands and faults of a step, in the order of the text. */
export function stepClicks({ blocks }: Step): Click[] {
  return allBlocks(blocks).filter((block) => block.kind === 'run' || block.kind === 'fault');
}

/** The commands and faults of a whole lesson, in the order of the text. */
export function lessonClicks(lesson: Pick<Lesson, 'steps'>): Click[] {
  return lesson.steps.flatMap(stepClicks);
}

/** The commands of a whole lesson, in the order of the text. */
export function lessonCommands(lesson: Pick<Lesson, 'steps'>): Command[] {
  return lessonClicks(lesson).filter((block) => block.kind === 'run');
}

/** The tasks of a step, in the order of the text. */
export function stepTasks(step: Step): Task[] {
  return step.blocks.flatMap((block) => (block.kind === 'task' ? [block.task] : []));
}

/** The tasks of a whole lesson, in the order of the text. */
export function lessonTasks(lesson: Pick<Lesson, 'steps'>): Task[] {
  return lesson.steps.flatMap(stepTasks);
}

/** The scripts among what is asked or done. */
export function scriptsIn(parts: readonly (Action | Question)[]): Script[] {
  return parts.filter((part) => part.kind === 'script');
}

/** The tasks that must be done for the lesson to be finished. */
export function requiredTasks(lesson: Pick<Lesson, 'steps'>): Task[] {
  return lessonTasks(lesson).filter(({ optional }) => !optional);
}

export function summarise(lesson: Lesson): LessonSummary {
  const { id, title, summary, minutes, track, domain, version, prerequisites, images, nodes, memory, steps } =
    lesson;
  return {
    ...{ id, title, summary, minutes, track, domain, version, prerequisites, images, nodes, memory },
    stepCount: steps.length,
    taskIds: requiredTasks(lesson).map((task) => task.id),
  };
}
