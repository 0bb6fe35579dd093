/**
 * A lesson that is being read: its step, its tasks' states, and the reader's progress. The tasks are watched
 * while their step is shown and a machine of the lesson runs; what has passed in an earlier visit stays passed.
 */
import { perform, ScriptFailure } from '../../lessons/engine/actions.ts';
import { inflict, isSound } from '../../lessons/engine/faults.ts';
import { describePower, MachineUnavailable } from '../../lessons/engine/machines.ts';
import type { QuizAnswer } from '../../lessons/engine/quiz-answer.ts';
import { TaskRunner, type TaskStatus, type TaskStatuses } from '../../lessons/engine/runner.ts';
import { fillCommand } from '../../lessons/engine/values.ts';
import type { Fault } from '../../lessons/format/fault.ts';
import {
  allBlocks,
  lessonTasks,
  requiredTasks,
  stepTasks,
  type Action,
  type Hint,
  type Lesson,
  type Quiz,
  type Step,
  type Task,
} from '../../lessons/format/lesson.ts';
import { nodesOf } from '../../lessons/format/node.ts';
import { SOUND_CABLE } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import { deviceWarning } from '../machine/device.ts';
import { describe } from '../machine/operations.ts';
import { session } from '../machine/session.svelte.ts';
import { keeping } from '../sessions/keeping.svelte.ts';
import { terminals } from '../terminal/terminals.svelte.ts';
import { appMachines, sightOf } from './app-machines.ts';
import { NO_PROGRESS, withoutStep, type LessonProgress } from './progress.ts';
import { progressStore } from './progress-store.svelte.ts';

/** What a solution may take: a build of three steps is the slowest thing in a lesson. */
const SOLUTION_SECONDS = 180;

const PASSED: TaskStatus = { state: 'passed', message: '' };
const WAITING: TaskStatus = { state: 'waiting', message: '' };

/** Whether a task can be worked on: others come before it, its time has not begun, it can, or it is done. */
export type Situation = 'locked' | 'not-begun' | 'open' | 'passed';

/** What is being done for the reader: the machine is reset, or a task is solved. */
export type Errand = { kind: 'reset' } | { kind: 'solve'; task: Task };

export class LessonSession {
  readonly lesson: Lesson;
  readonly tasks: readonly Task[];
  /** The machines that the lesson needs. */
  readonly nodes: readonly NodeName[];
  readonly #runner: TaskRunner;
  #statuses = $state.raw<TaskStatuses>();
  #lastPassed = $state.raw<Task>();
  #errand = $state.raw<Errand>();
  /** The machine on which the reader goes on without what earlier tasks make. */
  #accepted = $state.raw<number>();
  /** The machine on which something was done beside the terminals. */
  #touched: number | undefined;

  constructor(lesson: Lesson) {
    this.lesson = lesson;
    this.tasks = lessonTasks(lesson);
    this.nodes = nodesOf(lesson);
    this.#runner = new TaskRunner(this.tasks, {
      machines: appMachines,
      isOpen: (task) => this.situation(task) === 'open',
      prepare: (task) => this.#prepare(task),
    });
    this.#runner.subscribe((statuses) => {
      this.#statuses = statuses;
      this.#keepPassed(statuses);
    });
  }

  /** Whether any machine of the lesson runs. */
  get isRunning(): boolean {
    return this.nodes.some((name) => session.find(name)?.phase === 'running');
  }

  /** The machines that the lesson needs and that are not there. */
  get missingNodes(): NodeName[] {
    return this.nodes.filter((name) => !session.find(name));
  }

  /** What speaks against starting the machines that are missing; undefined for nothing. */
  get nodesWarning(): string | undefined {
    const { memory } = this.lesson;
    return deviceWarning([
      ...session.nodes.map(({ profile }) => profile),
      ...this.missingNodes.map(() => memory),
    ]);
  }

  /** Why nothing can be done for the reader now; undefined when it can. */
  get unready(): string | undefined {
    if (this.#errand) return 'Something is being done for you already';
    if (this.nodes.length === 1)
      return this.isRunning ? undefined : `The machine is ${describe(session.phase)}`;
    const looks = this.nodes.map((name) => [name, sightOf(name).power] as const);
    const [absent] = looks.filter(([, power]) => ['missing', 'starting', 'failed'].includes(power));
    if (absent) return describePower(...absent);
    return this.isRunning ? undefined : 'No machine of the lesson is running';
  }

  get progress(): LessonProgress {
    return progressStore.of(this.lesson);
  }

  get stepIndex(): number {
    return Math.min(this.progress.step, this.lesson.steps.length - 1);
  }

  get step(): Step | undefined {
    return this.lesson.steps[this.stepIndex];
  }

  /** The task that passed last, for the announcement. */
  get lastPassed(): Task | undefined {
    return this.#lastPassed;
  }

  get errand(): Errand | undefined {
    return this.#errand;
  }

  get finished(): boolean {
    const required = requiredTasks(this.lesson);
    return required.length > 0 && required.every((task) => this.#hasPassed(task));
  }

  /** Tasks that passed on a machine that is gone, or were passed over: what they make is not on the present one. */
  get missingTasks(): Task[] {
    if (this.finished || this.#accepted === session.machineId) return [];
    const isGone = this.progress.machineId !== session.machineId;
    const earlier = this.#tasksBefore(this.stepIndex);
    return this.tasks.filter((task) => (this.#hasPassed(task) ? isGone : earlier.includes(task)));
  }

  status(task: Task): TaskStatus {
    if (this.#hasPassed(task)) return PASSED;
    return this.#statuses?.get(task.id) ?? WAITING;
  }

  situation(task: Task): Situation {
    if (this.#hasPassed(task)) return 'passed';
    if (this.needed(task).length > 0) return 'locked';
    return task.minutes !== undefined && this.progress.begun[task.id] === undefined ? 'not-begun' : 'open';
  }

  /** The tasks that must still be done before `task` opens. */
  needed({ needs }: Task): Task[] {
    return this.tasks.filter((other) => needs.includes(other.id) && !this.#hasPassed(other));
  }

  /** The hints that can be had for `task` as its check sees things now. */
  hints(task: Task): { shown: Hint[]; left: number } {
    const count = this.progress.hints[task.id] ?? 0;
    const { message } = this.status(task);
    const general = task.hints.filter(({ when }) => when === undefined);
    const special = task.hints.filter(({ when }) => when !== undefined && message.includes(when));
    return {
      shown: [...general.slice(0, count), ...(count > 0 ? special : [])],
      left: Math.max(0, general.length - count),
    };
  }

  /** Whether every task of a step has passed; a step without tasks is done when a later one was reached. */
  isDone(index: number): boolean {
    const step = this.lesson.steps[index];
    const tasks = step ? stepTasks(step).filter(({ optional }) => !optional) : [];
    if (tasks.length === 0) return index < this.progress.step;
    return tasks.every((task) => this.#hasPassed(task));
  }

  goTo(index: number): void {
    const step = this.lesson.steps[index];
    if (!step) return;
    if (index > this.stepIndex)
      keeping.checkpointQuietly(`Before step ${index + 1}: ${plainText(step.title)}`);
    this.#change({ step: index });
  }

  /** Watches the tasks of `step` until the function that is returned is called. */
  watch(step: Step): () => void {
    this.#runner.start(stepTasks(step).filter((task) => !this.#hasPassed(task)));
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
    this.#change({ hints: { ...this.progress.hints, [task.id]: shown + 1 } });
  }

  revealSolution(task: Task): void {
    if (!this.progress.solved.includes(task.id)) this.#change({ solved: [...this.progress.solved, task.id] });
  }

  /** Begins the time of a timed task. */
  begin(task: Task): void {
    this.#change({ begun: { ...this.progress.begun, [task.id]: Date.now() } });
    this.#runner.nudge();
  }

  /** Notes what the reader answers to a quiz. */
  answer(quiz: Quiz, answer: QuizAnswer): void {
    this.#change({ answers: { ...this.progress.answers, [quiz.id]: answer } });
  }

  forgetAnswer(quiz: Quiz): void {
    this.#change({
      answers: Object.fromEntries(Object.entries(this.progress.answers).filter(([id]) => id !== quiz.id)),
    });
  }

  /**
   * `command` with what only the machine knows.
   * @throws Error that says what is not there yet
   */
  fill(command: string): Promise<string> {
    return fillCommand(appMachines, this.lesson, command);
  }

  /** Starts the machines that are missing. */
  async startNodes(): Promise<void> {
    for (const name of this.missingNodes) await session.addNode(name, this.lesson.memory);
  }

  /** Does something to machines from outside. */
  async inflict(faults: readonly Fault[]): Promise<void> {
    this.#touched = session.machineId;
    for (const fault of faults) await inflict(appMachines, fault);
    this.nudge();
  }

  /** Does a task for the reader. */
  async solve(task: Task): Promise<void> {
    this.revealSolution(task);
    await this.#runErrand(() => this.#solve(task));
    this.nudge();
  }

  /** Forgets the progress; the machine is the caller's to reset. */
  startOver(): void {
    this.#runner.reset();
    this.#lastPassed = undefined;
    progressStore.change(this.lesson, { ...NO_PROGRESS, version: this.lesson.version });
  }

  /** Brings the machine to where the present step begins, with what was done in it already. */
  catchUp(): Promise<void> {
    const earlier = this.#tasksBefore(this.stepIndex);
    return this.#replay(this.tasks.filter((task) => earlier.includes(task) || this.#hasPassed(task)));
  }

  /** Forgets what was done in the present step, and brings the machine to where it begins. */
  restartStep(): Promise<void> {
    const { step, stepIndex } = this;
    const quizzes = allBlocks(step?.blocks ?? []).flatMap((block) =>
      block.kind === 'quiz' ? [block.quiz.id] : [],
    );
    const ids = [...(step ? stepTasks(step).map(({ id }) => id) : []), ...quizzes];
    this.#runner.reset();
    this.#lastPassed = undefined;
    this.#change(withoutStep(this.progress, stepIndex, ids));
    this.#touched = session.machineId;
    return this.#replay(this.#tasksBefore(stepIndex));
  }

  /** The reader goes on without what earlier tasks made. */
  acceptLoss(): void {
    this.#accepted = session.machineId;
  }

  /** The tasks before a step that the lesson cannot do without. */
  #tasksBefore(index: number): Task[] {
    return this.lesson.steps
      .slice(0, index)
      .flatMap(stepTasks)
      .filter(({ optional }) => !optional);
  }

  #hasPassed({ id }: Task): boolean {
    return this.progress.passed.includes(id);
  }

  /** Does `tasks`, in the order of the lesson, by their solutions on a machine on which nothing was done. */
  async #replay(tasks: readonly Task[]): Promise<void> {
    await this.#runErrand(async () => {
      if (this.#isTouched) {
        this.#errand = { kind: 'reset' };
        for (const name of this.nodes) await session.find(name)?.setCable(SOUND_CABLE);
        await session.reset();
      }
      for (const task of tasks) {
        await this.#solve(task);
        if (this.#hasPassed(task)) continue;
        this.revealSolution(task);
        this.#change({ passed: [...this.progress.passed, task.id] });
      }
      this.#change({ machineId: session.machineId });
    });
  }

  /** Whether anything was done on the machines or to them. */
  get #isTouched(): boolean {
    return (
      terminals.isMachineUsed ||
      this.#touched === session.machineId ||
      this.nodes.map(sightOf).some(({ power, cable }) => power !== 'running' || !isSound(cable))
    );
  }

  async #solve(task: Task): Promise<void> {
    this.#errand = { kind: 'solve', task };
    this.#touched = session.machineId;
    await this.#prepare(task);
    await this.#run(task, task.solution);
  }

  /** Makes the situation in which a task begins, once on each machine. */
  async #prepare(task: Task): Promise<void> {
    const { machineId } = session;
    if (task.init.length === 0 || this.progress.prepared[task.id] === machineId) return;
    // A situation that is half made would be made twice.
    for (const name of this.nodes) {
      const { power } = sightOf(name);
      if (power === 'missing' || power === 'starting')
        throw new MachineUnavailable(`${describePower(name, power)}.`);
    }
    this.#touched = machineId;
    await this.#run(task, task.init);
    this.#change({ prepared: { ...this.progress.prepared, [task.id]: machineId } });
  }

  async #run(task: Task, actions: readonly Action[]): Promise<void> {
    try {
      await perform(appMachines, actions, SOLUTION_SECONDS);
    } catch (error) {
      if (error instanceof MachineUnavailable) throw error;
      const reason =
        error instanceof ScriptFailure && error.output !== '' ? error.output : (error as Error).message;
      throw new Error(`The task “${plainText(task.title)}” could not be done: ${reason}`, { cause: error });
    }
  }

  async #runErrand(errand: () => Promise<void>): Promise<void> {
    if (this.#errand) return;
    try {
      await errand();
    } finally {
      this.#errand = undefined;
    }
  }

  #keepPassed(statuses: TaskStatuses): void {
    const { passed, begun, took } = this.progress;
    const fresh = this.tasks.filter(({ id }) => statuses.get(id)?.state === 'passed' && !passed.includes(id));
    if (fresh.length === 0) return;
    this.#lastPassed = fresh.at(-1);
    const times = fresh.flatMap(({ id }) => {
      const since = begun[id];
      return since === undefined ? [] : [[id, Math.round((Date.now() - since) / 1000)] as const];
    });
    this.#change({
      passed: [...passed, ...fresh.map(({ id }) => id)],
      took: { ...took, ...Object.fromEntries(times) },
      machineId: session.machineId,
    });
    keeping.saveQuietly();
  }

  #change(change: Partial<LessonProgress>): void {
    progressStore.change(this.lesson, change);
  }
}

/** The text of a line of the lesson's HTML. */
export function plainText(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent;
}
