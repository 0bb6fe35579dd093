/** What becomes of a record when the user goes elsewhere in it, or changes which nodes there are. No file is touched. */
import { DrydockError } from '../error.ts';
import type { NodeName } from '../net/lan.ts';
import type { ProfileName } from '../protocol.ts';
import { randomUuid } from '../random-uuid.ts';
import {
  latestOf,
  mapNodes,
  nodesOf,
  type Moment,
  type NodeJournal,
  type NodeMoment,
  type SessionRecord,
} from './record.ts';

/** A machine of which nothing was kept yet. */
export function freshNode(profile: ProfileName): NodeJournal {
  return { profile, base: 'release', state: 'running', blocks: [] };
}

/** All machines that there are, fresh. */
export function freshNodes(journal: SessionRecord['journal']): SessionRecord['journal'] {
  return mapNodes(journal, ({ profile }) => freshNode(profile));
}

/**
 * Has the machines go on from moment `id`, without it from the release. What was written since the last moment becomes a
 * moment of its own.
 * @throws DrydockError `wrong-state` for a moment that is not there
 */
export function goneTo(record: SessionRecord, id: string | undefined): SessionRecord {
  const { at, journal, moments } = record;
  const target = moments.find((moment) => moment.id === id);
  if (id !== undefined && !target) throw new DrydockError('wrong-state', 'This checkpoint is gone.');
  const latest = latestOf(record);
  const stays =
    id === at ? moments : moments.map((moment) => (moment === latest ? asCheckpoint(moment) : moment));
  const isWritten = nodesOf(journal).some(([, { blocks }]) => blocks.length > 0);
  return {
    ...record,
    at: id,
    moments: isWritten ? [...stays, diskMoment(record)] : [...stays],
    journal: target ? mapNodes(target.nodes, goesOn) : freshNodes(journal),
  };
}

/** Has a fresh machine be node `name`. What was saved last of an earlier one becomes a checkpoint. */
export function withFresh(record: SessionRecord, name: NodeName, profile: ProfileName): SessionRecord {
  const { overlays } = record.machine;
  if (!overlays[profile])
    throw new DrydockError(
      'wrong-release',
      'This session was made with an earlier version of Drydock, which has no such machine.',
    );
  return {
    ...record,
    used: Date.now(),
    moments: withoutLoss(record, name, `Before resetting ${name}`),
    journal: { ...record.journal, [name]: freshNode(profile) },
  };
}

/** Has there be no node `name`. What was saved last of it becomes a checkpoint. */
export function without(record: SessionRecord, name: NodeName): SessionRecord {
  const others = nodesOf(record.journal).filter(([other]) => other !== name);
  if (others.length === 0) throw new DrydockError('wrong-state', 'A session has at least one machine.');
  return {
    ...record,
    used: Date.now(),
    moments: withoutLoss(record, name, `Before removing ${name}`),
    journal: Object.fromEntries(others),
  };
}

/** The same session without any content. */
export function emptied(record: SessionRecord): SessionRecord {
  return {
    ...record,
    moments: [],
    at: undefined,
    journal: mapNodes(record.journal, ({ profile, state }) => ({ ...freshNode(profile), state })),
  };
}

/** What `journal` is relative to when it becomes part of a moment in the place of `latest`, and with what before it. */
export function followed({ base, blocks }: NodeJournal, latest: NodeMoment | undefined) {
  if (base === 'release' || !latest) return { base, blocks };
  return { base: latest.base, blocks: [...latest.blocks, ...blocks] };
}

function goesOn({ profile, state }: NodeMoment): NodeJournal {
  return { profile, base: 'parent', state: state === 'off' ? 'off' : 'running', blocks: [] };
}

function asCheckpoint(moment: Moment): Moment {
  return { ...moment, kind: 'checkpoint' };
}

/** The moments, and a copy of the last one if that is about to be replaced by one without what node `name` was. */
function withoutLoss(record: SessionRecord, name: NodeName, label: string): Moment[] {
  const latest = latestOf(record);
  const isLost = latest?.nodes[name] && record.journal[name]?.base === 'parent';
  if (!isLost) return record.moments;
  return [...record.moments, { ...asCheckpoint(latest), id: randomUuid(), label }];
}

/** The disks as they were last, as a moment to boot from. */
function diskMoment(record: SessionRecord): Moment {
  const { at, journal, place } = record;
  const latest = latestOf(record);
  return {
    id: randomUuid(),
    parent: latest ? latest.parent : at,
    at: Date.now(),
    kind: 'checkpoint',
    label: 'The disk as it was last',
    place,
    pause: 0,
    nodes: mapNodes(journal, (node, name) => ({
      profile: node.profile,
      ...followed(node, latest?.nodes[name]),
      state: node.state === 'off' ? 'off' : 'crashed',
    })),
  };
}
