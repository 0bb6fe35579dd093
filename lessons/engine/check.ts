/** Asks the machine once whether a task is done. */
import type { ExecOptions, ExecResult } from '../../worker/protocol.ts';
import type { Task } from '../format/lesson.ts';

/** Runs a bash script on the machine as root. Rejects when the machine cannot, for example while paused. */
export type Exec = (script: string, options: ExecOptions) => Promise<ExecResult>;

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

export async function runCheck(exec: Exec, task: Task): Promise<CheckAnswer> {
  const { exitCode, stdout, timedOut } = await exec(task.check, { timeout: CHECK_TIMEOUT });
  const passed = exitCode === 0 && !timedOut;
  const message = timedOut
    ? `The check had no answer after ${CHECK_TIMEOUT} seconds. It is tried again.`
    : firstLine(stdout);
  return { passed, message, exitCode, timedOut };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return text
    .slice(0, end < 0 ? undefined : end)
    .trim()
    .slice(0, MESSAGE_LENGTH);
}
