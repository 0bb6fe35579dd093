/** The Engines of all machines of this tab. */
import type { NodeName } from '../../worker/net/lan.ts';
import { Listeners } from '../app/listeners.ts';
import { session } from '../machine/session.svelte.ts';
import { NodeEngine } from './node-engine.svelte.ts';

class Engines {
  #all = $state.raw<readonly NodeEngine[]>([]);
  readonly #onChange = new Listeners();

  constructor() {
    this.#follow();
    session.onNodes(() => {
      this.#follow();
    });
    session.onFresh((name) => this.find(name)?.clear());
  }

  /** In the order of the nodes. */
  get all(): readonly NodeEngine[] {
    return this.#all;
  }

  find(name: NodeName): NodeEngine | undefined {
    return this.#all.find(({ node }) => node.name === name);
  }

  /** Calls `listener` when there are others than before; returns what ends that. */
  onChange(listener: () => void): () => void {
    return this.#onChange.add(listener);
  }

  #follow(): void {
    const all = session.nodes.map((node) => {
      const known = this.#all.find((engine) => engine.node === node);
      if (known) return known;
      const engine = new NodeEngine(node);
      engine.swarmNews.add(() => {
        for (const each of this.#all)
          if (each === engine || each.lists.members.length > 0) each.refreshSwarm();
      });
      return engine;
    });
    for (const engine of this.#all) if (!all.includes(engine)) engine.end();
    this.#all = all;
    this.#onChange.emit();
  }
}

export const engines = new Engines();
