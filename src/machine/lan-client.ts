/** The page's end of the worker with the switch. */
import { transfer } from 'comlink';
import type { LanHost } from '../../worker/lan-host.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { PortCounters } from '../../worker/net/switch.ts';
import { WorkerLink } from '../../worker/worker-link.ts';

export class LanClient {
  readonly #link = new WorkerLink<LanHost>(
    new Worker(new URL('../../worker/lan.worker.ts', import.meta.url), { type: 'module', name: 'lan' }),
    'the network',
  );

  /** Plugs in `node`; the machine's end of its cable is the result. */
  async plug(node: NodeName): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel();
    await this.#link.call((host) => host.plug(node, transfer(port1, [port1])));
    return port2;
  }

  unplug(node: NodeName): Promise<void> {
    return this.#link.call((host) => host.unplug(node));
  }

  counters(): Promise<Partial<Record<NodeName, PortCounters>>> {
    return this.#link.call((host) => host.counters());
  }
}
