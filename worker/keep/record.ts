/**
 * What is known of a session, apart from its content. The content is in files that are written once and never changed;
 * the record names those that count, and one transaction puts a new record in the place of the old one. So whatever
 * happens in between, there is a whole session, the earlier or the later one; files that no record names are swept away.
 *
 * A session is a tree of moments. Each holds what changed in each of its nodes since the parent, or since the release.
 * After the moment that the machines go on from, the journal follows: which nodes there are now, and what was written to
 * their disks since.
 */
import { NODE_NAMES, type NodeName } from '../net/lan.ts';
import { releaseFile } from '../release-file.ts';
import { z } from '../schema.ts';

/** Raised when records change so that older code cannot read them. */
export const SESSION_FORMAT = 2;

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
  /** Whether this is everything, and not only what changed since the base. */
  whole: z.boolean(),
  pages: files,
  core: files,
  state: keptFile,
  screens: z.array(z.string().check(z.maxLength(1_000_000))).check(z.maxLength(3)),
});

const profile = z.enum(['standard', 'small']);

const disk = {
  /** How much memory the machine has. */
  profile,
  /**
   * What this is relative to: the same node in the parent, or the release, for a machine that was fresh after the
   * parent. What earlier moments have of a node of its name then plays no part.
   */
  base: z.enum(['parent', 'release']),
  /** What was written to the disk since, the oldest first. */
  blocks: files,
};

/** `running` goes on from its memory, `crashed` boots from its disk, and `off` stays off. */
const nodeMoment = z.discriminatedUnion('state', [
  z.strictObject({ ...disk, state: z.literal('running'), memory }),
  z.strictObject({ ...disk, state: z.literal('crashed') }),
  z.strictObject({ ...disk, state: z.literal('off') }),
]);

/** What has become of a node since the moment that it went on from. */
const nodeJournal = z.strictObject({ ...disk, state: z.enum(['running', 'off']) });

const hasNodes = z.refine((nodes) => Object.keys(nodes as object).length > 0);

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
  nodes: z.partialRecord(z.enum(NODE_NAMES), nodeMoment).check(hasNodes),
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
    disk: z.strictObject({
      bytes: z.int().check(z.positive()),
      chunkBytes: z.int().check(z.positive()),
      storedBytes: z.int().check(z.positive()),
      index: releaseFile,
    }),
    /** What was on it then, for the machines of each size that are known of. */
    overlays: z.partialRecord(profile, releaseFile),
  }),
  moments: z.array(moment).check(z.maxLength(MOST_MOMENTS)),
  /** The moment that the machines went on from; absent for the release's. */
  at: z.optional(z.string()),
  /** The nodes that there are now, since that moment. */
  journal: z.partialRecord(z.enum(NODE_NAMES), nodeJournal).check(hasNodes),
});

export type KeptFile = z.infer<typeof keptFile>;
export type KeptMemory = z.infer<typeof memory>;
export type NodeMoment = z.infer<typeof nodeMoment>;
export type NodeJournal = z.infer<typeof nodeJournal>;
export type Place = z.infer<typeof place>;
export type Moment = z.infer<typeof moment>;
export type SessionRecord = z.infer<typeof sessionRecord>;

/** Something of each node that there is. */
export type Nodes<T> = Partial<Record<NodeName, T>>;

/** What there is, in the order of the names. */
export function nodesOf<T>(nodes: Nodes<T>): [name: NodeName, node: T][] {
  return NODE_NAMES.flatMap((name) => {
    const node = nodes[name];
    return node === undefined ? [] : [[name, node] as [NodeName, T]];
  });
}

export function mapNodes<T, U>(nodes: Nodes<T>, change: (node: T, name: NodeName) => U): Nodes<U> {
  return Object.fromEntries(nodesOf(nodes).map(([name, node]) => [name, change(node, name)]));
}

export function memoryOf(node: NodeMoment | undefined): KeptMemory | undefined {
  return node?.state === 'running' ? node.memory : undefined;
}

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

/** What a session has of a node up to the moment that it goes on from, since the node was fresh last. */
export function nodeLineage(record: SessionRecord, name: NodeName): NodeMoment[] {
  if (record.journal[name]?.base !== 'parent') return [];
  const line = lineage(record, record.at).map(({ nodes }) => nodes[name]);
  const start = line.findLastIndex((node) => node?.base !== 'parent');
  return line.slice(Math.max(start, 0)).flatMap((node) => node ?? []);
}

/** All files of a moment. */
export function momentFiles({ nodes }: Pick<Moment, 'nodes'>): KeptFile[] {
  return nodesOf(nodes).flatMap(([, node]) => {
    const kept = memoryOf(node);
    return [...node.blocks, ...(kept ? [...kept.pages, ...kept.core, kept.state] : [])];
  });
}

/** All files that a record names, each once: moments share those of a disk. */
export function recordFiles({ moments, journal }: Pick<SessionRecord, 'moments' | 'journal'>): KeptFile[] {
  const written = nodesOf(journal).flatMap(([, { blocks }]) => blocks);
  const all = [...moments.flatMap(momentFiles), ...written];
  return [...new Map(all.map((file) => [file.name, file])).values()];
}

export function sizeOf(all: readonly KeptFile[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}
