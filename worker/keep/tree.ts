/** Whether the moments of a record from elsewhere hang together as ours do. */
import {
  lineage,
  memoryOf,
  nodesOf,
  type NodeJournal,
  type NodeMoment,
  type Nodes,
  type SessionRecord,
} from './record.ts';

/**
 * Every moment has its own id and leads back to the release, the machines go on from one that is there, and what is
 * saved by itself is only ever that one, with nothing after it. Each node is relative to something that is there.
 */
export function isTree(record: SessionRecord): boolean {
  const { moments, at, journal, machine } = record;
  const known = new Map(moments.map((moment) => [moment.id, moment]));
  const parents = new Set(moments.map(({ parent }) => parent));
  const follow = (nodes: Nodes<NodeMoment | NodeJournal>, parent: string | undefined): boolean => {
    const before = parent === undefined ? undefined : known.get(parent)?.nodes;
    return nodesOf(nodes).every(
      ([name, node]) => machine.overlays[node.profile] && isBasedOn(node, before?.[name]),
    );
  };
  return (
    known.size === moments.length &&
    (at === undefined || known.has(at)) &&
    follow(journal, at) &&
    moments.every(({ id, kind, parent, nodes }) => {
      const line = lineage(record, id);
      const leadsBack = line.length <= moments.length && line[0]?.parent === undefined;
      const isInPlace = kind === 'checkpoint' || (id === at && !parents.has(id));
      return leadsBack && isInPlace && follow(nodes, parent);
    })
  );
}

/** Whether `node` can be relative to `before`. Memory that is not whole is relative to a memory. */
function isBasedOn(node: NodeMoment | NodeJournal, before: NodeMoment | undefined): boolean {
  if (node.base === 'release') return true;
  if (before?.profile !== node.profile) return false;
  const memory = 'memory' in node ? node.memory : undefined;
  return !memory || memory.whole || memoryOf(before) !== undefined;
}
