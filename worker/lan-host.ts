/** What the page asks of the worker that has the switch of the session's LAN. */
import { FrameLink } from './net/frame-link.ts';
import type { NodeName } from './net/lan.ts';
import { Switch, type PortCounters, type SwitchPort } from './net/switch.ts';

const lan = new Switch();
const ports = new Map<NodeName, { port: SwitchPort; link: FrameLink }>();

export const lanHost = {
  /** Plugs in the cable of `node`, whose machine has the other end of `cable`, in place of the one that it had. */
  plug(node: NodeName, cable: MessagePort): void {
    lanHost.unplug(node);
    const link = new FrameLink(cable);
    const port = lan.plug((frame) => link.send(frame));
    link.plug((frame) => {
      port.receive(frame);
      return true;
    });
    ports.set(node, { port, link });
  },

  unplug(node: NodeName): void {
    const found = ports.get(node);
    ports.delete(node);
    found?.port.unplug();
    found?.link.close();
  },

  /** What has passed the port of each node. */
  counters(): Partial<Record<NodeName, PortCounters>> {
    return Object.fromEntries([...ports].map(([node, { port }]) => [node, port.counters]));
  },
};

export type LanHost = typeof lanHost;
