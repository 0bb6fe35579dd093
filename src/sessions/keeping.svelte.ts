/**
 * How the session of this tab is kept: which one it is, what it begins with, and when its memory is saved. The disk is
 * saved by itself, a second after it was written; the memory when the machine comes to rest after work, when the tab is
 * hidden, when a task has passed, and on demand.
 */
import { toast } from 'svelte-sonner';
import { asDrydockError, DrydockError, fromWire } from '../../worker/error.ts';
import type { KeepingEvent, OpenedSession } from '../../worker/keep-host.ts';
import type { MomentSummary, Place, SessionSummary } from '../../worker/keep/record.ts';
import { browserStorage } from '../images/browser-storage.svelte.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { releaseUrl } from '../machine/release-facts.ts';
import { appKeeping } from '../service-worker/app-keeping.svelte.ts';
import { session, type NodeOrigin, type Origin, type SessionKeeper } from '../machine/session.svelte.ts';
import { terminals } from '../terminal/terminals.svelte.ts';
import { currentPlace, restoreProgress } from './place.ts';
import { SessionClient } from './session-client.ts';
import { tabSession } from './tab-session.ts';

/** After this long without input, a machine with little to do has come to rest, in milliseconds. */
const REST_MILLISECONDS = 2500;

/** The least time between two saves by itself, in milliseconds: each is some megabytes to the browser's storage. */
const PAUSE_MILLISECONDS = 15_000;

/** Above this share of the time, the machine is at work. */
const BUSY = 0.3;

const TICK_MILLISECONDS = 2000;

/** What a session may take before its oldest checkpoint goes. */
const SESSION_BYTES = 140_000_000;

export type KeepingState =
  /** No session is open. */
  | { phase: 'closed' }
  | { phase: 'saving' }
  | { phase: 'saved'; at: number }
  /** The last attempt failed; the machine goes on. */
  | { phase: 'failed'; error: Error }
  /** The browser keeps nothing at all. */
  | { phase: 'impossible' }
  | { phase: 'taken-over' };

/** What the user is asked before the machine begins. */
export type Question =
  | { kind: 'return'; opened: OpenedSession }
  /** The session is open in another tab. */
  | { kind: 'elsewhere'; session: SessionSummary }
  | { kind: 'unreadable'; error: Error };

export type Answer = 'continue' | 'boot' | 'fresh' | 'take-over';

class Keeping implements SessionKeeper {
  #state = $state.raw<KeepingState>({ phase: 'closed' });
  #summary = $state.raw<SessionSummary>();
  #room = $state<'enough' | 'little'>('enough');
  #question = $state.raw<Question>();
  #origin = $state.raw<Origin['cause']>('start');
  #client: SessionClient | undefined;
  /** What the user has answered, or has asked for on another page. */
  #wish: { id?: string; how: Answer } | undefined;
  #saving: Promise<unknown> = Promise.resolve();
  /** When the memory was last saved. */
  #savedMemory = 0;
  #renewal: 'none' | 'under-way' = 'none';

  constructor() {
    session.keeper = this;
    appKeeping.beforeReload = async () => {
      if (this.#isUnsaved) await this.save();
    };
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden' && this.#isUnsaved) this.saveQuietly();
    });
    setInterval(() => {
      const isQuiet = session.nodes.every(
        ({ phase, statistics }) => phase === 'off' || (statistics?.busy ?? 1) < BUSY,
      );
      const rests = Date.now() - session.used > REST_MILLISECONDS && isQuiet;
      const due = Date.now() - this.#savedMemory > PAUSE_MILLISECONDS;
      if (rests && due && this.#isUnsaved) this.saveQuietly();
    }, TICK_MILLISECONDS);
  }

  get state(): KeepingState {
    return this.#state;
  }

  /** The open session. */
  get summary(): SessionSummary | undefined {
    return this.#summary;
  }

  /** `little`: soon nothing more may be saved. */
  get room(): 'enough' | 'little' {
    return this.#room;
  }

  /** Looks how much room the browser has left. Never rejects. */
  async readRoom(): Promise<void> {
    const hasRoom = await this.client.call((sessions) => sessions.hasRoom()).catch(() => true);
    this.#room = hasRoom ? 'enough' : 'little';
  }

  get question(): Question | undefined {
    return this.#question;
  }

  /** What the present machine came from: nothing, or the memory or the disk of the open session. */
  get origin(): Origin['cause'] {
    return this.#origin;
  }

  /** The checkpoints of the open session, the oldest first. */
  get moments(): readonly MomentSummary[] {
    return this.#summary?.moments ?? [];
  }

  get client(): SessionClient {
    this.#client ??= new SessionClient(
      releaseUrl(),
      (event) => {
        this.#receive(event);
      },
      (error) => (this.#state = { phase: 'failed', error }),
    );
    return this.#client;
  }

  /** Has the next start go on with session `id`. */
  wish(id: string): void {
    this.#wish = { id, how: 'continue' };
  }

  /** Answers the question, or what to do after a failure, and starts the machine. */
  answer(how: Answer): void {
    // The open session, if there is one, is left as it is.
    if (how === 'fresh') this.#summary = undefined;
    const question = this.#question;
    const id = question?.kind === 'return' ? question.opened.session.id : undefined;
    this.#wish =
      question?.kind === 'elsewhere' ? { id: question.session.id, how } : { ...(id && { id }), how };
    session.start();
  }

  async begin(): Promise<Origin | undefined> {
    const wish = this.#wish;
    this.#wish = undefined;
    this.#question = undefined;
    try {
      const origin = await this.#begin(wish);
      this.#origin = origin?.cause ?? 'start';
      return origin;
    } catch (thrown) {
      // A browser that cannot keep the session can still run it.
      this.#state = {
        phase: 'failed',
        error: asDrydockError(thrown, 'internal', 'The session cannot be saved.'),
      };
      this.#summary = undefined;
      this.#origin = 'start';
      return { cause: 'start', nodes: [node('standard', undefined)], machineId: undefined };
    }
  }

  async beginAfresh(runs: boolean): Promise<void> {
    if (!this.#summary) return;
    if (runs) await this.save('checkpoint', 'Before the reset').catch(() => undefined);
    this.#summary = await this.client.call((sessions) => sessions.goTo(undefined));
    this.#origin = 'start';
  }

  noteMachine(machineId: number): void {
    if (!this.#summary) return;
    void this.client
      .call((sessions) => sessions.describe({ machineId }))
      .then((summary) => (this.#summary = summary))
      .catch(() => undefined);
  }

  /**
   * Saves the whole machine.
   * @throws DrydockError `storage-full`, `timeout`, `wrong-state`
   */
  save(kind: MomentSummary['kind'] = 'latest', label = ''): Promise<void> {
    const result = this.#saving.then(() => this.#save(kind, label));
    this.#saving = result.catch(() => undefined);
    return result;
  }

  /** Makes a checkpoint that is not worth an error message. */
  checkpointQuietly(label: string): void {
    if (session.phase === 'running') void this.save('checkpoint', label).catch(() => undefined);
  }

  /** Goes back, or forward, to a checkpoint. The present is kept as one first. */
  async rewind(moment: MomentSummary): Promise<void> {
    await session.rewind(async (runs) => {
      if (runs) await this.save('checkpoint', 'Before going back').catch(() => undefined);
      this.#summary = await this.client.call((sessions) =>
        sessions.goTo(moment.id, moment.running ? 'continue' : 'boot'),
      );
      this.#savedMemory = Date.now();
      this.#origin = moment.running ? 'continue' : 'boot';
      restoreProgress(moment.place);
      return {
        nodes: [{ name: 'node1', profile: session.current.profile }],
        machineId: moment.place.machineId,
      };
    });
  }

  addNode(): Promise<MessagePort | undefined> {
    return Promise.resolve(undefined);
  }

  resetNode(): Promise<void> {
    return Promise.resolve();
  }

  removeNode(): Promise<void> {
    return Promise.resolve();
  }

  connect(): Promise<MessagePort | undefined> {
    return this.client.connect(0);
  }

  async removeMoment({ id }: MomentSummary): Promise<void> {
    this.#summary = await this.client.call((sessions) => sessions.removeMoment(id));
  }

  async rename(name: string): Promise<void> {
    this.#summary = await this.client.call((sessions) => sessions.describe({ name }));
  }

  /** Ends the machine and lets the session go, so that another can be opened. */
  async close(): Promise<void> {
    if (this.#isUnsaved) await this.save().catch(() => undefined);
    session.cancel();
    this.#summary = undefined;
    this.#state = { phase: 'closed' };
    await this.client.call((sessions) => sessions.close());
  }

  /** Whether the user did something that no saved memory has. */
  get #isUnsaved(): boolean {
    const { phase } = session;
    if (!this.#summary || (phase !== 'running' && phase !== 'paused')) return false;
    return session.used > this.#savedMemory;
  }

  async #begin(wish: { id?: string; how: Answer } | undefined): Promise<Origin | undefined> {
    const place = currentPlace();
    const { sessions, lasting } = await this.client.call((remote) => remote.list());
    const candidate = this.#summary ?? sessions.find(({ id }) => id === (wish?.id ?? tabSession.id));
    const found =
      candidate ?? (wish?.id ? undefined : sessions.find((one) => one.place.lesson === place.lesson));
    if (!found || (wish?.how === 'fresh' && !this.#summary)) return this.#fresh(place, lasting);
    const how = wish?.how === 'take-over' ? 'take-over' : 'if-free';
    let opened: OpenedSession | undefined;
    try {
      opened = await this.client.call((remote) => remote.open(found.id, how));
    } catch (thrown) {
      this.#question = {
        kind: 'unreadable',
        error: asDrydockError(thrown, 'damaged-file', 'It cannot be read.'),
      };
      return undefined;
    }
    if (!opened) {
      // A duplicated tab has the number of the first one; it gets a machine of its own unless it was asked for.
      this.#question = { kind: 'elsewhere', session: found };
      return undefined;
    }
    return this.#return(opened, wish?.how, lasting);
  }

  async #fresh(place: Place, lasting: 'browser' | 'process'): Promise<Origin> {
    const id = await this.client.call((sessions) =>
      sessions.create(place.title, place, session.current.profile, session.machineId),
    );
    const opened = await this.client.call((sessions) => sessions.open(id, 'if-free'));
    if (opened) this.#note(opened, lasting);
    const port = await this.client.connect(0);
    return { cause: 'start', nodes: [node(session.current.profile, port)], machineId: undefined };
  }

  /** An opened session goes on by itself where nothing can be lost by that; else the user is asked. */
  async #return(
    opened: OpenedSession,
    wished: Answer | undefined,
    lasting: 'browser' | 'process',
  ): Promise<Origin | undefined> {
    const { session: saved, fits } = opened;
    const { running, journal, used, at, machineId, moments } = saved;
    const canContinue = fits && running !== undefined;
    const isEmpty = journal === 'empty' && at === undefined;
    const suits = canContinue && (journal === 'empty' || used <= running);
    const isPossible = wished === 'boot' || wished === 'fresh' || (wished === 'continue' && canContinue);
    const suitable = suits ? 'continue' : isEmpty && fits ? 'fresh' : undefined;
    const chosen = isPossible ? wished : suitable;
    if (chosen === undefined) {
      this.#question = { kind: 'return', opened };
      return undefined;
    }
    // What is left of an attempt with more memory, or of an earlier release, has nothing to begin with.
    if (chosen === 'fresh' && (!fits || saved.profile !== session.current.profile))
      return this.#fresh(currentPlace(), lasting);
    this.#note(opened, lasting);
    if (chosen === 'boot') await this.client.call((sessions) => sessions.boot());
    else if (journal === 'written' || (chosen === 'fresh' && moments.length > 0))
      this.#summary = await this.client.call((sessions) =>
        sessions.goTo(chosen === 'fresh' ? undefined : at),
      );
    this.#savedMemory = chosen === 'continue' ? Date.now() : 0;
    return {
      cause: chosen === 'fresh' ? 'start' : chosen,
      nodes: [node(saved.profile, await this.client.connect(0))],
      machineId: chosen === 'fresh' ? undefined : machineId,
    };
  }

  #note({ session: saved }: OpenedSession, lasting: 'browser' | 'process'): void {
    this.#summary = saved;
    tabSession.id = saved.id;
    this.#state = lasting === 'process' ? { phase: 'impossible' } : { phase: 'saved', at: saved.saved };
  }

  /** Saves the whole machine, if it runs; a failure is told by `state`. */
  saveQuietly(): void {
    if (session.phase === 'running') void this.save().catch(() => undefined);
  }

  async #save(kind: MomentSummary['kind'], label: string): Promise<void> {
    if (!this.#summary) return;
    const before = this.#state;
    const begun = Date.now();
    // What failed last is told until an attempt succeeds.
    if (before.phase === 'saved') this.#state = { phase: 'saving' };
    try {
      const screens = [terminals.screens('node1')];
      const pause = await session.capture();
      const place = { ...currentPlace(), machineId: session.machineId };
      this.#summary = await this.client.call((sessions) =>
        sessions.keep({ kind, label, place, pause, screens }),
      );
      await session.noteSaved(kind);
      if (this.#savedMemory === 0 && session.used > 0) void browserStorage.askToPersist();
      void this.readRoom();
      this.#savedMemory = begun;
      if (this.#summary.bytes > SESSION_BYTES) await this.#thinOut();
    } catch (thrown) {
      if (this.#state.phase === 'saving') this.#state = before;
      throw thrown;
    }
  }

  /** Removes the oldest checkpoint; one that the machine goes on from stays. */
  async #thinOut(): Promise<void> {
    const oldest = this.moments.find((moment) => moment.kind === 'checkpoint');
    if (oldest && this.moments.length > 2) await this.removeMoment(oldest).catch(() => undefined);
  }

  #noteFailure(error: Error): void {
    this.#state = { phase: 'failed', error };
    if (error instanceof DrydockError && error.code === 'session-gone') void this.#renew();
  }

  /** The browser has cleared what was saved, and the machine still runs: it is saved again, whole. */
  async #renew(): Promise<void> {
    if (this.#renewal === 'under-way') return;
    this.#renewal = 'under-way';
    try {
      this.#summary = await this.client.call((sessions) => sessions.renew());
      await session.startOver();
      await this.save();
      toast.warning('The browser has cleared what was saved', {
        description: 'The machine goes on and was saved again. Its checkpoints and other sessions are gone.',
        duration: Infinity,
      });
    } catch (thrown) {
      this.#state = {
        phase: 'failed',
        error: asDrydockError(thrown, 'internal', 'The session cannot be saved.'),
      };
    } finally {
      this.#renewal = 'none';
    }
  }

  #receive(event: KeepingEvent): void {
    if (event.type === 'taken-over') {
      session.cancel();
      this.#summary = undefined;
      this.#state = { phase: 'taken-over' };
    } else if (event.type === 'failed') this.#noteFailure(fromWire(event.error));
    else if (this.#state.phase !== 'impossible') this.#state = { phase: 'saved', at: event.at };
  }
}

function node(profile: ProfileName, port: MessagePort | undefined): NodeOrigin {
  return { name: 'node1', profile, port };
}

export const keeping = new Keeping();
