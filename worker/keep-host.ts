/**
 * The sessions for the page: all that the browser keeps, and the one that is open in this tab. Machines hand themselves
 * over through ports of their own.
 */
import { proxy, transfer, type ProxyMarked } from 'comlink';
import { asDrydockError, DrydockError, toWire, type WireError } from './error.ts';
import { machineOf } from './keep/create.ts';
import { duplicateSession } from './keep/add-session.ts';
import { fetchFile } from './keep/fetch-file.ts';
import { openIndexedStore } from './keep/indexed-store.ts';
import type { Keeper, KeeperEvent, MomentFacts } from './keep/keeper.ts';
import { Library, UNDO_MILLISECONDS, type SessionListing } from './keep/library.ts';
import { openMemoryStore } from './keep/memory-store.ts';
import type { SessionRecord } from './keep/record.ts';
import { serveKeeping } from './keep/remote-keeping.ts';
import { exportSession, importSession, SESSION_LIMITS } from './keep/session-file.ts';
import { SessionLock } from './keep/session-lock.ts';
import type { SessionStore } from './keep/store.ts';
import type { SessionSummary } from './keep/summary.ts';
import { findSession, wayBack, type BeginRequest } from './keep/way-back.ts';
import { MANIFEST } from './kept-machine.ts';
import { KeptRelease } from './kept-release.ts';
import type { NodeName } from './net/lan.ts';
import type { ProfileName } from './protocol.ts';
import { parseManifest, type Manifest } from './vm/release.ts';

/** How long after the start old sessions are removed, in milliseconds. */
const TIDY_MILLISECONDS = 20_000;

/** What happens to the open session. */
export type KeepingEvent =
  /** What the guest had flushed by then is safe. */
  | { type: 'saved'; at: number }
  /** Nothing is lost, but what is done now is not kept until there is room again. */
  | { type: 'failed'; error: WireError }
  /** Another tab has taken the session over. */
  | { type: 'taken-over' };

/** A machine that is about to begin, and the end of the way to what it is kept through. */
export interface BegunNode {
  name: NodeName;
  profile: ProfileName;
  port: MessagePort;
}

/** What the user is asked before machines begin. */
export type Question =
  | {
      kind: 'return';
      session: SessionSummary;
      /** Whether the memory of the session fits the release that the site has now. */
      fits: boolean;
    }
  /** The session is open in another tab. */
  | { kind: 'elsewhere'; session: SessionSummary }
  | { kind: 'unreadable'; error: WireError };

/** What machines begin with. */
export type Beginning =
  | Question
  | {
      kind: 'begun';
      cause: 'start' | 'continue' | 'boot';
      session: SessionSummary;
      nodes: BegunNode[];
      lasting: SessionStore['lasting'];
    };

export class Sessions {
  readonly #library: Library;
  readonly #readManifest: () => Promise<Manifest>;
  readonly #onEvent: (event: KeepingEvent) => void;
  #keeper: Keeper | undefined;
  #lock: SessionLock | undefined;
  #machine: Promise<SessionRecord['machine']> | undefined;
  /** Our ends of the ways to machines of the open session. */
  readonly #ports = new Map<NodeName, MessagePort>();

  /** @param readManifest of the release that the site has now */
  constructor(
    library: Library,
    readManifest: () => Promise<Manifest>,
    onEvent: (event: KeepingEvent) => void,
  ) {
    this.#library = library;
    this.#readManifest = readManifest;
    this.#onEvent = onEvent;
  }

  list(): Promise<SessionListing> {
    return this.#library.list();
  }

  /** See `Library`. */
  hasRoom(): Promise<boolean> {
    return this.#library.hasRoom();
  }

  /**
   * Closes the session that is open, and opens the one that the page goes on with, or a new one: all that machines need
   * to begin, in one go. A session that the user is asked about stays open.
   * @throws DrydockError `storage-full`; what reading the release's manifest throws
   */
  async begin(request: BeginRequest): Promise<Beginning> {
    await this.close();
    const [{ sessions }, machine] = await Promise.all([this.#library.list(), this.#readMachine()]);
    const session = findSession(sessions, request);
    if (!session) return this.#beginNew(request, machine);
    let keeper: Keeper | undefined;
    try {
      keeper = await this.#open(session.id, machine, request.how === 'take-over' ? 'take-over' : 'if-free');
    } catch (thrown) {
      return { kind: 'unreadable', error: toWire(thrown) };
    }
    if (!keeper) return { kind: 'elsewhere', session };
    const opened = await keeper.summary();
    const fits = opened.build === machine.build;
    const way = wayBack(opened, fits, request);
    switch (way) {
      case 'ask':
        return { kind: 'return', session: opened, fits };
      case 'new':
        await this.close();
        return this.#beginNew(request, machine);
      case 'boot':
        await keeper.boot();
        return this.#begun(keeper, 'boot', opened);
      case 'continue':
        return this.#begun(
          keeper,
          'continue',
          opened.journal === 'written' ? await keeper.goTo(opened.at) : opened,
        );
      case 'fresh':
        return this.#begun(keeper, 'start', opened);
    }
  }

  /** The way to what the session has of a node, for its machine; an earlier one is closed. */
  connect(name: NodeName): MessagePort {
    const port = this.#connect(this.#opened(), name);
    return transfer(port, [port]);
  }

  /** See `Keeper`; the way to the new machine comes along. */
  async addNode(
    name: NodeName,
    profile: ProfileName,
  ): Promise<{ session: SessionSummary; port: MessagePort }> {
    const keeper = this.#opened();
    const session = await keeper.addNode(name, profile);
    const port = this.#connect(keeper, name);
    return transfer({ session, port }, [port]);
  }

  /** See `Keeper`. */
  resetNode(name: NodeName): Promise<SessionSummary> {
    return this.#opened().resetNode(name);
  }

  /** See `Keeper`. */
  async removeNode(name: NodeName): Promise<SessionSummary> {
    const session = await this.#opened().removeNode(name);
    this.#disconnect(name);
    return session;
  }

  /** See `Keeper`. */
  keep(facts: MomentFacts): Promise<SessionSummary> {
    return this.#opened().keep(facts);
  }

  goTo(id: string | undefined, how?: 'continue' | 'boot'): Promise<SessionSummary> {
    return this.#opened().goTo(id, how);
  }

  boot(names: readonly NodeName[]): Promise<void> {
    return this.#opened().boot(names);
  }

  renew(): Promise<SessionSummary> {
    return this.#opened().renew();
  }

  removeMoment(id: string): Promise<SessionSummary> {
    return this.#opened().remove(id);
  }

  describe(change: Partial<Pick<SessionRecord, 'name' | 'place' | 'machineId'>>): Promise<SessionSummary> {
    return this.#opened().describe(change);
  }

  /** Waits for what is being written, and lets other tabs open the session. */
  async close(): Promise<void> {
    const [keeper, lock] = [this.#keeper, this.#lock];
    this.#keeper = undefined;
    this.#lock = undefined;
    await keeper?.settled();
    for (const name of [...this.#ports.keys()]) this.#disconnect(name);
    lock?.release();
  }

  /** See `Library`. The open session cannot be deleted. */
  rename(id: string, name: string): Promise<void> {
    return this.#library.rename(id, name);
  }

  async delete(id: string): Promise<void> {
    if (id === this.#keeper?.id) throw new DrydockError('wrong-state', 'This session is open in this tab.');
    await this.#whileStill(id, () => this.#library.delete(id));
    // Its room is wanted back soon, most of all when there is no more.
    setTimeout(() => void this.tidy(), UNDO_MILLISECONDS);
  }

  restore(id: string): Promise<void> {
    return this.#library.restore(id);
  }

  /** A session as one file; see `exportSession`. @throws DrydockError `wrong-state` for one that is open elsewhere */
  export(id: string): Promise<Blob> {
    const { store } = this.#library;
    return this.#whileStill(id, () => exportSession(store, id));
  }

  /** A copy of a session; returns its id. @throws like `export`; `storage-full` */
  duplicate(id: string): Promise<string> {
    const { store } = this.#library;
    return this.#whileStill(id, () => duplicateSession(store, id));
  }

  /** Adds a session from a file, which may come from anywhere; returns its id. @throws like `importSession` */
  import(file: Blob): Promise<string> {
    return importSession(this.#library.store, file);
  }

  /**
   * Adds a session from a file on the web; see `fileAddress`.
   * @throws DrydockError `download-failed`; like `importSession`
   */
  async fetch(address: string): Promise<string> {
    return this.import(await fetchFile(new URL(address), SESSION_LIMITS.bytes));
  }

  /** See `Library`. A session that is open in another tab cannot be removed. */
  destroy(id: string): Promise<void> {
    return this.#whileStill(id, () => this.#library.destroy(id));
  }

  /** Does something with a session that nobody writes to meanwhile. */
  async #whileStill<T>(id: string, action: () => Promise<T>): Promise<T> {
    if (id === this.#keeper?.id) return this.#keeper.whileStill(action);
    const lock = await SessionLock.take(id, 'if-free');
    if (!lock)
      throw new DrydockError('wrong-state', 'This session is open in another tab. Close it there first.');
    try {
      return await action();
    } finally {
      lock.release();
    }
  }

  /** Removes what nobody needs any more: old sessions, and what interrupted writes left of the open one. Never rejects. */
  async tidy(): Promise<void> {
    try {
      await this.#library.tidy((id) =>
        id === this.#keeper?.id ? Promise.resolve(undefined) : SessionLock.take(id, 'if-free'),
      );
    } catch (error) {
      console.warn('Old sessions stay:', asDrydockError(error, 'internal', 'They could not be removed.'));
    }
    // What is left is named by nobody, and there is a next time.
    await this.#keeper?.sweep().catch(() => undefined);
  }

  async #beginNew(
    { place, profile, machineId }: BeginRequest,
    machine: SessionRecord['machine'],
  ): Promise<Beginning> {
    const keeper = await this.#library.begin(
      { name: place.title, place, machine, machineId, nodes: { node1: profile } },
      this.#tell,
    );
    // Nobody else knows of it.
    await this.#take(keeper.id, 'if-free');
    this.#keeper = keeper;
    return this.#begun(keeper, 'start', await keeper.summary());
  }

  #begun(keeper: Keeper, cause: 'start' | 'continue' | 'boot', session: SessionSummary): Beginning {
    const nodes = session.nodes.map((node) => ({ ...node, port: this.#connect(keeper, node.name) }));
    const { lasting } = this.#library.store;
    return transfer(
      { kind: 'begun', cause, session, nodes, lasting },
      nodes.map(({ port }) => port),
    );
  }

  /** @returns undefined for a session that is open in another tab, and is not to be taken over */
  async #open(
    id: string,
    machine: SessionRecord['machine'],
    how: 'if-free' | 'take-over',
  ): Promise<Keeper | undefined> {
    if (!(await this.#take(id, how))) return undefined;
    try {
      this.#keeper = await this.#library.open(id, machine, this.#tell);
      return this.#keeper;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #take(id: string, how: 'if-free' | 'take-over'): Promise<SessionLock | undefined> {
    const lock = await SessionLock.take(id, how, () => {
      if (this.#lock !== lock) return;
      this.#keeper = undefined;
      this.#onEvent({ type: 'taken-over' });
    });
    this.#lock = lock;
    return lock;
  }

  #connect(keeper: Keeper, name: NodeName): MessagePort {
    this.#disconnect(name);
    const { port1, port2 } = new MessageChannel();
    this.#ports.set(name, port1);
    serveKeeping(keeper.node(name), port1);
    return port2;
  }

  #disconnect(name: NodeName): void {
    this.#ports.get(name)?.close();
    this.#ports.delete(name);
  }

  #readMachine(): Promise<SessionRecord['machine']> {
    this.#machine ??= this.#readManifest().then(machineOf);
    this.#machine.catch(() => (this.#machine = undefined));
    return this.#machine;
  }

  #opened(): Keeper {
    if (this.#keeper) return this.#keeper;
    throw new DrydockError('wrong-state', 'No session is open.');
  }

  readonly #tell = (event: KeeperEvent): void => {
    this.#onEvent(event.type === 'failed' ? { type: 'failed', error: toWire(event.error) } : event);
  };
}

export const keepHost = {
  /** Opens the sessions of this browser for the release at `base`, an absolute URL ending in `/`. Never rejects. */
  async open(base: string, onEvent: (event: KeepingEvent) => void): Promise<Sessions & ProxyMarked> {
    const release = new KeptRelease(base);
    const readManifest = async (): Promise<Manifest> => {
      const bytes = await release.read(MANIFEST, { cache: 'no-cache' });
      return parseManifest(new TextDecoder().decode(bytes));
    };
    const sessions = new Sessions(new Library(await openStore()), readManifest, onEvent);
    // Machines that begin come first.
    setTimeout(() => void sessions.tidy(), TIDY_MILLISECONDS);
    return proxy(sessions);
  },
};

export type KeepHost = typeof keepHost;

/** A browser that keeps nothing (a private window, storage turned off) has sessions as long as the tab lives. */
async function openStore(): Promise<SessionStore> {
  try {
    return await openIndexedStore();
  } catch {
    return openMemoryStore();
  }
}
