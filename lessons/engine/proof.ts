/**
 * Proves that a task's check can tell right from wrong. A check that passes on a machine where nothing
 * was done, or after a wrong answer, would praise everybody; one that fails after the solution, nobody.
 */
import { perform, ScriptFailure } from './actions.ts';
import { runCheck, type CheckAnswer } from './check.ts';
import { pause, type Pause } from './clock.ts';
import { MachineUnavailable, type LessonMachines } from './machines.ts';
import { lessonTasks, type Action, type Lesson, type Task } from '../format/lesson.ts';

/** Raised when a proof or a check demands more or other things: what was proved before then is proved again. */
export const PROOF_RULES = 1;

/** Deadline of a script of a solution or mutation, in seconds. */
const SCRIPT_TIMEOUT = 180;

/**
 * Between two looks after a wrong answer, in milliseconds: long enough for what is about to end (a
 * container without a lasting command) to have ended, and for one that only looks right to be caught.
 */
const SECOND_LOOK = 4000;

/** Between two looks after a solution, and how many: its effects may take some seconds to show. */
const NEXT_LOOK = 1000;
const LOOKS = 20;

/** Exit codes from here on are the shell's own: no such command, not executable, ended by a signal. */
const SHELL_FAULT = 126;

/** What the check said in one situation, and whether that was right. */
export interface Finding {
  situation: string;
  expected: 'fail' | 'pass';
  ok: boolean;
  /** What the check printed, or what else went wrong. */
  message: string;
}

export interface TaskProof {
  task: string;
  proved: boolean;
  findings: Finding[];
}

export interface ProofMachines extends LessonMachines {
  /** Puts the machines back to where every reader starts. */
  fresh: () => Promise<void>;
  /** Remembers the machines as they are now, and gives what puts them back to that. */
  checkpoint: () => Promise<() => Promise<void>>;
  /** Defaults to real time. */
  wait?: Pause;
}

/** The tasks that a reader has done when `task` opens: those before it, but the optional ones only if it needs them. */
export function tasksBefore(lesson: Pick<Lesson, 'steps'>, task: Task): Task[] {
  const tasks = lessonTasks(lesson);
  const needed = new Set(task.needs);
  // Needs of needs: whatever opens another one that is needed.
  for (const id of needed)
    for (const need of tasks.find((one) => one.id === id)?.needs ?? []) needed.add(need);
  const place = tasks.findIndex(({ id }) => id === task.id);
  return tasks.filter(({ id, optional }, i) => needed.has(id) || (i < place && !optional));
}

/** Tries `task` of `lesson` untouched, after each of its mutations, and after its solution. */
export async function proveTask(machines: ProofMachines, lesson: Lesson, task: Task): Promise<TaskProof> {
  const earlier = tasksBefore(lesson, task);
  const wait = machines.wait ?? pause;
  const findings: Finding[] = [];

  const mustDo = async (situation: string, actions: readonly Action[]): Promise<void> => {
    try {
      await perform(machines, actions, SCRIPT_TIMEOUT);
    } catch (error) {
      findings.push({ situation, expected: 'pass', ok: false, message: faultOfAction(error) });
    }
  };
  const solve = async ({ id, init, solution }: Task): Promise<void> => {
    await mustDo(`situation of ${id}`, init);
    await mustDo(`solution of ${id}`, solution);
  };
  const mustFail = async (situation: string): Promise<void> => {
    const fault = faultOfFailing(await runCheck(machines, task));
    findings.push({ situation, expected: 'fail', ...fault });
  };
  /** A wrong answer may end badly, but it must be given. */
  const spoil = async (situation: string, actions: readonly Action[]): Promise<void> => {
    for (const action of actions) {
      await perform(machines, [action], SCRIPT_TIMEOUT).catch((error: unknown) => {
        if (error instanceof ScriptFailure) return;
        findings.push({ situation, expected: 'pass', ok: false, message: faultOfAction(error) });
      });
    }
  };

  await machines.fresh();
  await mustFail('fresh machine');
  /** Gives the machines of a reader who has done every task before this one. */
  let prepare = machines.fresh;
  if (earlier.length > 0 || task.init.length > 0) {
    await machines.fresh();
    for (const before of earlier) await solve(before);
    await mustDo(`situation of ${task.id}`, task.init);
    prepare = await machines.checkpoint();
    await mustFail('only what comes before is done');
  }
  if (task.mutations.length === 0) {
    const message = 'no wrong answer shows that the check can fail: expected a mutation block';
    findings.push({ situation: 'mutations', expected: 'fail', ok: false, message });
  }
  for (const { name, actions } of task.mutations) {
    await prepare();
    await spoil(`wrong answer: ${name}`, actions);
    await mustFail(`wrong answer: ${name}`);
    await wait(SECOND_LOOK);
    await mustFail(`wrong answer, ${SECOND_LOOK / 1000} s later: ${name}`);
  }

  await prepare();
  await mustDo(`solution of ${task.id}`, task.solution);
  let answer = await runCheck(machines, task);
  for (let look = 1; !answer.passed && look < LOOKS; look++) {
    await wait(NEXT_LOOK);
    answer = await runCheck(machines, task);
  }
  findings.push({ situation: 'solved', expected: 'pass', ok: answer.passed, message: answer.message });
  answer = await runCheck(machines, task);
  findings.push({ situation: 'asked again', expected: 'pass', ok: answer.passed, message: answer.message });

  return { task: task.id, proved: findings.every(({ ok }) => ok), findings };
}

/** What went wrong with an action. What machines can do nothing for is no finding of the lesson's. */
function faultOfAction(error: unknown): string {
  if (error instanceof ScriptFailure)
    return error.node === 'node1' ? error.message : `${error.node}: ${error.message}`;
  if (error instanceof MachineUnavailable) return error.message;
  throw error;
}

/** A failing check must have failed by its own verdict, and must say why. */
function faultOfFailing({
  passed,
  timedOut,
  exitCode,
  message,
}: CheckAnswer): Pick<Finding, 'ok' | 'message'> {
  if (passed) {
    const advice = message && `, though it said: ${message} Does it lack an “exit 1” at its end?`;
    return { ok: false, message: `the check passed${advice}` };
  }
  if (timedOut) return { ok: false, message };
  if (exitCode >= SHELL_FAULT) return { ok: false, message: `the check broke with exit code ${exitCode}` };
  if (message === '') return { ok: false, message: 'the check does not say what is missing' };
  return { ok: true, message };
}
