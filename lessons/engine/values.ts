/** Asks the machine for what commands of a lesson use as `@{name}`. */
import type { Lesson } from '../format/lesson.ts';
import { fillPlaceholders, placeholders } from '../format/placeholder.ts';
import type { Exec } from './check.ts';

/** Deadline in seconds: a reader has clicked the command and waits. */
const VALUE_TIMEOUT = 20;

/**
 * `command` with what only the machine knows.
 * @throws Error that says what is not there yet
 */
export async function fillCommand(
  exec: Exec,
  lesson: Pick<Lesson, 'values'>,
  command: string,
): Promise<string> {
  const values: Record<string, string> = {};
  for (const name of placeholders(command)) {
    const script = lesson.values.find((value) => value.name === name)?.script ?? 'exit 1';
    const { exitCode, stdout, stderr } = await exec(script, { timeout: VALUE_TIMEOUT });
    const value = stdout.trim();
    if (exitCode !== 0 || value === '')
      throw new Error(
        `The command needs “${name}” from the machine, which has none yet. Do what comes before it first. ${stderr.trim()}`.trim(),
      );
    values[name] = value;
  }
  return fillPlaceholders(command, values);
}
