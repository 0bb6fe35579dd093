/** The open ports of all machines of this tab. */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import { Listeners } from '../app/listeners.ts';
import { engines } from '../engine/engines.svelte.ts';
import { session } from '../machine/session.svelte.ts';
import { NodePorts } from './node-ports.ts';
import { openPorts, type OpenPort } from './open-ports.ts';

class Ports {
  readonly #nodes = new Map<NodeName, NodePorts>();
  readonly #onChange = new Listeners();
  #all = $state.raw<readonly OpenPort[]>([]);

  constructor() {
    this.#follow();
    engines.onChange(() => {
      this.#follow();
    });
    session.onFresh((name) => this.#nodes.get(name)?.clear());
  }

  /** Calls `listener` when they may be others than before; returns what ends that. */
  onChange(listener: () => void): () => void {
    return this.#onChange.add(listener);
  }

  /** In the order of nodes and ports. */
  get all(): readonly OpenPort[] {
    return this.#all;
  }

  /** Has a look at the nodes that there are. */
  #follow(): void {
    for (const [name, ports] of this.#nodes)
      if (!session.find(name)) {
        ports.end();
        this.#nodes.delete(name);
      }
    for (const engine of engines.all) {
      const node = session.find(engine.node.name);
      if (node && !this.#nodes.has(node.name))
        this.#nodes.set(
          node.name,
          new NodePorts(node, engine, () => {
            this.#collect();
          }),
        );
    }
    this.#collect();
  }

  #collect(): void {
    const managers = [...this.#nodes.values()];
    this.#all = NODE_NAMES.flatMap((name) => {
      const ports = this.#nodes.get(name);
      if (!ports) return [];
      const services = managers
        .filter(({ members }) => members.includes(name))
        .flatMap((each) => each.services);
      return openPorts(name, ports.listeners, ports.containers, services);
    });
    this.#onChange.emit();
  }
}

export const ports = new Ports();
