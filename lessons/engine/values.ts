/** Asks the machines for what commands of a lesson use as `@{name}`. */
import type { Lesson } from '../format/lesson.ts';
import { fillPlaceholders, placeholders } from '../format/placeholder.ts';
import { expectRunning, type AskedMachines } from './machines.ts';

/** Deadline in seconds: a reader has clicked the command and waits. */
const VALUE_TIMEOUT = 20;

/**
 * `command` with what only the machine knows.
 * @throws Error that says what is not there yet
 */
export async function fillCommand(
  machines: AskedMachines,
  lesson: Pick<Lesson, 'values'>,
  command: string,
): Promise<string> {
  const values: Record<string, string> = {};
  for (const name of placeholders(command)) {
    const source = lesson.values.find((each) => each.name === name);
    if (!source) continue;
    const { script, node } = source;
    await expectRunning(machines, node);
    const { exitCode, stdout, stderr } = await machines.exec(script, { timeout: VALUE_TIMEOUT }, node);
    const value = stdout.trim();
    if (exitCode !== 0 || value === '')
      throw new Error(
        `The command needs “${name}” from the machine, which has none yet. Do what comes before it first. ${stderr.trim()}`.trim(),
      );
    values[name] = value;
  }
  return fillPlaceholders(command, values);
}
