/**
 * Keeps one session while its machines run: takes what they hand over, writes it, and puts a new record in the place of
 * the old one. One thing after the other: what was handed over first is in the record first.
 */
import { DrydockError } from '../error.ts';
import { randomUuid } from '../random-uuid.ts';
import { BLOCK_BYTES, type Blocks } from '../vm/blocks.ts';
import type { Capture, Keeping, SavedMachine, SavedMemory } from '../vm/keeping.ts';
import { decompress } from '../vm/zstd.ts';
import { SessionFolder } from './files.ts';
import { decodeState, encodeState } from './machine-state.ts';
import {
  latestOf,
  lineage,
  MOST_MOMENTS,
  recordFiles,
  SESSION_FORMAT,
  sessionRecord,
  summarise,
  type KeptFile,
  type Moment,
  type NodeMoment,
  type Place,
  type SessionRecord,
  type SessionSummary,
} from './record.ts';
import { sessionGone, type SessionStore } from './store.ts';

/** What a page adds to the machines' captures for a moment. */
export interface MomentFacts {
  kind: Moment['kind'];
  label: string;
  place: Place;
  /** Milliseconds that the machines stood still. */
  pause: number;
  /** By node, by terminal. */
  screens: string[][];
}

/** A machine at a moment, and its journal as of then: what is written to its disk later is not part of the moment. */
interface Captured {
  capture: Capture;
  journal: readonly KeptFile[];
}

/** `at`: what the guest had flushed by then is safe. */
export type KeeperEvent = { type: 'saved'; at: number } | { type: 'failed'; error: Error };

export class Keeper {
  readonly #store: SessionStore;
  readonly #folder: SessionFolder;
  readonly #onEvent: (event: KeeperEvent) => void;
  /** By node: handed over, and not yet part of a moment. */
  readonly #captures = new Map<number, Captured>();
  #last: Promise<unknown> = Promise.resolve();
  /** Whether machines that begin now boot from their disks, although there may be a memory to continue with. */
  #boots = false;
  readonly #owner: string | undefined;
  /** As it was last read or written. */
  #known: SessionRecord | undefined;

  /** @param owner that the record must have; see `SessionRecord.owner` */
  constructor(
    store: SessionStore,
    id: string,
    onEvent: (event: KeeperEvent) => void = () => undefined,
    owner?: string,
  ) {
    this.#store = store;
    this.#owner = owner;
    this.#folder = new SessionFolder(store.files, id);
    this.#onEvent = onEvent;
  }

  get id(): string {
    return this.#folder.session;
  }

  /** @throws DrydockError `session-gone`, `damaged-file`, `wrong-release` */
  async record(): Promise<SessionRecord> {
    this.#known = parseRecord(await this.#store.records.get(this.id));
    return this.#known;
  }

  async summary(): Promise<SessionSummary> {
    return summarise(await this.record());
  }

  /** Keeps node `index` of the session. */
  node(index: number): Keeping {
    return {
      read: () => this.#next(() => this.#read(index)),
      commit: (blocks, used, at) => this.#next(() => this.#commit(index, blocks, used, at)),
      capture: (capture) => this.#next(() => this.#capture(index, capture)),
    };
  }

  /**
   * Makes a moment of what all machines have handed over.
   * @throws DrydockError `storage-full`; what there was before is unharmed then
   */
  keep(facts: MomentFacts): Promise<SessionSummary> {
    return this.#next(() => this.#keep(facts));
  }

  /**
   * Has the machines begin where moment `id` is, without it at the release. What was written to the disks since the last
   * moment is kept as a moment of its own.
   */
  goTo(id: string | undefined, how: 'continue' | 'boot' = 'continue'): Promise<SessionSummary> {
    return this.#next(async () => {
      const summary = await this.#change((record) => {
        const { at, journal, moments } = record;
        if (id !== undefined && !moments.some((moment) => moment.id === id))
          throw new DrydockError('wrong-state', 'This checkpoint is gone.');
        const latest = latestOf(record);
        const stays =
          id === at ? moments : moments.map((moment) => (moment === latest ? asCheckpoint(moment) : moment));
        const written = journal.some((files) => files.length > 0);
        const tail = written ? [diskMoment(record, latest)] : [];
        return { ...record, at: id, moments: [...stays, ...tail], journal: journal.map(() => []) };
      });
      this.#boots = how === 'boot';
      this.#captures.clear();
      return summary;
    });
  }

  /** Has the machines boot from their disks as they were last. */
  boot(): Promise<void> {
    return this.#next(() => {
      this.#boots = true;
      return Promise.resolve();
    });
  }

  /**
   * Removes a checkpoint; what only it held goes to those that follow it.
   * @throws DrydockError `wrong-state` for one that the machines go on from
   */
  remove(id: string): Promise<SessionSummary> {
    return this.#next(async () => {
      const before = await this.record();
      const latest = latestOf(before);
      if (before.at === id || latest?.parent === id)
        throw new DrydockError('wrong-state', 'The machine goes on from this checkpoint.');
      const gone = before.moments.find((moment) => moment.id === id);
      if (!gone) return summarise(before);
      const merged = new Map<string, Moment>();
      for (const child of before.moments.filter(({ parent }) => parent === id)) {
        const nodes: NodeMoment[] = [];
        for (const [index, node] of child.nodes.entries())
          nodes.push(await this.#join(gone.nodes[index], node));
        merged.set(child.id, { ...child, parent: gone.parent, nodes });
      }
      return this.#change((record) => ({
        ...record,
        moments: record.moments
          .filter((moment) => moment.id !== id)
          .map((moment) => merged.get(moment.id) ?? moment),
      }));
    });
  }

  /** Changes what a page may: the name, the place. */
  describe(change: Partial<Pick<SessionRecord, 'name' | 'place' | 'machineId'>>): Promise<SessionSummary> {
    return this.#next(() => this.#change((record) => ({ ...record, ...change })));
  }

  /** Removes what an interrupted write has left. */
  sweep(): Promise<void> {
    return this.#next(async () => {
      await this.#folder.sweep(recordFiles(await this.record()));
    });
  }

  /**
   * Makes the session again, without content, after the browser has cleared it: the machines that still run have to hand
   * over everything, not only what changed.
   */
  renew(): Promise<SessionSummary> {
    return this.#next(async () => {
      if (!this.#known) throw sessionGone();
      const record = {
        ...this.#known,
        moments: [],
        at: undefined,
        journal: this.#known.journal.map(() => []),
      };
      await this.#store.records.change(this.id, () => record);
      this.#known = record;
      this.#captures.clear();
      return summarise(record);
    });
  }

  /** Does something, such as copying the session, while nothing is written to it. */
  whileStill<T>(action: () => Promise<T>): Promise<T> {
    return this.#next(action);
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #next<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action).catch(async (error: unknown) => {
      // Files of the attempt would take the room that is missing.
      await this.#folder.abandon().catch(() => undefined);
      throw error;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #read(index: number): Promise<SavedMachine | undefined> {
    const record = await this.record();
    const line = lineage(record, record.at);
    const journal = record.journal[index] ?? [];
    if (line.length === 0 && journal.length === 0 && !this.#boots) return undefined;
    const blocks = [...line.flatMap(({ nodes }) => nodes[index]?.blocks ?? []), ...journal];
    const memory = this.#boots || journal.length > 0 ? undefined : await this.#readMemory(line, index);
    const { disk, overlay } = record.machine;
    return { disk: { disk, overlay }, blocks: await this.#folder.readAll(blocks), memory };
  }

  async #readMemory(line: readonly Moment[], index: number): Promise<SavedMemory | undefined> {
    const last = line.at(-1)?.nodes[index]?.memory;
    if (!last) return undefined;
    const own = line.at(-1)?.kind === 'latest' ? last : undefined;
    const memories = line.flatMap(({ nodes }) => nodes[index]?.memory ?? []);
    // What was before a memory that is whole has no part in it.
    const first = memories.findLastIndex(({ whole }) => whole);
    const over = first < 0 ? 'release' : 'nothing';
    const earlier = memories.slice(Math.max(first, 0)).filter((memory) => memory !== own);
    const pages = earlier.flatMap((memory) => memory.pages);
    const core = earlier.flatMap((memory) => memory.core);
    const read = (files: readonly KeptFile[]) => this.#folder.readAll(files);
    const newFiles = [...(own?.pages ?? []), ...(own?.core ?? [])];
    return {
      over,
      pages: await read(pages),
      newPages: await read(own?.pages ?? []),
      core: await read(core),
      newCore: await read(own?.core ?? []),
      newBlocks: newFiles.reduce((sum, { plain }) => sum + Math.floor(plain / (4 + BLOCK_BYTES)), 0),
      state: decodeState(await decompress(await this.#folder.read(last.state))),
      screens: last.screens,
    };
  }

  async #commit(index: number, blocks: Blocks, used: number, at: number): Promise<void> {
    await this.#told(at, async () => {
      const written = await this.#folder.writeBlocks(blocks);
      const journal = (await this.record()).journal[index] ?? [];
      const captured = this.#captures.get(index)?.journal ?? [];
      const since = await this.#folder.compact([...journal.slice(captured.length), ...written]);
      const files = [...captured, ...since];
      await this.#change((record) => ({
        ...record,
        saved: at,
        used: Math.max(record.used, used),
        journal: record.journal.map((old, i) => (i === index ? files : old)),
      }));
    });
  }

  /**
   * What the capture has of the disk is kept at once, like all that is written to it: the machine goes on, and will not
   * hand it over again.
   */
  async #capture(index: number, capture: Capture): Promise<void> {
    this.#captures.delete(index);
    if (capture.blocks.numbers.length > 0) await this.#commit(index, capture.blocks, 0, capture.at);
    const { journal } = await this.record();
    this.#captures.set(index, { capture, journal: journal[index] ?? [] });
  }

  #keep({ kind, label, place, pause, screens }: MomentFacts): Promise<SessionSummary> {
    const captures = new Map(this.#captures);
    this.#captures.clear();
    const at = Math.min(Date.now(), ...[...captures.values()].map(({ capture }) => capture.at));
    return this.#told(at, async () => {
      const record = await this.record();
      const latest = latestOf(record);
      const nodes: NodeMoment[] = [];
      for (const index of record.journal.keys()) {
        const captured = captures.get(index);
        if (!captured) throw new DrydockError('wrong-state', `Node ${index + 1} has not handed itself over.`);
        const { capture, journal } = captured;
        const before = capture.over === 'latest' ? latest?.nodes[index]?.memory : undefined;
        if (capture.over === 'latest' && !before)
          throw new DrydockError('wrong-state', 'What was saved last of this machine is not there.');
        nodes.push({
          blocks: await this.#folder.compact([...(latest?.nodes[index]?.blocks ?? []), ...journal]),
          memory: {
            whole: before?.whole ?? capture.over === 'nothing',
            pages: await this.#add(before?.pages, capture.pages),
            core: await this.#add(before?.core, capture.core),
            state: await this.#folder.writePlain(encodeState(capture.state)),
            screens: screens[index] ?? [],
          },
        });
      }
      const moment: Moment = {
        id: randomUuid(),
        parent: latest ? latest.parent : record.at,
        at,
        kind,
        label,
        place,
        pause,
        nodes,
      };
      const summary = await this.#change((old) => ({
        ...old,
        saved: at,
        place,
        moments: [...old.moments.filter(({ id }) => id !== latest?.id), moment],
        at: moment.id,
        journal: old.journal.map((files, index) => files.slice(captures.get(index)?.journal.length)),
      }));
      this.#boots = false;
      return summary;
    });
  }

  /** Files with blocks laid over what is in them. */
  async #add(files: readonly KeptFile[] = [], blocks: Blocks): Promise<KeptFile[]> {
    return this.#folder.compact([...files, ...(await this.#folder.writeBlocks(blocks))]);
  }

  /** A node of a moment with what an earlier one held that goes. */
  async #join(gone: NodeMoment | undefined, node: NodeMoment): Promise<NodeMoment> {
    const blocks = await this.#folder.compact([...(gone?.blocks ?? []), ...node.blocks]);
    const [old, memory] = [gone?.memory, node.memory];
    if (!old || !memory || memory.whole) return { ...node, blocks };
    return {
      blocks,
      memory: {
        ...memory,
        whole: old.whole,
        pages: await this.#folder.compact([...old.pages, ...memory.pages]),
        core: await this.#folder.compact([...old.core, ...memory.core]),
      },
    };
  }

  /** Puts a changed record in the place of the old one, then removes the files that it no longer names. */
  async #change(change: (record: SessionRecord) => SessionRecord): Promise<SessionSummary> {
    let before: SessionRecord | undefined;
    let after: SessionRecord | undefined;
    await this.#store.records.change(this.id, (stored) => {
      before = parseRecord(stored);
      if (before.owner !== this.#owner)
        throw new DrydockError('wrong-state', 'Another tab has taken this session over.');
      after = fitting(change(before));
      return after;
    });
    if (!before || !after) throw new DrydockError('internal', 'The record was not changed.');
    this.#known = after;
    await this.#folder.settle(recordFiles(before), recordFiles(after)).catch(() => undefined);
    return summarise(after);
  }

  async #told<T>(at: number, action: () => Promise<T>): Promise<T> {
    try {
      const result = await action();
      this.#onEvent({ type: 'saved', at });
      return result;
    } catch (error) {
      this.#onEvent({ type: 'failed', error: error as Error });
      throw error;
    }
  }
}

/**
 * @throws DrydockError `session-gone` without a record, `wrong-release` for one of another version, `damaged-file` for
 * what is none
 */
export function parseRecord(stored: unknown): SessionRecord {
  if (stored === undefined) throw sessionGone();
  const parsed = sessionRecord.safeParse(stored);
  if (parsed.success) return parsed.data;
  const format = (stored as { format?: unknown } | undefined)?.format;
  if (typeof format === 'number' && format !== SESSION_FORMAT)
    throw new DrydockError('wrong-release', 'This session was saved by another version of Drydock.', {
      format,
    });
  throw new DrydockError(
    'damaged-file',
    'The record of this session is damaged.',
    {},
    { cause: parsed.error },
  );
}

/** Refuses a record that could not be read again. */
function fitting(record: SessionRecord): SessionRecord {
  if (record.moments.length > MOST_MOMENTS)
    throw new DrydockError(
      'wrong-state',
      `A session holds ${MOST_MOMENTS} checkpoints. Remove one that you no longer need first.`,
    );
  const { success, error } = sessionRecord.safeParse(record);
  if (success) return record;
  throw new DrydockError('internal', 'This does not fit the record of a session.', {}, { cause: error });
}

function asCheckpoint(moment: Moment): Moment {
  return { ...moment, kind: 'checkpoint' };
}

/** The disks as they were last, as a moment to boot from. */
function diskMoment({ at, journal, place }: SessionRecord, latest: Moment | undefined): Moment {
  return {
    id: randomUuid(),
    parent: latest ? latest.parent : at,
    at: Date.now(),
    kind: 'checkpoint',
    label: 'The disk as it was last',
    place,
    pause: 0,
    nodes: journal.map((files, index) => ({ blocks: [...(latest?.nodes[index]?.blocks ?? []), ...files] })),
  };
}
