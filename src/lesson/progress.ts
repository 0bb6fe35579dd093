/** How far a reader is in a lesson: what is kept between visits, and what can be told from it. Pure. */
import type { QuizAnswer } from '../../lessons/engine/quiz-answer.ts';
import { z } from '../../worker/schema.ts';

const names = z._default(z.array(z.string()), []);
const numbers = z._default(z.record(z.string(), z.number()), {});

const progressSchema = z.object({
  /** The lesson's version. */
  version: z._default(z.int(), 1),
  /** The step that was shown last. */
  step: z._default(z.int(), 0),
  /** Ids of the tasks that have passed. */
  passed: names,
  /** How many hints of each task were uncovered. */
  hints: numbers,
  /** Ids of the tasks whose solution was uncovered. */
  solved: names,
  /** Commands that were used from the text, as `step:block`. */
  ran: names,
  /** What was answered to each quiz, right or wrong. */
  answers: z._default(z.record(z.string(), z.union([z.array(z.int()), z.string()])), {}),
  /** When each timed task was begun, in milliseconds since 1970. */
  begun: numbers,
  /** Seconds that each timed task took. */
  took: numbers,
  /** The machine that the last task passed on; 0 for none. */
  machineId: z._default(z.number(), 0),
  /** The machine on which the situation of each task that needs one was made. */
  prepared: numbers,
});

export type LessonProgress = Readonly<z.output<typeof progressSchema>> & {
  readonly answers: Readonly<Record<string, QuizAnswer>>;
};

export const NO_PROGRESS: LessonProgress = progressSchema.parse({});

/** Progress in `version` of a lesson, from what was stored: none, when that was of another version or is unreadable. */
export function readProgress(stored: unknown, version: number): LessonProgress {
  const result = progressSchema.safeParse(stored ?? {});
  return result.success && result.data.version === version ? result.data : { ...NO_PROGRESS, version };
}

/** Whether the reader has begun: there is something to continue. */
export function hasBegun({ step, passed, ran }: LessonProgress): boolean {
  return step > 0 || passed.length > 0 || ran.length > 0;
}

/** How many of `taskIds` have passed. Tasks that the lesson no longer has do not count. */
export function countPassed({ passed }: LessonProgress, taskIds: readonly string[]): number {
  return taskIds.filter((id) => passed.includes(id)).length;
}

/** Whether all of `taskIds` have passed; never so for a lesson without tasks. */
export function isFinished(progress: LessonProgress, taskIds: readonly string[]): boolean {
  return taskIds.length > 0 && countPassed(progress, taskIds) === taskIds.length;
}

/** `progress` without what belongs to the tasks and quizzes `ids` and to the commands of step `step`. */
export function withoutStep(
  progress: LessonProgress,
  step: number,
  ids: readonly string[],
): Partial<LessonProgress> {
  const others = (list: readonly string[]): string[] => list.filter((id) => !ids.includes(id));
  const rest = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([id]) => !ids.includes(id)));
  return {
    passed: others(progress.passed),
    solved: others(progress.solved),
    prepared: rest(progress.prepared),
    ran: progress.ran.filter((block) => !block.startsWith(`${step}:`)),
    hints: rest(progress.hints),
    answers: rest(progress.answers),
    begun: rest(progress.begun),
    took: rest(progress.took),
  };
}
