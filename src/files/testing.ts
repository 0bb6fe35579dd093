/** A node for tests: its scripts run here, in a folder of their own. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  EngineAnswer,
  EngineRequest,
  ExecOptions,
  ExecResult,
  FileRange,
} from '../../worker/protocol.ts';
import { Guest, type AskedNode } from './guest.ts';

/** Answers what the Engine is asked. */
export type FakeEngine = (request: EngineRequest) => EngineAnswer;

/** A node whose files are this computer's; what the tests make is below `folder`. */
export class LocalNode implements AskedNode {
  phase: AskedNode['phase'] = 'running';
  readonly folder = mkdtempSync(join(tmpdir(), 'drydock-local-'));
  /** Scripts that were run. */
  scripts = 0;
  engine: FakeEngine = () => ({ status: 404, headers: {}, bytes: new Uint8Array() });
  readonly guest = new Guest('node1', () => this);

  exec(script: string, { env, stdin = '' }: ExecOptions = {}): Promise<ExecResult> {
    this.scripts++;
    // The trash is that of the test.
    const trash = env?.['TRASH'] === undefined ? {} : { TRASH: join(this.folder, 'trash') };
    return new Promise((resolve, reject) => {
      const child = spawn('/bin/bash', ['-c', script.replaceAll('/run/', `${this.folder}/`)], {
        env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env, ...trash },
      });
      const printed = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].setEncoding('utf-8');
        child[stream].on('data', (text: string) => (printed[stream] += text));
      }
      child.on('error', reject);
      child.on('close', (code) => {
        resolve({ exitCode: code ?? 1, ...printed, timedOut: false });
      });
      child.stdin.end(stdin);
    });
  }

  readFile(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer>> {
    const all = Uint8Array.from(readFileSync(path));
    return Promise.resolve(range ? all.slice(range.start, range.start + range.length) : all);
  }

  writeFile(path: string, bytes: Uint8Array, mode?: 'replace' | 'append'): Promise<void> {
    // As the agent does it: in place.
    if (mode === 'append') appendFileSync(path, bytes);
    else writeFileSync(path, bytes);
    return Promise.resolve();
  }

  askEngine(request: EngineRequest): Promise<EngineAnswer> {
    return Promise.resolve(this.engine(request));
  }

  /** Permission bits of a file. */
  modeOf(path: string): number {
    return statSync(path).mode & 0o7777;
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
