/** All sessions that a browser keeps. */
import { asDrydockError, DrydockError, type ErrorCode } from '../error.ts';
import { randomUuid } from '../random-uuid.ts';
import { z } from '../schema.ts';
import { createSession, type NewSession } from './create.ts';
import { Keeper, type KeeperEvent } from './keeper.ts';
import { parseRecord } from './parse-record.ts';
import type { SessionRecord } from './record.ts';
import type { SessionLock } from './session-lock.ts';
import { removeSession, type SessionStore } from './store.ts';
import { summarise, type SessionSummary } from './summary.ts';

/** How long a deleted session can be had back, in milliseconds: longer than the page offers it. */
export const UNDO_MILLISECONDS = 60_000;

/** What an hour's work may take at most, in bytes. */
const HOUR_BYTES = 200e6;

/** How long a session in which nothing was done stays, in milliseconds. */
const UNUSED_MILLISECONDS = 10 * 60_000;

/** A session whose record this version cannot read. It stays as it is. */
export interface UnreadableSession {
  id: string;
  /** What it is called, if that at least is there. */
  name: string | undefined;
  problem: ErrorCode;
  message: string;
}

const named = z.looseObject({ name: z.string().check(z.minLength(1), z.maxLength(100)) });

export interface SessionListing {
  /** The last one saved first. */
  sessions: SessionSummary[];
  unreadable: UnreadableSession[];
  /** `process`: this browser keeps nothing, so all is gone with the tab. */
  lasting: SessionStore['lasting'];
}

export class Library {
  constructor(readonly store: SessionStore) {}

  async list(): Promise<SessionListing> {
    const [sessions, unreadable]: [SessionSummary[], UnreadableSession[]] = [[], []];
    for (const [id, stored] of await this.store.records.list()) {
      try {
        const record = parseRecord(stored);
        // What is done with it would be done with another one.
        if (record.id !== id)
          throw new DrydockError('damaged-file', 'The record is that of another session.');
        if (record.deleted === undefined) sessions.push(summarise(record));
      } catch (thrown) {
        const { code, message } = asDrydockError(thrown, 'damaged-file', 'The record is damaged.');
        const { data } = named.safeParse(stored);
        unreadable.push({ id, name: data?.name, problem: code, message });
      }
    }
    sessions.sort((a, b) => b.saved - a.saved);
    return { sessions, unreadable, lasting: this.store.lasting };
  }

  /** Whether there is room for an hour's work; `true` where that cannot be told. */
  async hasRoom(): Promise<boolean> {
    return this.store.files.hasRoom(HOUR_BYTES).catch(() => true);
  }

  create(session: NewSession): Promise<string> {
    return createSession(this.store, session);
  }

  /** Makes a session of the release that the site has now, and opens it. @throws DrydockError `storage-full` */
  async begin(session: NewSession, onEvent: (event: KeeperEvent) => void): Promise<Keeper> {
    const owner = randomUuid();
    const id = await createSession(this.store, session, owner);
    return new Keeper(this.store, id, { onEvent, owner, build: session.machine.build });
  }

  /**
   * Opens a session for machines to run; who had it open before can write no more.
   * @param machine the release that the site has now; see `machineOf`
   * @throws DrydockError `damaged-file`, `wrong-release`
   */
  async open(
    id: string,
    machine: SessionRecord['machine'],
    onEvent: (event: KeeperEvent) => void,
  ): Promise<Keeper> {
    const owner = randomUuid();
    await this.#change(id, (record) => ({
      ...record,
      owner,
      deleted: undefined,
      // One of the first format knows of machines of one size only.
      machine: record.machine.build === machine.build ? machine : record.machine,
    }));
    return new Keeper(this.store, id, { onEvent, owner, build: machine.build });
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(id, (record) => ({ ...record, name }));
  }

  /** Deletes a session, so that `restore` can bring it back for a while. */
  async delete(id: string): Promise<void> {
    await this.#change(id, (record) => ({ ...record, deleted: Date.now() }));
  }

  async restore(id: string): Promise<void> {
    await this.#change(id, (record) => ({ ...record, deleted: undefined }));
  }

  /** See `removeSession`. */
  destroy(id: string): Promise<void> {
    return removeSession(this.store, id);
  }

  /**
   * Removes what was deleted too long ago to be had back, and sessions in which nothing was ever done.
   * @param take takes the lock of a session; one that is open in a tab has none to give, and stays
   */
  async tidy(take: (id: string) => Promise<Pick<SessionLock, 'release'> | undefined>): Promise<void> {
    for (const [id, stored] of await this.store.records.list()) {
      let record: SessionRecord;
      try {
        record = parseRecord(stored);
      } catch {
        continue;
      }
      const { deleted, saved, used } = record;
      const isGone = deleted !== undefined && Date.now() - deleted >= UNDO_MILLISECONDS;
      const isUnused = used === 0 && record.moments.length === 0 && Date.now() - saved > UNUSED_MILLISECONDS;
      if (!isGone && !isUnused) continue;
      const lock = await take(id);
      if (!lock) continue;
      await this.destroy(id).finally(() => {
        lock.release();
      });
    }
  }

  async #change(id: string, change: (record: SessionRecord) => SessionRecord): Promise<void> {
    await this.store.records.change(id, (stored) => change(parseRecord(stored)));
  }
}
