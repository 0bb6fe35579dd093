/** The machines that a lesson can have. */
import type { NodeName } from '../../worker/net/lan.ts';

/** All names, in order; a lesson with two nodes has the first two. */
export const nodeNames = ['node1', 'node2', 'node3', 'node4', 'node5'] as const satisfies readonly NodeName[];

/** The nodes of a lesson. */
export function nodesOf({ nodes }: { nodes: number }): NodeName[] {
  return nodeNames.slice(0, nodes);
}
