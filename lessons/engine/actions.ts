/** Does what a solution, a situation or a wrong answer consists of: scripts on nodes, and faults, in order. */
import type { Action } from '../format/lesson.ts';
import { inflict } from './faults.ts';
import { expectRunning, type LessonMachines } from './machines.ts';

/** A script did not end well. */
export class ScriptFailure extends Error {
  override readonly name = 'ScriptFailure';

  /** @param output what it printed, errors first */
  constructor(
    readonly node: string,
    readonly exitCode: number,
    readonly output: string,
  ) {
    super(`exit code ${exitCode}${output === '' ? '' : `: ${output}`}`);
  }
}

/**
 * Does `actions` one after the other, each script within `timeout` seconds.
 * @throws ScriptFailure; MachineUnavailable; what `exec` throws
 */
export async function perform(
  machines: LessonMachines,
  actions: readonly Action[],
  timeout: number,
): Promise<void> {
  for (const action of actions) {
    if (action.kind === 'faults') {
      for (const fault of action.faults) await inflict(machines, fault);
      continue;
    }
    const { node, script } = action;
    await expectRunning(machines, node);
    const { exitCode, stdout, stderr } = await machines.exec(script, { timeout }, node);
    if (exitCode !== 0) throw new ScriptFailure(node, exitCode, stderr.trim() || stdout.trim());
  }
}
