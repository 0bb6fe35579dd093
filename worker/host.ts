/**
 * The worker's side of the boundary: opens machines and sends their events. Its type is the contract that
 * the page's client is derived from.
 */
import { proxy, type ProxyMarked } from 'comlink';
import type { LoadOptions, MachineEvent } from './protocol.ts';
import { RemoteKeeping } from './keep/remote-keeping.ts';
import { RemoteSource } from './remote-source.ts';
import { Machine } from './vm/machine.ts';

export const host = {
  /**
   * Creates a machine, not loaded yet. Its events go to `events` as `MachineEvent`; it downloads through
   * `downloads`, which `DownloadHost.serve` has the other end of, and is kept through `keeping`, which
   * `Sessions.connect` has the other end of.
   */
  open(
    { release, profile }: LoadOptions,
    events: MessagePort,
    downloads: MessagePort,
    keeping?: MessagePort,
  ): Machine & ProxyMarked {
    const machine = new Machine({
      source: new RemoteSource(release, downloads),
      profile,
      keeping: keeping && new RemoteKeeping(keeping),
    });
    machine.subscribe((event: MachineEvent) => {
      events.postMessage(event, event.type === 'output' ? [event.bytes.buffer] : []);
    });
    return proxy(machine);
  },
};

export type Host = typeof host;
