/** What the live view shows: the picture of all machines of this tab, in one of its forms, and what is looked at closer. */
import { engines } from '../engine/engines.svelte.ts';
import { PARTS } from '../engine/engine-parts.ts';
import { session } from '../machine/session.svelte.ts';
import { pictureOf, type MachineView, type Picture } from './picture.ts';
import type { Subject } from './subject.ts';

export type LiveForm = 'graph' | 'table' | 'images';

class Live {
  form = $state.raw<LiveForm>('graph');
  selected = $state.raw<Subject>();
  readonly picture: Picture = $derived(
    pictureOf(
      engines.all.map(({ node, lists, restarts, layers }) => ({ name: node.name, lists, restarts, layers })),
    ),
  );

  /** Has everything kept up to date, in machines that come later too, until what is returned is called. */
  watch(): () => void {
    let ends: (() => void)[] = [];
    const stop = (): void => {
      for (const end of ends) end();
    };
    const start = (): void => {
      stop();
      ends = engines.all.map((engine) => engine.want(PARTS));
    };
    start();
    const endChange = engines.onChange(start);
    return () => {
      endChange();
      stop();
    };
  }

  machine(name: string): MachineView | undefined {
    return this.picture.machines.find((machine) => machine.name === name);
  }

  /** Why nothing is known of a machine; undefined when something is. */
  silence(name: string): 'loading' | 'off' | 'paused' | 'failed' | 'engine-down' | undefined {
    const node = session.nodes.find((each) => each.name === name);
    const engine = engines.all.find((each) => each.node.name === name);
    if (!node || !engine) return 'off';
    switch (node.phase) {
      case 'running':
        return engine.reach === 'reached' ? undefined : engine.reach === 'lost' ? 'engine-down' : 'loading';
      case 'paused':
        return engine.reach === 'reached' ? undefined : 'paused';
      case 'loading':
      case 'waiting-for-disk':
        return 'loading';
      case 'off':
        return 'off';
      default:
        return 'failed';
    }
  }

  /** Whether what is selected is still there. */
  has({ kind, node, id }: Subject): boolean {
    if (kind === 'service') return this.picture.services.some((service) => service.id === id);
    const machine = this.machine(node);
    if (!machine) return false;
    switch (kind) {
      case 'machine':
        return true;
      case 'container':
        return machine.containers.some((each) => each.id === id);
      case 'network':
        return machine.networks.some((each) => each.id === id);
      case 'volume':
        return machine.volumes.some((each) => each.name === id);
      case 'image':
        return machine.images.some((each) => each.id === id);
    }
  }
}

export const live = new Live();
