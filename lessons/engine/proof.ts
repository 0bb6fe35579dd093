/**
 * Proves that a task's check can tell right from wrong. A check that passes on a machine where nothing
 * was done, or after a wrong answer, would praise everybody; one that fails after the solution, nobody.
 */
import { runCheck, type CheckAnswer, type Exec } from './check.ts';
import { pause, type Pause } from './clock.ts';
import { lessonTasks, type Lesson, type Task } from '../format/lesson.ts';

/** Deadline of a solution or mutation, in seconds. */
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

export interface ProofMachine {
  exec: Exec;
  /** Puts the machine back to where every reader starts. */
  fresh: () => Promise<void>;
  /** Defaults to real time. */
  wait?: Pause;
}

/** Tries `task` of `lesson` untouched, after each of its mutations, and after its solution. */
export async function proveTask(machine: ProofMachine, lesson: Lesson, task: Task): Promise<TaskProof> {
  const tasks = lessonTasks(lesson);
  const earlier = tasks.slice(
    0,
    tasks.findIndex(({ id }) => id === task.id),
  );
  const wait = machine.wait ?? pause;
  const findings: Finding[] = [];

  const run = (script: string) => machine.exec(script, { timeout: SCRIPT_TIMEOUT });
  const solve = async ({ id, solution }: Task): Promise<void> => {
    const { exitCode, stderr } = await run(solution);
    if (exitCode === 0) return;
    const message = `exit code ${exitCode}: ${stderr.trim()}`;
    findings.push({ situation: `solution of ${id}`, expected: 'pass', ok: false, message });
  };
  /** The machine of a reader who has done every task before this one. */
  const prepare = async (): Promise<void> => {
    await machine.fresh();
    for (const before of earlier) await solve(before);
  };
  const mustFail = async (situation: string): Promise<void> => {
    const fault = faultOfFailing(await runCheck(machine.exec, task));
    findings.push({ situation, expected: 'fail', ...fault });
  };

  await machine.fresh();
  await mustFail('fresh machine');
  if (earlier.length > 0) {
    await prepare();
    await mustFail('only the tasks before are done');
  }
  for (const { name, script } of task.mutations) {
    await prepare();
    await run(script);
    await mustFail(`wrong answer: ${name}`);
    await wait(SECOND_LOOK);
    await mustFail(`wrong answer, second look: ${name}`);
  }

  await prepare();
  await solve(task);
  let answer = await runCheck(machine.exec, task);
  for (let look = 1; !answer.passed && look < LOOKS; look++) {
    await wait(NEXT_LOOK);
    answer = await runCheck(machine.exec, task);
  }
  findings.push({ situation: 'solved', expected: 'pass', ok: answer.passed, message: answer.message });
  answer = await runCheck(machine.exec, task);
  findings.push({ situation: 'asked again', expected: 'pass', ok: answer.passed, message: answer.message });

  return { task: task.id, proved: findings.every(({ ok }) => ok), findings };
}

/** A failing check must have failed by its own verdict, and must say why. */
function faultOfFailing({
  passed,
  timedOut,
  exitCode,
  message,
}: CheckAnswer): Pick<Finding, 'ok' | 'message'> {
  if (passed) return { ok: false, message: message || 'the check passed' };
  if (timedOut) return { ok: false, message };
  if (exitCode >= SHELL_FAULT) return { ok: false, message: `the check broke with exit code ${exitCode}` };
  if (message === '') return { ok: false, message: 'the check does not say what is missing' };
  return { ok: true, message };
}
