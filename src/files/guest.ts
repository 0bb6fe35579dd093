/** A node as its files are got at: scripts, reading and writing, and its Engine. It says in words why something failed. */
import { asDrydockError, DrydockError } from '../../worker/error.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { EngineAnswer, EngineRequest, ExecOptions, FileRange } from '../../worker/protocol.ts';
import { refusalOf } from '../engine/engine-request.ts';
import type { MachineNode } from '../machine/node.svelte.ts';

/** What is asked of a node. */
export type AskedNode = Pick<MachineNode, 'phase' | 'exec' | 'readFile' | 'writeFile' | 'askEngine'>;

/** How scripts say that there is something at the path already (sysexits.h: EX_CANTCREAT). */
export const EXISTS = 73;

/** How scripts say that the container does not run any more (EX_UNAVAILABLE). */
export const CONTAINER_ENDED = 69;

/** How scripts say that something is mounted there (EX_NOPERM). */
export const MOUNTED = 77;

/** For what takes long in the machine: it moves and packs whole folders. In seconds. */
export const LONG_SECONDS = 240;

export class Guest {
  readonly #find: () => AskedNode | undefined;

  /** @param find gives the node, as long as there is one of that name */
  constructor(
    readonly name: NodeName,
    find: () => AskedNode | undefined,
  ) {
    this.#find = find;
  }

  /**
   * Runs a script; what it says on standard error is the reason if it fails.
   * @param what it does, as words that follow "cannot": `rename it`
   * @throws DrydockError
   */
  async run(what: string, script: string, options: ExecOptions = {}): Promise<string> {
    const result = await this.#told(this.#node().exec(script, options));
    if (result.exitCode === 0) return result.stdout;
    const details = { exitCode: result.exitCode, stderr: result.stderr.slice(0, 2000) };
    if (result.timedOut) throw new DrydockError('timeout', `${this.name} did not ${what} in time.`, details);
    if (result.exitCode === EXISTS)
      throw new DrydockError('agent-failed', 'There is something of that name already.', details);
    if (result.exitCode === MOUNTED)
      throw new DrydockError(
        'wrong-state',
        'A volume or another file system is mounted there, so it stays where it is.',
        details,
      );
    if (result.exitCode === CONTAINER_ENDED)
      throw new DrydockError('wrong-state', 'The container does not run any more.', details);
    throw new DrydockError(
      'agent-failed',
      `${this.name} could not ${what}: ${reasonIn(result.stderr)}.`,
      details,
    );
  }

  /** Reads a file, or a part of it. @throws DrydockError */
  read(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.#told(this.#node().readFile(path, range));
  }

  /** Writes a file in place of what was in it, or at its end. @throws DrydockError */
  write(path: string, bytes: Uint8Array, mode?: 'replace' | 'append'): Promise<void> {
    return this.#told(this.#node().writeFile(path, bytes, mode));
  }

  /** Sends a request to the Engine. @throws DrydockError also when it refuses, with its words */
  async ask(request: EngineRequest): Promise<EngineAnswer> {
    const answer = await this.#told(this.#node().askEngine(request));
    if (answer.status < 400) return answer;
    throw new DrydockError('agent-failed', `The Engine of ${this.name} says: ${refusalOf(answer)}`, {
      status: answer.status,
    });
  }

  #node(): AskedNode {
    const node = this.#find();
    if (!node) throw new DrydockError('wrong-state', `There is no ${this.name} in this session.`);
    if (node.phase === 'paused')
      throw new DrydockError('wrong-state', `${this.name} is paused. Resume it, then try again.`);
    if (node.phase !== 'running')
      throw new DrydockError('wrong-state', `${this.name} does not run. Start it, then try again.`);
    return node;
  }

  async #told<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (thrown) {
      throw asDrydockError(thrown, 'agent-failed', `${this.name} did not answer.`);
    }
  }
}

/** Why a command failed, from what it said first: its last words are the reason that the kernel gave. */
export function reasonIn(stderr: string): string {
  const line = stderr.trim().split('\n')[0] ?? '';
  return line.split(': ').at(-1)?.replace(/\.$/, '') || 'it did not say why';
}
