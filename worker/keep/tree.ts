/** Whether the moments of a record from elsewhere hang together as ours do. */
import { lineage, type SessionRecord } from './record.ts';

/**
 * Every moment has its own id and leads back to the release, the machines go on from one that is there, and what is
 * saved by itself is only ever that one, with nothing after it.
 */
export function isTree(record: SessionRecord): boolean {
  const { moments, at, journal } = record;
  const ids = new Set(moments.map(({ id }) => id));
  const parents = new Set(moments.map(({ parent }) => parent));
  return (
    ids.size === moments.length &&
    (at === undefined || ids.has(at)) &&
    moments.every(({ id, kind, nodes }) => {
      const line = lineage(record, id);
      const leadsBack = line.length <= moments.length && line[0]?.parent === undefined;
      const isInPlace = kind === 'checkpoint' || (id === at && !parents.has(id));
      return leadsBack && isInPlace && nodes.length === journal.length;
    })
  );
}
