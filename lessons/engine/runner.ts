/**
 * Watches the tasks of the step that is shown. The machine is an emulated PC and a check costs it real
 * time, so the checks run one after the other, and the pause between rounds grows while nothing happens:
 *
 *   round · 1.5 s · round · 2.3 s · round · 3.4 s · … · round · 20 s · round · 20 s …
 *
 * `nudge()`, called when the reader enters a command and when its output ends, cuts the pause short and starts over. A task that
 * has passed stays so, whatever becomes of the machine's state afterwards.
 */
import { runCheck, type CheckAnswer } from './check.ts';
import { pause, type Pause } from './clock.ts';
import { MachineUnavailable, type AskedMachines } from './machines.ts';
import type { Task } from '../format/lesson.ts';

/** Pause after a round in which something changed. A `docker run` takes about twice as long. */
const SHORTEST = 1500;

/** Pause that a reader who only reads ends up with: a check of 0.3 s then keeps the machine 1.5 % busy. */
const LONGEST = 20_000;

const GROWTH = 1.5;

/** From a nudge to the round it asks for: time for the command to act, and a limit when Enter is held down. */
const AFTER_NUDGE = 500;

/** Where a task is: not asked yet, being asked, answered with no, answered with yes. */
export type TaskState = 'waiting' | 'checking' | 'failing' | 'passed';

export interface TaskStatus {
  state: TaskState;
  /** What the last check saw and missed; empty when it said nothing. Kept while the next one runs. */
  message: string;
}

/** What the runner asks of the lesson that it watches. */
export interface RunnerLinks {
  machines: AskedMachines;
  /** Whether a task can be worked on; one that cannot costs nothing. */
  isOpen?: (task: Task) => boolean;
  /** Makes the situation in which a task begins; called before each of its checks, and does it once. */
  prepare?: (task: Task) => Promise<void>;
  /** Defaults to real time. */
  wait?: Pause;
}

/** By task id. Replaced whole at each change. */
export type TaskStatuses = ReadonlyMap<string, TaskStatus>;

type Listener = (statuses: TaskStatuses) => void;

export class TaskRunner {
  readonly #ids: string[];
  readonly #links: Required<RunnerLinks>;
  readonly #listeners = new Set<Listener>();
  #statuses: TaskStatuses;
  #watch = new AbortController();
  #rest = new AbortController();
  #nudged = false;
  /** The task being asked and what it was before. */
  #asked: { id: string; before: TaskStatus } | undefined;
  /** Settles when no check runs on the machine any more. */
  #idle: Promise<void> = Promise.resolve();

  constructor(tasks: readonly Task[], links: RunnerLinks) {
    this.#ids = tasks.map(({ id }) => id);
    this.#links = { isOpen: () => true, prepare: () => Promise.resolve(), wait: pause, ...links };
    this.#statuses = this.#allWaiting();
    this.#watch.abort();
  }

  get statuses(): TaskStatuses {
    return this.#statuses;
  }

  /** Calls `listener` now and at each change (the contract of a Svelte store); returns how to end that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener(this.#statuses);
    return () => this.#listeners.delete(listener);
  }

  /** Watches `stepTasks`, tasks of this lesson, from now on and no others. */
  start(stepTasks: readonly Task[]): void {
    this.stop();
    this.#watch = new AbortController();
    this.#nudged = false;
    void this.#loop(stepTasks, this.#watch.signal);
  }

  /** Ends the watch. The answer of a check that still runs is not heard. */
  stop(): void {
    this.#watch.abort();
    this.#rest.abort();
    if (this.#asked) this.#set(this.#asked.id, this.#asked.before);
    this.#asked = undefined;
  }

  /** Ends the watch and forgets everything, the running check included: the machine is a fresh one. */
  reset(): void {
    this.stop();
    this.#idle = Promise.resolve();
    this.#publish(this.#allWaiting());
  }

  /** The reader did something that may have changed the machine: look soon. */
  nudge(): void {
    this.#nudged = true;
    this.#rest.abort();
  }

  async #loop(tasks: readonly Task[], stopped: AbortSignal): Promise<void> {
    await this.#idle;
    const over = (): boolean =>
      stopped.aborted || tasks.every((task) => this.#status(task).state === 'passed');
    let length = SHORTEST;
    while (!over()) {
      const changed = await this.#round(tasks, stopped);
      if (over()) return;
      length = changed ? SHORTEST : Math.min(length * GROWTH, LONGEST);
      if (await this.#wait(length, stopped)) length = SHORTEST;
    }
  }

  /** Asks every open task once; true if an answer was new. */
  async #round(tasks: readonly Task[], stopped: AbortSignal): Promise<boolean> {
    const over = (): boolean => stopped.aborted;
    let changed = false;
    for (const task of tasks) {
      const before = this.#status(task);
      if (over() || before.state === 'passed' || !this.#links.isOpen(task)) continue;
      this.#asked = { id: task.id, before };
      this.#set(task.id, { ...before, state: 'checking' });
      const answer = await this.#ask(task);
      if (over()) break;
      this.#asked = undefined;
      const after = answer ? statusOf(answer) : before;
      changed ||= after.state !== before.state || after.message !== before.message;
      this.#set(task.id, after);
    }
    return changed;
  }

  /** Undefined when a machine could not be asked: it is being reset, say, and a later round will do. */
  async #ask(task: Task): Promise<Pick<CheckAnswer, 'passed' | 'message'> | undefined> {
    const { prepare, machines } = this.#links;
    const answer = prepare(task)
      .then(() => runCheck(machines, task))
      .catch((error: unknown) =>
        error instanceof MachineUnavailable ? { passed: false, message: error.message } : undefined,
      );
    this.#idle = answer.then(() => undefined);
    return answer;
  }

  /** The pause between two rounds; true if it was cut short by a nudge, or one came during the round. */
  async #wait(length: number, stopped: AbortSignal): Promise<boolean> {
    this.#rest = new AbortController();
    if (!this.#nudged) await this.#links.wait(length, this.#rest.signal);
    if (!this.#nudged || stopped.aborted) return false;
    await this.#links.wait(AFTER_NUDGE, stopped);
    this.#nudged = false;
    return true;
  }

  #status(task: Task): TaskStatus {
    return this.#statuses.get(task.id) ?? { state: 'waiting', message: '' };
  }

  #set(id: string, status: TaskStatus): void {
    this.#publish(new Map(this.#statuses).set(id, status));
  }

  #publish(statuses: TaskStatuses): void {
    this.#statuses = statuses;
    for (const listener of this.#listeners) listener(statuses);
  }

  #allWaiting(): TaskStatuses {
    return new Map(this.#ids.map((id) => [id, { state: 'waiting', message: '' }]));
  }
}

function statusOf({ passed, message }: Pick<CheckAnswer, 'passed' | 'message'>): TaskStatus {
  return passed ? { state: 'passed', message: '' } : { state: 'failing', message };
}
