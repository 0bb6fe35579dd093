import type { NodeName } from '../../worker/net/lan.ts';

/** A container, as the Engine names it. */
export interface ContainerName {
  id: string;
  name: string;
}

/** Where files are: on a node itself, or in one of its containers. */
export interface Place {
  node: NodeName;
  container: ContainerName | undefined;
}

/** Tells places apart. */
export function placeKey({ node, container }: Place): string {
  return container ? `${node}/${container.id}` : node;
}

/** What a place is called: `node1`, or `web` of a container, with its node where there are several. */
export function placeTitle({ node, container }: Place, several: boolean): string {
  if (!container) return node;
  return several ? `${container.name} on ${node}` : container.name;
}
