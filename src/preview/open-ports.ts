/** The open ports of a machine, from what its kernel and its Engine say of them. */
import { NODE_NAMES, type NodeName } from '../../worker/net/lan.ts';
import { z } from '../../worker/schema.ts';
import type { Listener } from './listeners.ts';

export interface OpenPort extends Listener {
  node: NodeName;
  /** Names of the containers and services whose port it is; none for a program of the machine itself. */
  owners: string[];
}

/** What is read of `GET /containers/json`. */
const containersSchema = z.array(
  z.object({
    Names: z.array(z.string()),
    Labels: z.record(z.string(), z.string()),
    Ports: z.array(
      z.object({ IP: z.optional(z.string()), PublicPort: z.optional(z.int()), Type: z.string() }),
    ),
  }),
);

/** What is read of `GET /services`. */
const servicesSchema = z.array(
  z.object({
    Spec: z.object({ Name: z.string() }),
    Endpoint: z.optional(
      z.object({
        Ports: z.optional(
          z.nullable(z.array(z.object({ PublishedPort: z.optional(z.int()), Protocol: z.string() }))),
        ),
      }),
    ),
  }),
);

/** What is read of `GET /nodes`. */
const nodesSchema = z.array(
  z.object({
    Description: z.object({ Hostname: z.string() }),
    Status: z.object({ State: z.string() }),
  }),
);

/** A port that a container or a service has published. */
export interface PublishedPort extends Listener {
  owner: string;
}

/**
 * The ports that containers have published, from the answer to `GET /containers/json`.
 * @throws Error for what is none
 */
export function portsOfContainers(json: string): PublishedPort[] {
  return containersSchema.parse(JSON.parse(json)).flatMap(({ Names: [name = ''], Labels, Ports }) =>
    Ports.flatMap(({ IP = '', PublicPort, Type }) =>
      PublicPort !== undefined && Type === 'tcp'
        ? [
            {
              port: PublicPort,
              scope: /^(?:127\.|::1$)/.test(IP) ? ('loopback' as const) : ('lan' as const),
              owner: Labels['com.docker.swarm.service.name'] ?? name.replace(/^\//, ''),
            },
          ]
        : [],
    ),
  );
}

/**
 * The ports that services have published on every node, from the answer to `GET /services`.
 * @throws Error for what is none
 */
export function portsOfServices(json: string): PublishedPort[] {
  return servicesSchema
    .parse(JSON.parse(json))
    .flatMap(({ Spec, Endpoint }) =>
      (Endpoint?.Ports ?? []).flatMap(({ PublishedPort, Protocol }) =>
        PublishedPort !== undefined && Protocol === 'tcp'
          ? [{ port: PublishedPort, scope: 'lan' as const, owner: Spec.Name }]
          : [],
      ),
    );
}

/**
 * The machines that are in a swarm, from the answer to `GET /nodes`.
 * @throws Error for what is none
 */
export function membersOf(json: string): NodeName[] {
  const ready = nodesSchema.parse(JSON.parse(json)).filter(({ Status }) => Status.State === 'ready');
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
