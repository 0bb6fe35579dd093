/**
 * The worker's side of the boundary: opens machines and sends their events. Its type is the contract that
 * the page's client is derived from.
 */
import { proxy, type ProxyMarked } from 'comlink';
import type { LoadOptions, MachineEvent } from './protocol.ts';
import { FrameLink } from './net/frame-link.ts';
import { RemoteKeeping } from './keep/remote-keeping.ts';
import { RemoteSource } from './remote-source.ts';
import { Machine } from './vm/machine.ts';

/** What the page connects a machine to. */
export interface HostPorts {
  /** Gets the machine's events as `MachineEvent`. */
  events: MessagePort;
  /** `DownloadHost.serve` has the other end. */
  downloads: MessagePort;
  /** The machine's network cable; `LanHost.plug` has the other end. */
  lan: MessagePort;
  /** `Sessions.connect` has the other end; without, the machine is not kept. */
  keeping: MessagePort | undefined;
}

export const host = {
  /** Creates a machine, not loaded yet. */
  open(
    { release, profile, node }: LoadOptions,
    { events, downloads, lan, keeping }: HostPorts,
  ): Machine & ProxyMarked {
    const machine = new Machine({
      source: new RemoteSource(release, downloads),
      profile,
      node,
      lan: new FrameLink(lan),
      keeping: keeping && new RemoteKeeping(keeping),
    });
    machine.subscribe((event: MachineEvent) => {
      events.postMessage(event, event.type === 'output' ? [event.bytes.buffer] : []);
    });
    return proxy(machine);
  },
};

export type Host = typeof host;
