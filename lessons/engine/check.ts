/** Asks the machines once whether a task is done. */
import type { Condition } from '../format/fault.ts';
import type { Script, Task } from '../format/lesson.ts';
import { describeCondition, holds } from './faults.ts';
import { expectRunning, MachineUnavailable, type AskedMachines } from './machines.ts';

/**
 * Deadline of a check in seconds. A good one takes well under a second; a machine that is busy with a
 * build may need many times that.
 */
export const CHECK_TIMEOUT = 20;

/** A message is one line of text beside a task; a check that prints a file must not flood the page. */
const MESSAGE_LENGTH = 300;

export interface CheckAnswer {
  passed: boolean;
  /** What the check said: the first line of its output. */
  message: string;
  exitCode: number;
  timedOut: boolean;
}

/** Asks the questions of a task's check in order, until one is answered with no: that answer, else the last. */
export async function runCheck(
  machines: AskedMachines,
  { check }: Pick<Task, 'check'>,
): Promise<CheckAnswer> {
  let answer: CheckAnswer = yes;
  for (const question of check) {
    answer =
      question.kind === 'script'
        ? await runScript(machines, question)
        : await lookAt(machines, question.conditions);
    if (!answer.passed) break;
  }
  return answer;
}

const yes: CheckAnswer = { passed: true, message: '', exitCode: 0, timedOut: false };

/** A no that no script has given. */
const no = (message: string): CheckAnswer => ({ passed: false, message, exitCode: 1, timedOut: false });

async function runScript(machines: AskedMachines, { script, node }: Script): Promise<CheckAnswer> {
  try {
    await expectRunning(machines, node);
  } catch (error) {
    if (error instanceof MachineUnavailable) return no(error.message);
    throw error;
  }
  const { exitCode, stdout, timedOut } = await machines.exec(script, { timeout: CHECK_TIMEOUT }, node);
  const passed = exitCode === 0 && !timedOut;
  const message = timedOut
    ? `The check had no answer after ${CHECK_TIMEOUT} seconds. It is tried again.`
    : firstLine(stdout);
  return { passed, message, exitCode, timedOut };
}

async function lookAt(machines: AskedMachines, conditions: readonly Condition[]): Promise<CheckAnswer> {
  for (const condition of conditions) {
    const sight = await machines.look(condition.node);
    if (!holds(condition, sight))
      return no(
        `${condition.node} should be ${condition.state}, but ${describeCondition(condition, sight)}.`,
      );
  }
  return yes;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return text
    .slice(0, end < 0 ? undefined : end)
    .trim()
    .slice(0, MESSAGE_LENGTH);
}
