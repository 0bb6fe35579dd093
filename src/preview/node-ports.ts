/**
 * The open ports of one machine, as they come and go. The guest is asked when there is reason to: the Engine has told of
 * an event, or the user has ended a line in a terminal, which may have started a program.
 */
import type { NodeName } from '../../worker/net/lan.ts';
import { z } from '../../worker/schema.ts';
import type { MachineNode } from '../machine/node.svelte.ts';
import { parseListeners, type Listener } from './listeners.ts';
import { membersOf, portsOfContainers, portsOfServices, type PublishedPort } from './open-ports.ts';

/** How long it is waited for further events before the Engine is asked, in milliseconds. */
const SETTLE_MILLISECONDS = 250;

/** When it is looked for new programs after a line, in milliseconds: one that listens may take a while to start. */
const LOOK_MILLISECONDS = [1500, 6000];

/** When it is looked again after an event, in milliseconds: the Engine closes a port after it has told of the container's end. */
const AFTERWARDS_MILLISECONDS = [4000];

/** What an event is about. */
const eventSchema = z.object({ Type: z.string(), Action: z.string() });

/** Events after which ports may be others. */
const ACTIONS = /^(?:start|die|restart|connect|disconnect|create|update|remove|rename)$/;

/** What is asked of a machine. */
type AskedNode = Pick<MachineNode, 'engineNews' | 'lines' | 'askEngine' | 'readFile'>;

export class NodePorts {
  readonly #node: AskedNode;
  readonly #onChange: () => void;
  readonly #ends: (() => void)[];
  #timers: ReturnType<typeof setTimeout>[] = [];
  #eventTimer: ReturnType<typeof setTimeout> | undefined;
  listeners: readonly Listener[] = [];
  containers: readonly PublishedPort[] = [];
  /** Of the swarm; only its managers know of them, and of who is in it. */
  services: readonly PublishedPort[] = [];
  members: readonly NodeName[] = [];

  /** @param onChange called when any of it may be other than before */
  constructor(node: AskedNode, onChange: () => void) {
    this.#node = node;
    this.#onChange = onChange;
    this.#ends = [
      node.engineNews.add((news) => {
        if (news.type === 'told' || (news.type === 'event' && mayChangePorts(news.event))) this.#askSoon();
        else if (news.type === 'lost') {
          this.clear();
          void this.#look();
        }
      }),
      node.lines.add(() => {
        this.#lookLater(LOOK_MILLISECONDS);
      }),
    ];
  }

  end(): void {
    for (const end of this.#ends) end();
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#eventTimer);
  }

  /** Forgets everything: the machine is another. */
  clear(): void {
    this.listeners = [];
    this.containers = [];
    this.services = [];
    this.members = [];
    this.#onChange();
  }

  #askSoon(): void {
    clearTimeout(this.#eventTimer);
    this.#eventTimer = setTimeout(() => {
      void this.#ask();
    }, SETTLE_MILLISECONDS);
  }

  #lookLater(pauses: readonly number[]): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = pauses.map((pause) => setTimeout(() => void this.#look(), pause));
  }

  async #ask(): Promise<void> {
    this.containers = await this.#read('/containers/json', portsOfContainers, this.containers);
    await this.#look();
    this.services = await this.#read('/services', portsOfServices, this.services);
    this.members = this.services.length > 0 ? await this.#read('/nodes', membersOf, this.members) : [];
    this.#onChange();
    this.#lookLater(AFTERWARDS_MILLISECONDS);
  }

  /** What the Engine answers: nothing where it knows nothing, as one that is no manager; `known` where it does not answer. */
  async #read<T>(target: string, parse: (json: string) => T[], known: readonly T[]): Promise<readonly T[]> {
    try {
      const { status, bytes } = await this.#node.askEngine({ method: 'GET', target });
      return status === 200 ? parse(new TextDecoder().decode(bytes)) : [];
    } catch {
      return known;
    }
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

function mayChangePorts(event: string): boolean {
  try {
    const { Type, Action } = eventSchema.parse(JSON.parse(event));
    return /^(?:container|service|node)$/.test(Type) && ACTIONS.test(Action);
  } catch {
    return false;
  }
}
