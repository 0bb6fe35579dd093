/**
 * Swarms to begin with. They are formed by the same commands that a learner would type: that takes some twenty seconds
 * for three nodes, and a prepared snapshot of a whole cluster would be a download of its own for each of them.
 */
import { asDrydockError, DrydockError } from '../../worker/error.ts';
import { NODE_NAMES, nodeAddress, type NodeName } from '../../worker/net/lan.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { keeping } from '../sessions/keeping.svelte.ts';
import { describe } from './operations.ts';
import { session } from './session.svelte.ts';

export interface SwarmTemplate {
  readonly title: string;
  readonly managers: number;
  readonly workers: number;
}

export const SWARM_TEMPLATES: readonly SwarmTemplate[] = [
  { title: '1 manager, 2 workers', managers: 1, workers: 2 },
  { title: '3 managers', managers: 3, workers: 0 },
  { title: '3 managers, 2 workers', managers: 3, workers: 2 },
];

export type FormingState =
  | { phase: 'idle' }
  /** `step` of `steps` is under way. */
  | { phase: 'forming'; doing: string; step: number; steps: number }
  | { phase: 'formed'; title: string }
  | { phase: 'failed'; error: Error };

/** What one command may take, in seconds: ten on an idle computer. */
const COMMAND_SECONDS = 120;

/** How long nodes may take to come up, in milliseconds. */
const START_MILLISECONDS = 180_000;

const LOOK_MILLISECONDS = 200;

class Forming {
  #state = $state.raw<FormingState>({ phase: 'idle' });

  get state(): FormingState {
    return this.#state;
  }

  /** The nodes that `template` needs and that there are not. */
  missing({ managers, workers }: SwarmTemplate): NodeName[] {
    return NODE_NAMES.slice(0, managers + workers).filter((name) => !session.find(name));
  }

  /** Adds the nodes that are missing and forms the swarm. How it goes, and what goes wrong, is found in `state`. */
  async form(template: SwarmTemplate, profile: ProfileName): Promise<void> {
    if (this.#state.phase === 'forming') return;
    try {
      await this.#form(template, profile);
      this.#state = { phase: 'formed', title: template.title };
      keeping.saveQuietly();
    } catch (thrown) {
      this.#state = {
        phase: 'failed',
        error: asDrydockError(thrown, 'internal', 'The swarm could not be formed.'),
      };
    }
  }

  async #form(template: SwarmTemplate, profile: ProfileName): Promise<void> {
    const { managers, workers } = template;
    const [first, ...others] = NODE_NAMES.slice(0, managers + workers) as [NodeName, ...NodeName[]];
    const steps = 2 + others.length;
    let step = 0;
    const begin = (doing: string): void => {
      this.#state = { phase: 'forming', doing, step: step++, steps };
    };
    begin('Starting the nodes');
    for (const name of this.missing(template)) void session.addNode(name, profile);
    await allRun([first, ...others]);
    begin(`${first} begins the swarm`);
    await run(first, `docker swarm init --advertise-addr ${nodeAddress(first)}`);
    const token = (role: string): Promise<string> => run(first, `docker swarm join-token -q ${role}`);
    const tokens = { manager: await token('manager'), worker: await token('worker') };
    // One after the other: each new manager is a change that the others must agree on.
    for (const [i, name] of others.entries()) {
      const role = i < managers - 1 ? 'manager' : 'worker';
      begin(`${name} joins as a ${role}`);
      await run(name, `docker swarm join --token ${tokens[role]} ${nodeAddress(first)}:2377`);
    }
  }
}

export const forming = new Forming();

/** @throws DrydockError `wrong-state` for a node that does not come up, `timeout` */
async function allRun(names: readonly NodeName[]): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    const phases = names.map((name) => ({ name, phase: session.find(name)?.phase ?? 'idle' }));
    const waiting = phases.filter(({ phase }) => phase !== 'running');
    if (waiting.length === 0) return;
    const stuck = waiting.find(({ phase }) => phase !== 'loading');
    if (stuck)
      throw new DrydockError('wrong-state', `${stuck.name} is ${describe(stuck.phase)}. Start it first.`);
    if (Date.now() > deadline)
      throw new DrydockError('timeout', `${waiting.map(({ name }) => name).join(', ')} did not come up.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

async function run(name: NodeName, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await session.exec(command, { timeout: COMMAND_SECONDS }, name);
  if (exitCode === 0) return stdout.trim();
  throw new DrydockError(
    'wrong-state',
    `${name}: ${stderr.trim() || stdout.trim() || `exit code ${exitCode}`}`,
  );
}
