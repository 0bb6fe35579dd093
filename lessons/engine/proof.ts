/**
 * Proves that a task's check can tell right from wrong. A check that passes on a machine where nothing
 * was done, or after a wrong answer, would praise everybody; one that fails after the solution, nobody.
 */
import { runCheck, type CheckAnswer, type Exec } from './check.ts';
import { pause, type Pause } from './clock.ts';
import { lessonTasks, type Lesson, type Task } from '../format/lesson.ts';

/** Raised when a proof or a check demands more or other things: what was proved before then is proved again. */
export const PROOF_RULES = 1;

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
  /** Remembers the machine as it is now, and gives what puts it back to that. */
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
export async function proveTask(machine: ProofMachine, lesson: Lesson, task: Task): Promise<TaskProof> {
  const earlier = tasksBefore(lesson, task);
  const wait = machine.wait ?? pause;
  const findings: Finding[] = [];

  const run = (script: string) => machine.exec(script, { timeout: SCRIPT_TIMEOUT });
  const mustRun = async (situation: string, script: string): Promise<void> => {
    const { exitCode, stdout, stderr } = await run(script);
    if (exitCode === 0) return;
    const message = `exit code ${exitCode}: ${stderr.trim() || stdout.trim()}`;
    findings.push({ situation, expected: 'pass', ok: false, message });
  };
  const begin = async ({ id, init }: Task): Promise<void> => {
    if (init !== undefined) await mustRun(`situation of ${id}`, init);
  };
  const solve = async (one: Task): Promise<void> => {
    await begin(one);
    await mustRun(`solution of ${one.id}`, one.solution);
  };
  const mustFail = async (situation: string): Promise<void> => {
    const fault = faultOfFailing(await runCheck(machine.exec, task));
    findings.push({ situation, expected: 'fail', ...fault });
  };

  await machine.fresh();
  await mustFail('fresh machine');
  /** Gives the machine of a reader who has done every task before this one. */
  let prepare = machine.fresh;
  if (earlier.length > 0 || task.init !== undefined) {
    await machine.fresh();
    for (const before of earlier) await solve(before);
    await begin(task);
    prepare = await machine.checkpoint();
    await mustFail('only what comes before is done');
  }
  if (task.mutations.length === 0) {
    const message = 'no wrong answer shows that the check can fail: expected a mutation block';
    findings.push({ situation: 'mutations', expected: 'fail', ok: false, message });
  }
  for (const { name, script } of task.mutations) {
    await prepare();
    await run(script);
    await mustFail(`wrong answer: ${name}`);
    await wait(SECOND_LOOK);
    await mustFail(`wrong answer, ${SECOND_LOOK / 1000} s later: ${name}`);
  }

  await prepare();
  await mustRun(`solution of ${task.id}`, task.solution);
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
  if (passed) {
    const advice = message && `, though it said: ${message} Does it lack an “exit 1” at its end?`;
    return { ok: false, message: `the check passed${advice}` };
  }
  if (timedOut) return { ok: false, message };
  if (exitCode >= SHELL_FAULT) return { ok: false, message: `the check broke with exit code ${exitCode}` };
  if (message === '') return { ok: false, message: 'the check does not say what is missing' };
  return { ok: true, message };
}
