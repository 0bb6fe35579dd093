/** The open ports of a machine, from what its kernel and its Engine say of them. */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import {
  nameOf,
  type EngineContainer,
  type EngineMember,
  type EngineService,
} from '../engine/engine-json.ts';
import type { Listener } from './listeners.ts';

export interface OpenPort extends Listener {
  node: NodeName;
  /** Names of the containers and services whose port it is; none for a program of the machine itself. */
  owners: string[];
}

/** A port that a container or a service has published. */
export interface PublishedPort extends Listener {
  owner: string;
}

/** The ports that containers have published. */
export function portsOfContainers(containers: readonly EngineContainer[]): PublishedPort[] {
  return containers.flatMap(({ Names, Labels, Ports }) =>
    (Ports ?? []).flatMap(({ IP = '', PublicPort, Type }) =>
      PublicPort !== undefined && Type === 'tcp'
        ? [
            {
              port: PublicPort,
              scope: /^(?:127\.|::1$)/.test(IP) ? ('loopback' as const) : ('lan' as const),
              owner: Labels?.['com.docker.swarm.service.name'] ?? nameOf(Names),
            },
          ]
        : [],
    ),
  );
}

/** The ports that services have published on every node. */
export function portsOfServices(services: readonly EngineService[]): PublishedPort[] {
  return services.flatMap(({ Spec, Endpoint }) =>
    (Endpoint?.Ports ?? []).flatMap(({ PublishedPort, Protocol }) =>
      PublishedPort !== undefined && Protocol === 'tcp'
        ? [{ port: PublishedPort, scope: 'lan' as const, owner: Spec.Name }]
        : [],
    ),
  );
}

/** The machines that are in a swarm, as a manager knows its nodes. */
export function membersOf(members: readonly EngineMember[]): NodeName[] {
  const ready = members.filter(({ Status }) => Status.State === 'ready');
  return NODE_NAMES.filter((name) => ready.some(({ Description }) => Description.Hostname === name));
}

/**
 * The open ports of `node`. A loopback port that no container has published is one of the machine's own.
 * @param services published in the swarm that the node is in: each of its nodes has them
 */
export function openPorts(
  node: NodeName,
  listeners: readonly Listener[],
  containers: readonly PublishedPort[],
  services: readonly PublishedPort[],
): OpenPort[] {
  const ports = new Map<number, OpenPort>();
  for (const { port, scope } of listeners)
    if (scope === 'lan') ports.set(port, { node, port, scope, owners: [] });
  for (const { port, scope, owner } of [...containers, ...services]) {
    const known = ports.get(port) ?? { node, port, scope, owners: [] };
    known.owners = [...new Set([...known.owners, owner])];
    ports.set(port, known);
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}
