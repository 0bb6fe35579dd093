/**
 * The sessions for the page: all that the browser keeps, and the one that is open in this tab. Machines hand themselves
 * over through ports of their own.
 */
import { proxy, type ProxyMarked } from 'comlink';
import { asDrydockError, DrydockError, toWire, type WireError } from './error.ts';
import { machineOf } from './keep/create.ts';
import { duplicateSession } from './keep/add-session.ts';
import { fetchFile } from './keep/fetch-file.ts';
import { openIndexedStore } from './keep/indexed-store.ts';
import type { Keeper, KeeperEvent, MomentFacts } from './keep/keeper.ts';
import { Library, UNDO_MILLISECONDS, type SessionListing } from './keep/library.ts';
import { openMemoryStore } from './keep/memory-store.ts';
import type { Place, SessionRecord, SessionSummary } from './keep/record.ts';
import { serveKeeping } from './keep/remote-keeping.ts';
import { exportSession, importSession, SESSION_LIMITS } from './keep/session-file.ts';
import { SessionLock } from './keep/session-lock.ts';
import type { SessionStore } from './keep/store.ts';
import { MANIFEST } from './kept-machine.ts';
import { KeptRelease } from './kept-release.ts';
import type { ProfileName } from './protocol.ts';
import { parseManifest, type Manifest } from './vm/release.ts';

/** What happens to the open session. */
export type KeepingEvent =
  /** What the guest had flushed by then is safe. */
  | { type: 'saved'; at: number }
  /** Nothing is lost, but what is done now is not kept until there is room again. */
  | { type: 'failed'; error: WireError }
  /** Another tab has taken the session over. */
  | { type: 'taken-over' };

/** What a page needs to know before machines begin. */
export interface OpenedSession {
  session: SessionSummary;
  /** Whether the memory of the session fits the release that the site has now. */
  fits: boolean;
}

export class Sessions {
  readonly #library: Library;
  readonly #base: string;
  readonly #onEvent: (event: KeepingEvent) => void;
  #keeper: Keeper | undefined;
  #lock: SessionLock | undefined;
  #manifest: Promise<Manifest> | undefined;

  constructor(library: Library, base: string, onEvent: (event: KeepingEvent) => void) {
    this.#library = library;
    this.#base = base;
    this.#onEvent = onEvent;
  }

  list(): Promise<SessionListing> {
    return this.#library.list();
  }

  /** See `Library`. */
  hasRoom(): Promise<boolean> {
    return this.#library.hasRoom();
  }

  /** Makes a session of the release that the site has now; returns its id. */
  async create(
    name: string,
    place: Place,
    profile: ProfileName,
    machineId: number,
    nodes = 1,
  ): Promise<string> {
    const machine = machineOf(await this.#readManifest(), profile);
    return this.#library.create({ name, place, machine, machineId, nodes });
  }

  /**
   * Opens a session in this tab and closes the one that was open.
   * @param how `if-free` opens none that is open in another tab; `take-over` ends it there
   * @returns undefined for one that is open in another tab
   * @throws DrydockError `damaged-file`, `wrong-release`, `wrong-state`
   */
  async open(id: string, how: 'if-free' | 'take-over'): Promise<OpenedSession | undefined> {
    await this.close();
    const lock = await SessionLock.take(id, how, () => {
      if (this.#lock !== lock) return;
      this.#keeper = undefined;
      this.#onEvent({ type: 'taken-over' });
    });
    if (!lock) return undefined;
    this.#lock = lock;
    try {
      this.#keeper = await this.#library.open(id, (event) => {
        this.#tell(event);
      });
      const [session, { build }] = await Promise.all([this.#keeper.summary(), this.#readManifest()]);
      return { session, fits: session.build === build };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Has the open session keep the machine at the other end of `port`, node `index`. */
  connect(index: number, port: MessagePort): void {
    serveKeeping(this.#open().node(index), port);
  }

  /** See `Keeper`. */
  keep(facts: MomentFacts): Promise<SessionSummary> {
    return this.#open().keep(facts);
  }

  goTo(id: string | undefined, how?: 'continue' | 'boot'): Promise<SessionSummary> {
    return this.#open().goTo(id, how);
  }

  boot(): Promise<void> {
    return this.#open().boot();
  }

  renew(): Promise<SessionSummary> {
    return this.#open().renew();
  }

  removeMoment(id: string): Promise<SessionSummary> {
    return this.#open().remove(id);
  }

  describe(change: Partial<Pick<SessionRecord, 'name' | 'place' | 'machineId'>>): Promise<SessionSummary> {
    return this.#open().describe(change);
  }

  /** Waits for what is being written, and lets other tabs open the session. */
  async close(): Promise<void> {
    const [keeper, lock] = [this.#keeper, this.#lock];
    this.#keeper = undefined;
    this.#lock = undefined;
    await keeper?.settled();
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
    setTimeout(() => void tidy(this.#library), UNDO_MILLISECONDS);
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

  #readManifest(): Promise<Manifest> {
    this.#manifest ??= new KeptRelease(this.#base)
      .read(MANIFEST, { cache: 'no-cache' })
      .then((bytes) => parseManifest(new TextDecoder().decode(bytes)));
    this.#manifest.catch(() => (this.#manifest = undefined));
    return this.#manifest;
  }

  #open(): Keeper {
    if (this.#keeper) return this.#keeper;
    throw new DrydockError('wrong-state', 'No session is open.');
  }

  #tell(event: KeeperEvent): void {
    this.#onEvent(event.type === 'failed' ? { type: 'failed', error: toWire(event.error) } : event);
  }
}

export const keepHost = {
  /** Opens the sessions of this browser for the release at `base`, an absolute URL ending in `/`. Never rejects. */
  async open(base: string, onEvent: (event: KeepingEvent) => void): Promise<Sessions & ProxyMarked> {
    const library = new Library(await openStore());
    await tidy(library);
    return proxy(new Sessions(library, base, onEvent));
  },
};

export type KeepHost = typeof keepHost;

async function tidy(library: Library): Promise<void> {
  try {
    await library.tidy((id) => SessionLock.take(id, 'if-free'));
  } catch (error) {
    console.warn('Old sessions stay:', asDrydockError(error, 'internal', 'They could not be removed.'));
  }
}

/** A browser that keeps nothing (a private window, storage turned off) has sessions as long as the tab lives. */
async function openStore(): Promise<SessionStore> {
  try {
    return await openIndexedStore();
  } catch {
    return openMemoryStore();
  }
}
