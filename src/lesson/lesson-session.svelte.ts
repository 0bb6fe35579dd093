/**
 * A lesson that is being read: its step, its tasks' states, and the reader's progress. The tasks are watched
 * while their step is shown and the machine runs; what has passed in an earlier visit stays passed.
 */
import { stepTasks, lessonTasks, type Lesson, type Step, type Task } from '../../lessons/format/lesson.ts';
import { TaskRunner, type TaskStatus, type TaskStatuses } from '../../lessons/runner.ts';
import { session } from '../machine/session.svelte.ts';
import type { LessonProgress } from './progress.ts';
import { NO_PROGRESS } from './progress.ts';
import { progressStore } from './progress-store.svelte.ts';

/** What a solution may take: a build of three steps is the slowest thing in a lesson. */
const SOLUTION_SECONDS = 180;

const PASSED: TaskStatus = { state: 'passed', message: '' };
const WAITING: TaskStatus = { state: 'waiting', message: '' };

export class LessonSession {
  readonly lesson: Lesson;
  readonly tasks: readonly Task[];
  readonly #runner: TaskRunner;
  #statuses = $state.raw<TaskStatuses>();
  /** The task that passed last, for the announcement. */
  #lastPassed = $state.raw<Task>();
  /** True while earlier tasks are being done again on a fresh machine. */
  catchingUp = $state.raw(false);

  constructor(lesson: Lesson) {
    this.lesson = lesson;
    this.tasks = lessonTasks(lesson);
    this.#runner = new TaskRunner(this.tasks, (script, options) => session.exec(script, options));
    this.#runner.subscribe((statuses) => {
      this.#statuses = statuses;
      this.#keepPassed(statuses);
    });
  }

  get progress(): LessonProgress {
    return progressStore.of(this.lesson.id);
  }

  get stepIndex(): number {
    return Math.min(this.progress.step, this.lesson.steps.length - 1);
  }

  get step(): Step | undefined {
    return this.lesson.steps[this.stepIndex];
  }

  get lastPassed(): Task | undefined {
    return this.#lastPassed;
  }

  get finished(): boolean {
    return this.tasks.length > 0 && this.tasks.every(({ id }) => this.progress.passed.includes(id));
  }

  /** Tasks that passed on a machine that is gone: what they made is not on the present one. */
  get lostTasks(): Task[] {
    const { passed, machineId } = this.progress;
    if (machineId === session.machineId || this.finished) return [];
    return this.tasks.filter(({ id }) => passed.includes(id));
  }

  status(task: Task): TaskStatus {
    if (this.progress.passed.includes(task.id)) return PASSED;
    return this.#statuses?.get(task.id) ?? WAITING;
  }

  /** Whether every task of a step has passed; a step without tasks is done when a later one was reached. */
  isDone(index: number): boolean {
    const step = this.lesson.steps[index];
    const tasks = step ? stepTasks(step) : [];
    if (tasks.length === 0) return index < this.progress.step;
    return tasks.every(({ id }) => this.progress.passed.includes(id));
  }

  goTo(index: number): void {
    if (index < 0 || index >= this.lesson.steps.length) return;
    this.#change({ step: index });
  }

  /** Watches the tasks of `step` until the function that is returned is called. */
  watch(step: Step): () => void {
    this.#runner.start(
      stepTasks(step).filter(({ id }) => !progressStore.of(this.lesson.id).passed.includes(id)),
    );
    return () => {
      this.#runner.stop();
    };
  }

  /** The reader did something, or what they did has had its effect. */
  nudge(): void {
    this.#runner.nudge();
  }

  markRun(block: string): void {
    if (!this.progress.ran.includes(block)) this.#change({ ran: [...this.progress.ran, block] });
  }

  revealHint(task: Task): void {
    const shown = this.progress.hints[task.id] ?? 0;
    this.#change({ hints: { ...this.progress.hints, [task.id]: Math.min(shown + 1, task.hints.length) } });
  }

  revealSolution(task: Task): void {
    if (!this.progress.solved.includes(task.id)) this.#change({ solved: [...this.progress.solved, task.id] });
  }

  /** Forgets the progress; the machine is the caller's to reset. */
  startOver(): void {
    this.#runner.reset();
    this.#lastPassed = undefined;
    progressStore.change(this.lesson.id, NO_PROGRESS);
  }

  /** Does the tasks that were passed on an earlier machine again on this one, by their solutions. */
  async catchUp(): Promise<void> {
    this.catchingUp = true;
    try {
      for (const task of this.lostTasks) {
        const { exitCode, stderr } = await session.exec(task.solution, { timeout: SOLUTION_SECONDS });
        if (exitCode !== 0)
          throw new Error(`The task “${plainText(task.title)}” could not be done again: ${stderr}`);
      }
      this.#change({ machineId: session.machineId });
    } finally {
      this.catchingUp = false;
    }
  }

  /** The reader goes on without what earlier tasks made. */
  acceptLoss(): void {
    this.#change({ machineId: session.machineId });
  }

  #keepPassed(statuses: TaskStatuses): void {
    const { passed } = progressStore.of(this.lesson.id);
    const fresh = this.tasks.filter(({ id }) => statuses.get(id)?.state === 'passed' && !passed.includes(id));
    if (fresh.length === 0) return;
    this.#lastPassed = fresh.at(-1);
    this.#change({ passed: [...passed, ...fresh.map(({ id }) => id)], machineId: session.machineId });
  }

  #change(change: Partial<LessonProgress>): void {
    progressStore.change(this.lesson.id, change);
  }
}

/** The text of a line of the lesson's HTML. */
export function plainText(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent;
}
