/** Bash scripts, as far as they can be read without a machine. */
import { spawnSync } from 'node:child_process';

/** What bash says of a script that it cannot read; undefined when it can. */
export function bashProblem(script: string): string | undefined {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  return status === 0 ? undefined : (stderr.trim().split('\n')[0] ?? '');
}

/** The lines of a script, those that end in a backslash with the next ones, each with its number from 0. */
export function joinedLines(script: string): { text: string; at: number }[] {
  const joined: { text: string; at: number }[] = [];
  let isOpen = false;
  script.split('\n').forEach((line, at) => {
    const text = line.replace(/\s*\\\s*$/, ' ');
    const last = joined.at(-1);
    if (isOpen && last) last.text += text.trimStart();
    else joined.push({ text, at });
    isOpen = text !== line;
  });
  return joined;
}
