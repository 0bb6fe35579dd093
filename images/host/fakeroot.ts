/**
 * Programs that must own files as root. With root they just run; without, fakeroot lets them believe it
 * and keeps the owners in a file, so that several programs in a row agree.
 */
import { existsSync } from 'node:fs';
import { command } from '../pipeline/command.ts';

/** Runs `program` as root or under fakeroot, whose memory is the file `owners`. */
export function asRoot(
  owners: string,
  program: string,
  parameters: string[],
  onLine?: (line: string) => void,
): Promise<void> {
  const options = onLine ? { onLine } : {};
  if (process.getuid?.() === 0) return command(program, parameters, options);
  const load = existsSync(owners) ? ['-i', owners] : [];
  return command('fakeroot', [...load, '-s', owners, '--', program, ...parameters], options);
}
