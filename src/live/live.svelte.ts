/** What the live view shows: the picture of all machines of this tab, in one of its forms, and what is looked at closer. */
import type { NodeName } from '../../worker/net/lan.ts';
import { engines } from '../engine/engines.svelte.ts';
import { NO_LISTS, PARTS, type EngineLists } from '../engine/engine-parts.ts';
import { session } from '../machine/session.svelte.ts';
import { pictureOf, type MachineView, type Picture } from './picture.ts';
import type { Subject } from './subject.ts';

export type LiveForm = 'graph' | 'table' | 'images';

/** Every Engine has networks. Before they are known, containers would be drawn without, and move at once. */
const isKnown = ({ networks }: EngineLists): boolean => networks.length > 0;

/** The parts of the details. */
export type DetailsTab = 'facts' | 'inspect' | 'logs' | 'stats' | 'layers';

class Live {
  form = $state.raw<LiveForm>('graph');
  selected = $state.raw<Subject>();
  /** What of it is shown. */
  tab = $state.raw<DetailsTab>('facts');
  readonly picture: Picture = $derived(
    pictureOf(
      engines.all.map(({ node, lists, restarts, layers }) => ({
        name: node.name,
        lists: isKnown(lists) ? lists : NO_LISTS,
        restarts,
        layers,
      })),
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

  machine(name: NodeName): MachineView | undefined {
    return this.picture.machines.find((machine) => machine.name === name);
  }

  /** Why nothing is known of a machine; undefined when something is. */
  silence(name: NodeName): 'loading' | 'off' | 'paused' | 'failed' | 'engine-down' | undefined {
    const node = session.find(name);
    const engine = engines.find(name);
    if (!node || !engine) return 'off';
    switch (node.phase) {
      case 'running':
        if (engine.reach === 'lost') return 'engine-down';
        return engine.reach === 'reached' && isKnown(engine.lists) ? undefined : 'loading';
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

  /** What is selected, as long as it is there; a service wherever there is a manager of its swarm. */
  readonly shown: Subject | undefined = $derived.by(() => {
    if (!this.selected) return undefined;
    if (this.selected.kind !== 'service') return this.#has(this.selected) ? this.selected : undefined;
    const { id } = this.selected;
    const service = this.picture.services.find((each) => each.id === id);
    return service && { kind: 'service', node: service.manager, id };
  });

  #has({ kind, node, id }: Subject): boolean {
    const machine = this.machine(node);
    if (!machine) return false;
    switch (kind) {
      case 'container':
        return machine.containers.some((each) => each.id === id);
      case 'network':
        return machine.networks.some((each) => each.id === id);
      case 'volume':
        return machine.volumes.some((each) => each.name === id);
      case 'image':
        return machine.images.some((each) => each.id === id);
      default:
        return true;
    }
  }
}

export const live = new Live();
