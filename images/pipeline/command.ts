/** Runs the host's programs: output line by line to a listener, the last lines in the error. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Lines of a failed program's output that its error repeats. */
const LAST_LINES = 15;

export interface CommandOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Called with each line that the program prints. */
  onLine?: (line: string) => void;
}

/**
 * @throws Error with the program's last lines when it cannot be started or does not exit with 0
 */
export function command(program: string, parameters: string[], options: CommandOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const last: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        if (line.trim()) options.onLine?.(line);
      });
    }
    child.on('error', (cause) => {
      reject(new Error(`${program} cannot be started: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} failed (${signal ?? code}):\n${last.join('\n')}`));
    });
  });
}

/** Whether `program` with `parameters` runs and exits with 0. */
export function succeeds(program: string, parameters: string[]): boolean {
  return spawnSync(program, parameters, { stdio: 'ignore' }).status === 0;
}
