/** What a page shows of a session. */
import type { NodeName } from '../net/lan.ts';
import type { ProfileName } from '../protocol.ts';
import {
  memoryOf,
  momentFiles,
  nodesOf,
  recordFiles,
  sizeOf,
  type Moment,
  type SessionRecord,
} from './record.ts';
import { screenText } from './screen.ts';

/** Of the lines that are shown of a terminal, in characters: those of a session from elsewhere may be endless. */
const LINE_LENGTH = 200;

/** A moment as a page shows it. */
export interface MomentSummary extends Pick<Moment, 'id' | 'at' | 'kind' | 'label' | 'place' | 'pause'> {
  bytes: number;
  /** Whether machines go on from there as they were, and not only their disks are. */
  running: boolean;
  nodes: NodeName[];
}

/** A session as a page shows it. */
export interface SessionSummary extends Pick<
  SessionRecord,
  'id' | 'name' | 'created' | 'saved' | 'used' | 'place' | 'machineId' | 'at'
> {
  bytes: number;
  build: string;
  /** In the order of their names. */
  nodes: { name: NodeName; profile: ProfileName }[];
  /** When the memory was saved that the machines would go on with; undefined if they would boot. */
  running: number | undefined;
  /** Whether anything was written to a disk after that. */
  journal: 'empty' | 'written';
  moments: MomentSummary[];
  /** The last lines of the first terminal. */
  lines: string[];
}

export function summarise(record: SessionRecord): SessionSummary {
  const { id, name, created, saved, used, place, machineId, machine, moments, journal, at } = record;
  const last = moments.find((moment) => moment.id === at);
  const nodes = nodesOf(journal);
  const goesOn = nodes.every(([node, { base }]) => base === 'release' || isAsItWas(last?.nodes[node]));
  const [, first] = last ? (nodesOf(last.nodes)[0] ?? []) : [];
  return {
    id,
    name,
    created,
    saved,
    used,
    place,
    machineId,
    at,
    bytes: sizeOf(recordFiles(record)),
    build: machine.build,
    nodes: nodes.map(([node, { profile }]) => ({ name: node, profile })),
    running: goesOn ? last?.at : undefined,
    journal: nodes.some(([, { blocks }]) => blocks.length > 0) ? 'written' : 'empty',
    moments: moments.map(summariseMoment).sort((a, b) => a.at - b.at),
    lines: screenText(memoryOf(first)?.screens[0] ?? '')
      .slice(-4)
      .map((line) => line.slice(0, LINE_LENGTH)),
  };
}

function summariseMoment(moment: Moment): MomentSummary {
  const { id, at, kind, label, place, pause } = moment;
  const nodes = nodesOf(moment.nodes);
  return {
    id,
    at,
    kind,
    label,
    place,
    pause,
    bytes: sizeOf(momentFiles(moment)),
    running: nodes.every(([, node]) => isAsItWas(node)),
    nodes: nodes.map(([name]) => name),
  };
}

/** Whether a node comes back as it was: it goes on, or is off. */
function isAsItWas(node: Moment['nodes'][NodeName]): boolean {
  return node !== undefined && node.state !== 'crashed';
}
