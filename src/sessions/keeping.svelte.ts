/**
 * How the session of this tab is kept: which one it is, what it begins with, and when its memory is saved. The disk is
 * saved by itself, a second after it was written; the memory when the machine comes to rest after work, when the tab is
 * hidden, when a task has passed, and on demand.
 */
import { toast } from 'svelte-sonner';
import { asDrydockError, DrydockError, fromWire } from '../../worker/error.ts';
import type { Beginning, KeepingEvent, Question } from '../../worker/keep-host.ts';
import type { NodeFacts } from '../../worker/keep/keeper.ts';
import type { Nodes } from '../../worker/keep/record.ts';
import type { MomentSummary, SessionSummary } from '../../worker/keep/summary.ts';
import type { Answer } from '../../worker/keep/way-back.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { ProfileName } from '../../worker/protocol.ts';
import { browserStorage } from '../images/browser-storage.svelte.ts';
import { describe } from '../machine/operations.ts';
import { releaseUrl } from '../machine/release-facts.ts';
import { appKeeping } from '../service-worker/app-keeping.svelte.ts';
import { session, type Origin, type SessionKeeper } from '../machine/session.svelte.ts';
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
  /** When a node was last added, reset or removed. */
  #changedNodes = 0;
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

  /** Answers the question, or what to do after a failure, and starts the machines. */
  answer(how: Answer): void {
    // The open session, if there is one, is left as it is.
    if (how === 'fresh') this.#summary = undefined;
    const question = this.#question;
    const id = question && question.kind !== 'unreadable' ? question.session.id : undefined;
    this.#wish = { ...(id && { id }), how };
    session.start();
  }

  /** Has a node that failed boot from its disk, or be fresh. Others go on. */
  async recover(name: NodeName, how: 'boot' | 'fresh'): Promise<void> {
    if (session.nodes.every(({ phase }) => phase === 'failed')) this.answer(how);
    else if (how === 'fresh') await session.resetNode(name);
    else {
      await this.client.call((sessions) => sessions.boot([name]));
      session.start();
    }
  }

  async begin(profile: ProfileName): Promise<Origin | undefined> {
    const wish = this.#wish;
    this.#wish = undefined;
    this.#question = undefined;
    this.#origin = 'start';
    const request = {
      place: currentPlace(),
      profile,
      machineId: session.machineId,
      id: this.#summary?.id ?? wish?.id,
      tab: tabSession.id,
      how: wish?.how,
    };
    this.#summary = undefined;
    try {
      const beginning = await this.client.call((sessions) => sessions.begin(request));
      if (beginning.kind === 'begun') return this.#begun(beginning);
      // A duplicated tab has the number of the first one; it gets a machine of its own unless it was asked for.
      this.#question = beginning;
      return undefined;
    } catch (thrown) {
      // A browser that cannot keep the session can still run it.
      this.#state = {
        phase: 'failed',
        error: asDrydockError(thrown, 'internal', 'The session cannot be saved.'),
      };
      return { cause: 'start', nodes: [{ name: 'node1', profile, port: undefined }], machineId: undefined };
    }
  }

  async beginAfresh(runs: boolean): Promise<void> {
    if (!this.#summary) return;
    if (runs) await this.save('checkpoint', 'Before the reset').catch(() => undefined);
    this.#summary = await this.#inTurn(() => this.client.call((sessions) => sessions.goTo(undefined)));
    this.#origin = 'start';
  }

  noteMachine(machineId: number): void {
    if (!this.#summary || this.#summary.machineId === machineId) return;
    void this.client
      .call((sessions) => sessions.describe({ machineId }))
      .then((summary) => (this.#summary = summary))
      .catch(() => undefined);
  }

  /**
   * Saves all machines.
   * @throws DrydockError `storage-full`, `timeout`; `wrong-state` while one of them is neither on nor off
   */
  save(kind: MomentSummary['kind'] = 'latest', label = ''): Promise<void> {
    return this.#inTurn(() => this.#save(kind, label));
  }

  /** Makes a checkpoint that is not worth an error message. */
  checkpointQuietly(label: string): void {
    if (session.isSettled) void this.save('checkpoint', label).catch(() => undefined);
  }

  /** Goes back, or forward, to a checkpoint. The present is kept as one first. */
  async rewind(moment: MomentSummary): Promise<void> {
    await session.rewind(async (runs) => {
      if (runs) await this.save('checkpoint', 'Before going back').catch(() => undefined);
      const saved = await this.#inTurn(() =>
        this.client.call((sessions) => sessions.goTo(moment.id, moment.running ? 'continue' : 'boot')),
      );
      this.#summary = saved;
      this.#savedMemory = Date.now();
      this.#origin = moment.running ? 'continue' : 'boot';
      restoreProgress(moment.place);
      return { nodes: saved.nodes, machineId: moment.place.machineId };
    });
  }

  async addNode(name: NodeName, profile: ProfileName): Promise<MessagePort | undefined> {
    if (!this.#summary) return undefined;
    const added = await this.#inTurn(() => this.client.call((sessions) => sessions.addNode(name, profile)));
    this.#noteNodes(added.session);
    return added.port;
  }

  async resetNode(name: NodeName, runs: boolean): Promise<void> {
    if (!this.#summary) return;
    if (runs) await this.save('checkpoint', `Before resetting ${name}`).catch(() => undefined);
    this.#noteNodes(await this.#inTurn(() => this.client.call((sessions) => sessions.resetNode(name))));
  }

  async removeNode(name: NodeName, runs: boolean): Promise<void> {
    if (!this.#summary) return;
    if (runs) await this.save('checkpoint', `Before removing ${name}`).catch(() => undefined);
    this.#noteNodes(await this.#inTurn(() => this.client.call((sessions) => sessions.removeNode(name))));
  }

  async connect(name: NodeName): Promise<MessagePort | undefined> {
    return this.#summary && this.client.call((sessions) => sessions.connect(name));
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

  /** Whether the user did something that no saved memory has, and that can be saved now. */
  get #isUnsaved(): boolean {
    if (!this.#summary || !session.isSettled) return false;
    return Math.max(session.used, this.#changedNodes) > this.#savedMemory;
  }

  #begun({ cause, session: saved, nodes, lasting }: Beginning & { kind: 'begun' }): Origin {
    this.#summary = saved;
    tabSession.id = saved.id;
    this.#state = lasting === 'process' ? { phase: 'impossible' } : { phase: 'saved', at: saved.saved };
    this.#savedMemory = cause === 'continue' ? Date.now() : 0;
    this.#changedNodes = 0;
    this.#origin = cause;
    return { cause, nodes, machineId: cause === 'start' ? undefined : saved.machineId };
  }

  #noteNodes(saved: SessionSummary): void {
    this.#summary = saved;
    this.#changedNodes = Date.now();
  }

  /** A save has the same machines from its beginning to its end. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#saving.then(action);
    this.#saving = result.catch(() => undefined);
    return result;
  }

  /** Saves all machines, if that can be; a failure is told by `state`. */
  saveQuietly(): void {
    if (session.isSettled) void this.save().catch(() => undefined);
  }

  async #save(kind: MomentSummary['kind'], label: string): Promise<void> {
    if (!this.#summary) return;
    const before = this.#state;
    const begun = Date.now();
    // What failed last is told until an attempt succeeds.
    if (before.phase === 'saved') this.#state = { phase: 'saving' };
    try {
      let nodes = nodeFacts();
      const pause = await session.capture(async () => {
        // A line that comes between the look at a screen and the moment that is kept would be on neither.
        await terminals.settle();
        nodes = nodeFacts();
      });
      const place = { ...currentPlace(), machineId: session.machineId };
      this.#summary = await this.client.call((sessions) =>
        sessions.keep({ kind, label, place, pause, nodes }),
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

/** What the machines are and show now. @throws DrydockError `wrong-state` */
function nodeFacts(): Nodes<NodeFacts> {
  const unready = session.nodes.find(({ power }) => !power);
  if (unready) {
    const which = session.nodes.length > 1 ? unready.name : 'The machine';
    throw new DrydockError(
      'wrong-state',
      `${which} is ${describe(unready.phase)}. The session can be saved when it runs, or is off.`,
    );
  }
  return Object.fromEntries(
    session.nodes.map(({ name, power }) => [
      name,
      power === 'off' ? { state: 'off' } : { state: 'running', screens: terminals.screens(name) },
    ]),
  );
}

export const keeping = new Keeping();
