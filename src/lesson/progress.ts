/** How far a reader is in a lesson: what is kept between visits, and what can be told from it. Pure. */

export interface LessonProgress {
  /** The step that was shown last. */
  readonly step: number;
  /** Ids of the tasks that have passed. */
  readonly passed: readonly string[];
  /** How many hints of each task were uncovered. */
  readonly hints: Readonly<Record<string, number>>;
  /** Ids of the tasks whose solution was uncovered. */
  readonly solved: readonly string[];
  /** Commands that were run from the text, as `step:block`. */
  readonly ran: readonly string[];
  /** The machine that the last task passed on; 0 for none. */
  readonly machineId: number;
}

export const NO_PROGRESS: LessonProgress = {
  step: 0,
  passed: [],
  hints: {},
  solved: [],
  ran: [],
  machineId: 0,
};

/** Whether a stored value is progress that this version understands. */
export function isProgress(value: unknown): value is LessonProgress {
  if (typeof value !== 'object' || value === null) return false;
  const { step, passed, hints, solved, ran, machineId } = value as Record<keyof LessonProgress, unknown>;
  const counts = typeof hints === 'object' && hints !== null ? Object.values(hints) : [''];
  return (
    Number.isInteger(step) &&
    Number.isFinite(machineId) &&
    [passed, solved, ran].every(
      (list) => Array.isArray(list) && list.every((each) => typeof each === 'string'),
    ) &&
    counts.every(Number.isInteger)
  );
}

/** Whether the reader has begun: there is something to continue. */
export function hasBegun({ step, passed, ran }: LessonProgress): boolean {
  return step > 0 || passed.length > 0 || ran.length > 0;
}

/** How many of `taskIds` have passed. Tasks that the lesson no longer has do not count. */
export function countPassed({ passed }: LessonProgress, taskIds: readonly string[]): number {
  return taskIds.filter((id) => passed.includes(id)).length;
}
