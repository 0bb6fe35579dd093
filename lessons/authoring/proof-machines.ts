/** The machines on which lessons are proved. They are kept for the next proof, if that needs the same. */
import type { CableQuality } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import { Cluster } from '../../worker/node/cluster.ts';
import type {
  ConsoleIndex,
  ExecOptions,
  ExecResult,
  MachineEvent,
  MachineState,
  RemoteMachine,
} from '../../worker/protocol.ts';
import type { Machine } from '../../worker/vm/machine.ts';
import type { Power, Sight } from '../engine/machines.ts';
import type { ProofMachines } from '../engine/proof.ts';
import type { Lesson } from '../format/lesson.ts';
import { Solo } from './solo.ts';
import type { WalkMachines } from './walk.ts';

/**
 * What checks are made of. In a new process V8 compiles the code behind it, and for half a minute everything is several
 * times as slow as a reader would have it: a check must not miss its deadline for that.
 */
const WARM_UP = 'docker ps && curl -s --unix-socket /var/run/docker.sock http://docker/images/json | jq .';
const WARM_UP_SECONDS = 120;

const POWER: Record<MachineState, Power> = {
  created: 'starting',
  loading: 'starting',
  running: 'running',
  paused: 'paused',
  'waiting-for-disk': 'waiting-for-disk',
  off: 'off',
  failed: 'failed',
  destroyed: 'missing',
};

type Needs = Pick<Lesson, 'nodes' | 'memory'>;

/** The machines that a lesson needs: one in this process, or several in threads of their own. */
export class LessonGround implements ProofMachines, WalkMachines {
  readonly #machines: Solo | Cluster;
  readonly #needs: Needs;

  private constructor(machines: Solo | Cluster, needs: Needs) {
    this.#machines = machines;
    this.#needs = needs;
  }

  /** Starts machines of the release in `folder`; resolves when they work as fast as they ever do. */
  static async start(folder: string, { nodes, memory }: Needs): Promise<LessonGround> {
    const machines =
      nodes === 1 ? new Solo(folder, memory) : new Cluster(folder, { profile: memory, checkpoints: true });
    await machines.start(nodes);
    const ground = new LessonGround(machines, { nodes, memory });
    await Promise.all(machines.names.map((node) => ground.exec(WARM_UP, { timeout: WARM_UP_SECONDS }, node)));
    return ground;
  }

  /** Whether these machines are what a lesson needs, and none of them has failed. */
  async suits({ nodes, memory }: Needs): Promise<boolean> {
    if (nodes !== this.#needs.nodes || memory !== this.#needs.memory) return false;
    const sights = await Promise.all(this.#machines.names.map((node) => this.look(node)));
    return sights.every(({ power }) => power === 'running' || power === 'paused' || power === 'off');
  }

  readonly fresh = (): Promise<void> => this.#machines.reset();

  readonly checkpoint = (): Promise<() => Promise<void>> => this.#machines.checkpoint();

  readonly exec = (script: string, options: ExecOptions, node: NodeName): Promise<ExecResult> =>
    this.#machine(node).exec(script, options);

  readonly look = async (node: NodeName): Promise<Sight> => ({
    power: POWER[await this.#machine(node).state],
    cable: this.#machines.cable(node),
  });

  readonly cutPower = (node: NodeName): Promise<void> => this.#machine(node).cutPower();

  readonly powerOn = (node: NodeName): Promise<void> => this.#machine(node).powerOn();

  readonly pause = (node: NodeName): Promise<void> => this.#machine(node).pause();

  readonly resume = (node: NodeName): Promise<void> => this.#machine(node).run();

  readonly setCable = (node: NodeName, quality: CableQuality): Promise<void> =>
    this.#machines.setCable(node, quality);

  readonly send = async (node: NodeName, console: ConsoleIndex, bytes: Uint8Array): Promise<void> => {
    await this.#machine(node).send(console, bytes);
  };

  readonly subscribe = (node: NodeName, listener: (event: MachineEvent) => void): (() => void) =>
    this.#machines.subscribe(node, listener);

  destroy(): Promise<void> {
    return this.#machines.destroy();
  }

  #machine(node: NodeName): Machine | RemoteMachine {
    return this.#machines.node(node);
  }
}
