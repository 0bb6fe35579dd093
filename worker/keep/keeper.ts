/**
 * Keeps one session while its machines run: takes what they hand over, writes it, and puts a new record in the place of
 * the old one. One thing after the other: what was handed over first is in the record first.
 *
 * Where a machine is to begin again (it was reset, or goes to another moment), or is one no more, the one that still runs
 * for a while is a stranger: what it hands over is dropped, until it has read what it is to begin with.
 */
import { DrydockError } from '../error.ts';
import type { NodeName } from '../net/lan.ts';
import type { ProfileName } from '../protocol.ts';
import { randomUuid } from '../random-uuid.ts';
import type { Blocks } from '../vm/blocks.ts';
import type { Capture, Keeping } from '../vm/keeping.ts';
import { emptied, goneTo, withFresh, without } from './changes.ts';
import { SessionFolder } from './files.ts';
import { joined, offNode, runningNode } from './node-moment.ts';
import { fitting, parseRecord } from './parse-record.ts';
import {
  latestOf,
  mapNodes,
  nodesOf,
  recordFiles,
  type KeptFile,
  type Moment,
  type NodeMoment,
  type Nodes,
  type Place,
  type SessionRecord,
} from './record.ts';
import { readNode } from './saved-node.ts';
import { sessionGone, type SessionStore } from './store.ts';
import { summarise, type SessionSummary } from './summary.ts';

/** A node at a moment: one that runs has handed itself over, and its terminals show `screens`. */
export type NodeFacts = { state: 'running'; screens: string[] } | { state: 'off' };

/** What a page adds to the machines' captures for a moment. */
export interface MomentFacts {
  kind: Moment['kind'];
  label: string;
  place: Place;
  /** Milliseconds that the machines stood still. */
  pause: number;
  nodes: Nodes<NodeFacts>;
}

/** A machine at a moment, and its journal as of then: what is written to its disk later is not part of the moment. */
interface Captured {
  capture: Capture;
  blocks: readonly KeptFile[];
}

/** `at`: what the guest had flushed by then is safe. */
export type KeeperEvent = { type: 'saved'; at: number } | { type: 'failed'; error: Error };

export interface KeeperOptions {
  onEvent?: (event: KeeperEvent) => void;
  /** That the record must have; see `SessionRecord.owner`. */
  owner?: string;
  /** The release that the site has now: what was kept of machines of another cannot be gone on with. */
  build?: string;
}

export class Keeper {
  readonly #store: SessionStore;
  readonly #folder: SessionFolder;
  readonly #options: KeeperOptions;
  /** Handed over, and not yet part of a moment. */
  readonly #captures = new Map<NodeName, Captured>();
  /** Counts how often a node had to begin again. */
  readonly #beginnings = new Map<NodeName, number>();
  /** Nodes that boot from their disks when they begin, although there may be a memory to go on with. */
  #boots = new Set<NodeName>();
  #last: Promise<unknown> = Promise.resolve();
  /** As it was last read or written. */
  #known: SessionRecord | undefined;

  constructor(store: SessionStore, id: string, options: KeeperOptions = {}) {
    this.#store = store;
    this.#folder = new SessionFolder(store.files, id);
    this.#options = options;
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

  /** Keeps the machine that is node `name`. */
  node(name: NodeName): Keeping {
    const current = (): number => this.#beginnings.get(name) ?? 0;
    let begun = current();
    const ifBegun = (action: () => Promise<void>): Promise<void> =>
      this.#next(() => (begun === current() ? action() : Promise.resolve()));
    return {
      read: () =>
        this.#next(async () => {
          begun = current();
          const record = await this.record();
          const { build = record.machine.build } = this.#options;
          const how = this.#boots.has(name) ? 'boots' : 'as-it-was';
          return readNode(this.#folder, record, name, build === record.machine.build ? how : 'boots-of-old');
        }),
      commit: (blocks, used, at) => ifBegun(() => this.#commit(name, blocks, used, at)),
      capture: (capture) => ifBegun(() => this.#capture(name, capture)),
    };
  }

  /** Has a fresh machine be node `name`; what there may have been of that name stays in the moments that there are. */
  addNode(name: NodeName, profile: ProfileName): Promise<SessionSummary> {
    return this.#next(async () => {
      const summary = await this.#change((record) => withFresh(record, name, profile));
      this.#beginAgain([name]);
      return summary;
    });
  }

  /** Has a fresh machine of the same size be node `name`. */
  resetNode(name: NodeName): Promise<SessionSummary> {
    return this.#next(async () => {
      const summary = await this.#change((record) => {
        const node = record.journal[name];
        if (!node) throw new DrydockError('wrong-state', `There is no ${name} in this session.`);
        return withFresh(record, name, node.profile);
      });
      this.#beginAgain([name]);
      return summary;
    });
  }

  /** Has there be no node `name` from now on. */
  removeNode(name: NodeName): Promise<SessionSummary> {
    return this.#next(async () => {
      const summary = await this.#change((record) => without(record, name));
      this.#beginAgain([name]);
      return summary;
    });
  }

  /**
   * Makes a moment of what all machines have handed over.
   * @throws DrydockError `storage-full`; what there was before is unharmed then. `wrong-state` if the nodes are others
   * than those that there are, or one of them has begun again meanwhile
   */
  keep(facts: MomentFacts): Promise<SessionSummary> {
    return this.#next(() => this.#keep(facts));
  }

  /**
   * Has the machines begin where moment `id` is, with the nodes of then; without it at the release. What was written to
   * the disks since the last moment is kept as a moment of its own.
   */
  goTo(id: string | undefined, how: 'continue' | 'boot' = 'continue'): Promise<SessionSummary> {
    return this.#next(async () => {
      const before = nodesOf((await this.record()).journal);
      const summary = await this.#change((record) => goneTo(record, id));
      const names = summary.nodes.map(({ name }) => name);
      this.#beginAgain([...before.map(([name]) => name), ...names]);
      if (how === 'boot') this.#boots = new Set(names);
      return summary;
    });
  }

  /** Has machines boot from their disks as they were last; all of them, if none is named. */
  boot(names?: readonly NodeName[]): Promise<void> {
    return this.#next(async () => {
      const all = names ?? nodesOf((await this.record()).journal).map(([name]) => name);
      for (const name of all) this.#boots.add(name);
    });
  }

  /**
   * Removes a checkpoint; what only it held goes to those that follow it.
   * @throws DrydockError `wrong-state` for one that the machines go on from
   */
  remove(id: string): Promise<SessionSummary> {
    return this.#next(async () => {
      const before = await this.record();
      if (before.at === id || latestOf(before)?.parent === id)
        throw new DrydockError('wrong-state', 'The machine goes on from this checkpoint.');
      const gone = before.moments.find((moment) => moment.id === id);
      if (!gone) return summarise(before);
      const merged = new Map<string, Moment>();
      for (const child of before.moments.filter(({ parent }) => parent === id)) {
        const nodes: Nodes<NodeMoment> = {};
        for (const [name, node] of nodesOf(child.nodes))
          nodes[name] = await joined(this.#folder, gone.nodes[name], node);
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

  /** Removes what an interrupted write has left. @throws DrydockError `wrong-state` when another tab has the session */
  sweep(): Promise<void> {
    return this.#next(() =>
      this.#folder.sweep(async () => {
        const record = await this.record();
        this.#checkOwner(record);
        return recordFiles(record);
      }),
    );
  }

  /**
   * Makes the session again, without content, after the browser has cleared it: the machines that still run have to hand
   * over everything, not only what changed.
   */
  renew(): Promise<SessionSummary> {
    return this.#next(async () => {
      if (!this.#known) throw sessionGone();
      const record = emptied(this.#known);
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

  /** From now on, machines of these names are strangers until they begin again. */
  #beginAgain(names: readonly NodeName[]): void {
    for (const name of names) {
      this.#captures.delete(name);
      this.#boots.delete(name);
      this.#beginnings.set(name, (this.#beginnings.get(name) ?? 0) + 1);
    }
  }

  async #commit(name: NodeName, blocks: Blocks, used: number, at: number): Promise<void> {
    await this.#told(at, async () => {
      const written = await this.#folder.writeBlocks(blocks);
      const journal = (await this.record()).journal[name]?.blocks ?? [];
      const captured = this.#captures.get(name)?.blocks ?? [];
      const since = await this.#folder.compact([...journal.slice(captured.length), ...written]);
      await this.#change((record) => ({
        ...record,
        saved: at,
        used: Math.max(record.used, used),
        journal: mapNodes(record.journal, (node, other) =>
          // Whatever writes has its power on.
          other === name ? { ...node, state: 'running' as const, blocks: [...captured, ...since] } : node,
        ),
      }));
    });
  }

  /**
   * What the capture has of the disk is kept at once, like all that is written to it: the machine goes on, and will not
   * hand it over again.
   */
  async #capture(name: NodeName, capture: Capture): Promise<void> {
    this.#captures.delete(name);
    if (capture.blocks.numbers.length > 0) await this.#commit(name, capture.blocks, 0, capture.at);
    const { journal } = await this.record();
    this.#captures.set(name, { capture, blocks: journal[name]?.blocks ?? [] });
  }

  #keep({ kind, label, place, pause, nodes: facts }: MomentFacts): Promise<SessionSummary> {
    const captures = new Map(this.#captures);
    this.#captures.clear();
    const at = Math.min(Date.now(), ...[...captures.values()].map(({ capture }) => capture.at));
    return this.#told(at, async () => {
      const record = await this.record();
      const latest = latestOf(record);
      const stranger = nodesOf(facts).find(([name]) => !record.journal[name]);
      if (stranger) throw new DrydockError('wrong-state', `There is no ${stranger[0]} in this session.`);
      const nodes: Nodes<NodeMoment> = {};
      for (const [name, journal] of nodesOf(record.journal)) {
        const node = facts[name];
        const captured = captures.get(name);
        if (node?.state === 'off') {
          captures.delete(name);
          nodes[name] = await offNode(this.#folder, journal, latest?.nodes[name]);
        } else {
          if (!node || !captured)
            throw new DrydockError('wrong-state', `${name} has not handed itself over.`);
          const until = { ...journal, blocks: [...captured.blocks] };
          const { capture } = captured;
          nodes[name] = await runningNode(this.#folder, until, capture, latest?.nodes[name], node.screens);
        }
      }
      const parent = latest ? latest.parent : record.at;
      const moment: Moment = { id: randomUuid(), parent, at, kind, label, place, pause, nodes };
      const summary = await this.#change((old) => ({
        ...old,
        saved: at,
        place,
        moments: [...old.moments.filter(({ id }) => id !== latest?.id), moment],
        at: moment.id,
        journal: mapNodes(old.journal, ({ profile, blocks }, name) => ({
          profile,
          base: 'parent' as const,
          state: facts[name]?.state ?? 'running',
          blocks: blocks.slice(captures.get(name)?.blocks.length ?? blocks.length),
        })),
      }));
      this.#boots.clear();
      return summary;
    });
  }

  /** Puts a changed record in the place of the old one, then removes the files that it no longer names. */
  async #change(change: (record: SessionRecord) => SessionRecord): Promise<SessionSummary> {
    let before: SessionRecord | undefined;
    let after: SessionRecord | undefined;
    await this.#store.records.change(this.id, (stored) => {
      before = parseRecord(stored);
      this.#checkOwner(before);
      after = fitting(change(before));
      return after;
    });
    if (!before || !after) throw new DrydockError('internal', 'The record was not changed.');
    this.#known = after;
    await this.#folder.settle(recordFiles(before), recordFiles(after)).catch(() => undefined);
    return summarise(after);
  }

  #checkOwner({ owner }: SessionRecord): void {
    if (owner !== this.#options.owner)
      throw new DrydockError('wrong-state', 'Another tab has taken this session over.');
  }

  async #told<T>(at: number, action: () => Promise<T>): Promise<T> {
    try {
      const result = await action();
      this.#options.onEvent?.({ type: 'saved', at });
      return result;
    } catch (error) {
      this.#options.onEvent?.({ type: 'failed', error: error as Error });
      throw error;
    }
  }
}
