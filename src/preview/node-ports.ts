/**
 * The open ports of one machine, as they come and go. The guest is asked when there is reason to: the Engine has told of
 * an event, or the user has ended a line in a terminal, which may have started a program.
 */
import type { NodeName } from '../../worker/net/lan.ts';
import { NO_LISTS, type EngineLists } from '../engine/engine-parts.ts';
import type { NodeEngine } from '../engine/node-engine.svelte.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import { parseListeners, type Listener } from './listeners.ts';
import { membersOf, portsOfContainers, portsOfServices, type PublishedPort } from './open-ports.ts';

/** When it is looked for new programs after a line, in milliseconds: one that listens may take a while to start. */
const LOOK_MILLISECONDS = [1500, 6000];

/** When it is looked again after an event, in milliseconds: the Engine closes a port after it has told of the container's end. */
const AFTERWARDS_MILLISECONDS = [4000];

/** What is asked of a machine. */
type AskedNode = Pick<MachineNode, 'lines' | 'readFile'>;

export class NodePorts {
  readonly #node: AskedNode;
  readonly #engine: NodeEngine;
  readonly #onChange: () => void;
  readonly #ends: (() => void)[];
  #timers: ReturnType<typeof setTimeout>[] = [];
  /** What the Engine has last told of, to know whether it tells something else. */
  #told: Pick<EngineLists, 'containers' | 'services'> = NO_LISTS;
  listeners: readonly Listener[] = [];

  /** @param onChange called when any of it may be other than before */
  constructor(node: AskedNode, engine: NodeEngine, onChange: () => void) {
    this.#node = node;
    this.#engine = engine;
    this.#onChange = onChange;
    this.#ends = [
      engine.want(['containers', 'services', 'members']),
      engine.onChange(() => {
        this.#follow();
      }),
      node.lines.add(() => {
        this.#lookLater(LOOK_MILLISECONDS);
      }),
    ];
  }

  get containers(): PublishedPort[] {
    return portsOfContainers(this.#engine.lists.containers);
  }

  /** Of the swarm; only its managers know of them, and of who is in it. */
  get services(): PublishedPort[] {
    return portsOfServices(this.#engine.lists.services);
  }

  get members(): NodeName[] {
    return membersOf(this.#engine.lists.members);
  }

  end(): void {
    for (const end of this.#ends) end();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Forgets the programs that listen: the machine is another. */
  clear(): void {
    this.listeners = [];
    this.#onChange();
  }

  #follow(): void {
    const { lists } = this.#engine;
    const isOther =
      lists.containers !== this.#told.containers || lists.services.length !== this.#told.services.length;
    this.#told = lists;
    this.#onChange();
    if (!isOther) return;
    void this.#look();
    this.#lookLater(AFTERWARDS_MILLISECONDS);
  }

  #lookLater(pauses: readonly number[]): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = pauses.map((pause) => setTimeout(() => void this.#look(), pause));
  }

  async #look(): Promise<void> {
    try {
      const tables = await Promise.all(
        ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => this.#node.readFile(path)),
      );
      this.listeners = parseListeners(tables.map((bytes) => new TextDecoder().decode(bytes)).join('\n'));
    } catch {
      // It is off, or too busy to answer: what was known last stays.
    }
    this.#onChange();
  }
}
