/**
 * What is known of a session, apart from its content. The content is in files that are written once and never changed;
 * the record names those that count, and one transaction puts a new record in the place of the old one. So whatever
 * happens in between, there is a whole session, the earlier or the later one; files that no record names are swept away.
 *
 * A session is a tree of moments. Each holds what changed since its parent, or since the release where it has none.
 * After the moment that the machines go on from, the journal follows: what was written to the disks since.
 */
import { releaseFile } from '../release-file.ts';
import { z } from '../schema.ts';
import { screenText } from './screen.ts';

/** Raised when records change so that older code cannot read them. */
export const SESSION_FORMAT = 1;

/** Of the lines that a summary shows of a terminal, in characters: those of a session from elsewhere may be endless. */
const LINE_LENGTH = 200;

/** How many moments a session holds at most. */
export const MOST_MOMENTS = 200;

/** A file of the session: its name in the session's folder. */
const keptFile = z.strictObject({
  name: z.string().check(z.regex(/^[0-9a-z-]{1,64}$/)),
  bytes: z.int().check(z.nonnegative()),
  /** Bytes of what is compressed in it. */
  plain: z.int().check(z.nonnegative()),
});

const files = z.array(keptFile).check(z.maxLength(1000));

const memory = z.strictObject({
  /** Whether this is everything, and not only what changed since the parent. */
  whole: z.boolean(),
  pages: files,
  core: files,
  state: keptFile,
  screens: z.array(z.string().check(z.maxLength(1_000_000))).check(z.maxLength(3)),
});

const nodeMoment = z.strictObject({
  /** What was written to the disk since the parent, the oldest first. */
  blocks: files,
  /** Absent for a disk without a running machine. */
  memory: z.optional(memory),
});

const place = z.strictObject({
  /** A lesson's id; absent in the playground. */
  lesson: z.optional(z.string().check(z.maxLength(200))),
  title: z.string().check(z.maxLength(300)),
  /** The step, counted from 1, and what it is called. */
  step: z.optional(z.int()),
  /** The number of the machine in the app, which the progress refers to. */
  machineId: z.optional(z.number()),
  /** The progress in the lesson, as the app stores it. */
  progress: z.optional(z.unknown()),
});

/** Milliseconds, at most what a `Date` can be of. */
const time = z.number().check(z.nonnegative(), z.maximum(8.64e15));
const label = z.string().check(z.maxLength(200));

const moment = z.strictObject({
  id: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
  parent: z.optional(z.string()),
  at: time,
  /** `latest`: what is saved by itself, one for each session; `checkpoint`: what stays until it is removed. */
  kind: z.enum(['latest', 'checkpoint']),
  label,
  place,
  /** How long the machines stood still for it, in milliseconds. */
  pause: time,
  nodes: z.array(nodeMoment).check(z.minLength(1), z.maxLength(5)),
});

export const sessionRecord = z.strictObject({
  format: z.literal(SESSION_FORMAT),
  id: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  created: time,
  /** When the journal, or a moment, was last written. */
  saved: time,
  /** When the user last did something in one of the machines. */
  used: time,
  /** The tab that has it open, or had it last: only that may write. */
  owner: z.optional(z.string().check(z.maxLength(100))),
  /** When it was deleted, while that can be undone. */
  deleted: z.optional(time),
  /** The number of the machine in the app, which a lesson's progress refers to. */
  machineId: z.number(),
  place,
  machine: z.strictObject({
    /** The release that it was made from; memory fits no other. */
    build: z.string().check(z.maxLength(100)),
    profile: z.enum(['standard', 'small']),
    disk: z.strictObject({
      bytes: z.int().check(z.positive()),
      chunkBytes: z.int().check(z.positive()),
      storedBytes: z.int().check(z.positive()),
      index: releaseFile,
    }),
    overlay: releaseFile,
  }),
  moments: z.array(moment).check(z.maxLength(MOST_MOMENTS)),
  /** The moment that the machines went on from; absent for the release's. */
  at: z.optional(z.string()),
  /** By node: what was written to its disk since that moment, the oldest first. */
  journal: z.array(files).check(z.minLength(1), z.maxLength(5)),
});

export type KeptFile = z.infer<typeof keptFile>;
export type KeptMemory = z.infer<typeof memory>;
export type NodeMoment = z.infer<typeof nodeMoment>;
export type Place = z.infer<typeof place>;
export type Moment = z.infer<typeof moment>;
export type SessionRecord = z.infer<typeof sessionRecord>;

/** The moments from the first to `id`, whose parents they are; none without an id. */
export function lineage({ moments }: Pick<SessionRecord, 'moments'>, id: string | undefined): Moment[] {
  const line: Moment[] = [];
  for (let next = id; next !== undefined && line.length <= moments.length;) {
    const found = moments.find((moment) => moment.id === next);
    if (!found) break;
    line.unshift(found);
    next = found.parent;
  }
  return line;
}

/** What was saved by itself, if the machines go on from that. */
export function latestOf({ moments, at }: Pick<SessionRecord, 'moments' | 'at'>): Moment | undefined {
  return moments.find(({ id, kind }) => id === at && kind === 'latest');
}

/** All files of a moment. */
export function momentFiles({ nodes }: Pick<Moment, 'nodes'>): KeptFile[] {
  return nodes.flatMap(({ blocks, memory: kept }) => [
    ...blocks,
    ...(kept ? [...kept.pages, ...kept.core, kept.state] : []),
  ]);
}

/** All files that a record names, each once: moments share those of a disk. */
export function recordFiles({ moments, journal }: Pick<SessionRecord, 'moments' | 'journal'>): KeptFile[] {
  const all = [...moments.flatMap(momentFiles), ...journal.flat()];
  return [...new Map(all.map((file) => [file.name, file])).values()];
}

export function sizeOf(all: readonly KeptFile[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What the user may come back to. */
export type Return = 'continue' | 'boot' | 'fresh';

/** A moment as a page shows it. */
export interface MomentSummary extends Pick<Moment, 'id' | 'at' | 'kind' | 'label' | 'place' | 'pause'> {
  bytes: number;
  /** Whether programs go on running from there, and not only the disk is as it was. */
  running: boolean;
}

/** A session as a page shows it. */
export interface SessionSummary extends Pick<
  SessionRecord,
  'id' | 'name' | 'created' | 'saved' | 'used' | 'place' | 'machineId' | 'at'
> {
  bytes: number;
  build: string;
  profile: SessionRecord['machine']['profile'];
  nodes: number;
  /** When the memory was saved that the machines would go on with; undefined if they would boot. */
  running: number | undefined;
  /** Whether anything was written to a disk after that. */
  journal: 'empty' | 'written';
  moments: MomentSummary[];
  /** The last lines of the first terminal. */
  lines: string[];
}

export function summarise(record: SessionRecord): SessionSummary {
  const { id, name, created, saved, used, place: where, machineId, machine, moments, journal, at } = record;
  const last = moments.find((one) => one.id === at);
  return {
    id,
    name,
    created,
    saved,
    used,
    place: where,
    machineId,
    at,
    bytes: sizeOf(recordFiles(record)),
    build: machine.build,
    profile: machine.profile,
    nodes: journal.length,
    running: last?.nodes.every((node) => node.memory) ? last.at : undefined,
    journal: journal.some((written) => written.length > 0) ? 'written' : 'empty',
    moments: moments
      .map((one) => ({
        id: one.id,
        at: one.at,
        kind: one.kind,
        label: one.label,
        place: one.place,
        pause: one.pause,
        bytes: sizeOf(momentFiles(one)),
        running: one.nodes.every((node) => node.memory),
      }))
      .sort((a, b) => a.at - b.at),
    lines: screenText(last?.nodes[0]?.memory?.screens[0] ?? '')
      .slice(-4)
      .map((line) => line.slice(0, LINE_LENGTH)),
  };
}
