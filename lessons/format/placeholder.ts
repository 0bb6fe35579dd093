/** `@{name}` in a command stands for a value of the lesson, which the machine is asked for when the command is used. */

const PLACEHOLDER = /@\{([^{}\s]*)\}/g;

/** Names of the values that `command` uses, each once. */
export function placeholders(command: string): string[] {
  return [...new Set([...command.matchAll(PLACEHOLDER)].map(([, name = '']) => name))];
}

/** `command` with `values` in the place of their names. */
export function fillPlaceholders(command: string, values: Readonly<Record<string, string>>): string {
  return command.replace(PLACEHOLDER, (mark, name: string) => values[name] ?? mark);
}
