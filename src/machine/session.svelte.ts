/**
 * The machine of this tab, as the page sees it. It outlives the pages that show it: going to the start page
 * and back finds the machine as it was. Components read `state`, `statistics` and `pack`; all that changes
 * the machine goes through here, one operation at a time.
 */
import { asDrydockError, fromWire } from '../../worker/error.ts';
import type { Suggestions } from '../../worker/hub/suggestions.ts';
import type {
  ConsoleIndex,
  ExecOptions,
  ExecResult,
  LoadProgress,
  MachineEvent,
  MachineState,
  MachineStatistics,
  ProfileName,
} from '../../worker/protocol.ts';
import { Listeners } from '../app/listeners.ts';
import { missingCapabilities } from './capability.ts';
import { MachineClient } from './client.ts';
import { OutputBuffer, type OutputListener } from './output-buffer.ts';
import { releaseUrl } from './release-facts.ts';
import {
  CONSOLES,
  type LoadCause,
  type PackProgress,
  type Phase,
  type SessionState,
} from './session-state.ts';

const STATISTICS_MILLISECONDS = 2000;

/** After this long without news the download of the boot pack is taken for failed. */
const PACK_SILENCE_MILLISECONDS = 15_000;

const FRESH: Origin = { cause: 'start', port: undefined, machineId: undefined };

const AT_THE_START: LoadProgress = { stage: 'manifest', loadedBytes: 0, totalBytes: 0 };

/** Where a machine comes from. */
export interface Origin {
  cause: 'start' | 'continue' | 'boot';
  /** What the machine is kept through; undefined where nothing can be kept. */
  port: MessagePort | undefined;
  /** Of a machine that comes back: its memory profile. */
  profile?: ProfileName;
  /** Of a machine that comes back: the number that it had. */
  machineId: number | undefined;
}

/**
 * Makes ready what a machine is to be brought to. `runs` tells whether the present one can still be saved.
 * @returns the number that the machine had there, if it had one
 */
type Prepare = (runs: boolean) => Promise<number | undefined>;

/** Keeps the machine of this tab. */
export interface SessionKeeper {
  /** Finds what the machine is to begin with; undefined when the user is to be asked first. */
  begin: () => Promise<Origin | undefined>;
  /** Has the next machine be a fresh one; what there is can be had back. @param runs whether the present one can be saved */
  beginAfresh: (runs: boolean) => Promise<void>;
  /** A machine with this number begins. */
  noteMachine: (machineId: number) => void;
}

export class Session {
  #state = $state.raw<SessionState>({ phase: 'idle' });
  #statistics = $state.raw<MachineStatistics>();
  #pack = $state.raw<PackProgress>();
  #profile = $state.raw<ProfileName>('standard');
  #machineId = $state.raw(0);
  #unknownImage = $state.raw<Suggestions>();
  #client: MachineClient | undefined;
  /** Counts the starts: one that was cancelled while its origin was looked for is not gone on with. */
  #attempt = 0;
  #packTimer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;
  #mutation: Promise<unknown> = Promise.resolve();
  readonly #outputs = CONSOLES.map(() => new OutputBuffer());
  /** By console. */
  readonly #sizes: ({ columns: number; rows: number } | undefined)[] = [];
  readonly #onFresh = new Listeners();
  /** When the user last did something in a terminal, in milliseconds since 1970. */
  #used = 0;
  /** Set once, when the app begins; without, nothing is kept. */
  keeper: SessionKeeper | undefined;

  constructor() {
    setInterval(() => {
      if (document.visibilityState === 'visible') void this.readStatistics();
    }, STATISTICS_MILLISECONDS);
    window.addEventListener('online', () => void this.retryDisk().catch(() => undefined));
  }

  get state(): SessionState {
    return this.#state;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** The last reading of the gauges; undefined while no machine runs. */
  get statistics(): MachineStatistics | undefined {
    return this.#statistics;
  }

  /** The boot pack's download while it lasts. */
  get pack(): PackProgress | undefined {
    return this.#pack;
  }

  get profile(): ProfileName {
    return this.#profile;
  }

  /** The image that a pull did not find, until that is dismissed. */
  get unknownImage(): Suggestions | undefined {
    return this.#unknownImage;
  }

  dismissUnknownImage(): void {
    this.#unknownImage = undefined;
  }

  /** Another number for each fresh machine: what was made in an earlier one is not in this one. */
  get machineId(): number {
    return this.#machineId;
  }

  get used(): number {
    return this.#used;
  }

  /** Calls `listener` before a fresh machine's first output; returns what ends that. */
  onFresh(listener: () => void): () => void {
    return this.#onFresh.add(listener);
  }

  /** Loads a machine unless there is one. Failures are found in `state`. */
  start(profile: ProfileName = this.#profile): void {
    if (!['idle', 'unsupported', 'failed'].includes(this.#state.phase)) return;
    const missing = missingCapabilities();
    if (missing.length > 0) {
      this.#state = { phase: 'unsupported', missing };
      return;
    }
    this.#discard();
    this.#profile = profile;
    this.#begin('start');
    const attempt = ++this.#attempt;
    const origin = this.keeper?.begin() ?? Promise.resolve<Origin>(FRESH);
    origin.then(
      (found) => {
        if (attempt !== this.#attempt) return;
        if (found) this.#load(found);
        else this.#state = { phase: 'idle' };
      },
      (thrown: unknown) => {
        if (attempt === this.#attempt) this.#fail(thrown);
      },
    );
  }

  #load({ cause, port, machineId, profile = this.#profile }: Origin): void {
    this.#profile = profile;
    if (this.#state.phase === 'loading') this.#state = { ...this.#state, cause };
    if (machineId !== undefined) this.#machineId = machineId;
    else this.keeper?.noteMachine(this.#machineId);
    const fail = (thrown: unknown): void => {
      if (client === this.#client) this.#fail(thrown);
    };
    const client = new MachineClient(
      { release: releaseUrl(), profile },
      (event) => {
        this.#receive(event);
      },
      fail,
      port,
    );
    this.#client = client;
    client.call((machine) => machine.load()).catch(fail);
  }

  /** Gives up loading. */
  cancel(): void {
    this.#attempt++;
    this.#discard();
    this.#state = { phase: 'idle' };
  }

  /** Throws the machine's contents away and starts it afresh. */
  async reset(): Promise<void> {
    if (this.#state.phase === 'loading') return;
    if (this.#state.phase === 'failed') {
      this.start();
      return;
    }
    await this.#again('reset', async (runs) => {
      await this.keeper?.beginAfresh(runs);
      return undefined;
    });
    this.keeper?.noteMachine(this.#machineId);
  }

  /** Brings the machine to where its keeper has it after `prepare`, which resolves with the number that it had there. */
  async rewind(prepare: Prepare): Promise<void> {
    if (this.#state.phase === 'loading') return;
    if (this.#state.phase === 'failed') {
      await prepare(false);
      this.start();
    } else await this.#again('rewind', prepare);
  }

  /** What is typed while the present machine is still being saved would be lost: it is covered from the start. */
  async #again(cause: LoadCause, prepare: Prepare): Promise<void> {
    const { phase } = this.#state;
    this.#state = { phase: 'loading', cause, progress: AT_THE_START };
    const client = this.#client;
    try {
      const machineId = await prepare(phase === 'running' || phase === 'paused');
      this.#begin(cause);
      if (machineId !== undefined) this.#machineId = machineId;
      await this.#mutate((live) => live.call((machine) => machine.reset()));
    } catch (thrown) {
      if (client === this.#client) this.#fail(thrown);
      throw thrown;
    }
  }

  /**
   * Has the machine hand itself over to its keeper. It stands still meanwhile; how long, in milliseconds, is the result.
   * @throws DrydockError `wrong-state`, `timeout` when its disk does not come to rest
   */
  capture(): Promise<number> {
    return this.#mutate(async (client) => {
      const begun = performance.now();
      await client.call((machine) => machine.hold());
      const held = performance.now() - begun;
      const pause = await client.call((machine) => machine.capture());
      return held + pause;
    });
  }

  /** Captures from now on are relative to the last one, which is kept. */
  async noteSaved(kind: 'latest' | 'checkpoint'): Promise<void> {
    await this.#client?.call((machine) => machine.saved(kind));
  }

  /** Has the machine hand over all of it again: what was kept is gone. */
  async startOver(): Promise<void> {
    await this.#client?.call((machine) => machine.startOver());
  }

  /** Output of a console that no terminal shows yet. */
  pendingOutput(console: ConsoleIndex): string {
    return this.#outputs[console]?.text ?? '';
  }

  pause(): Promise<void> {
    return this.#mutate((client) => client.call((machine) => machine.pause()));
  }

  resume(): Promise<void> {
    return this.#mutate((client) => client.call((machine) => machine.run()));
  }

  /** Asks again for the part of the disk that could not be read. */
  async retryDisk(): Promise<void> {
    if (this.#state.phase !== 'waiting-for-disk') return;
    await this.#mutate((client) => client.call((machine) => machine.retryDisk()));
  }

  /** Ends what runs in a terminal and starts a fresh shell there. */
  async restartConsole(console: ConsoleIndex): Promise<void> {
    await this.#mutate((client) => client.call((machine) => machine.restartConsole(console)));
    this.#sendSize(console);
  }

  /** Runs a script beside the terminals; rejects unless the machine runs. */
  exec(script: string, options?: ExecOptions): Promise<ExecResult> {
    if (!this.#client) return Promise.reject(new Error('There is no machine.'));
    return this.#client.call((machine) => machine.exec(script, options));
  }

  /** Types into a terminal. */
  send(console: ConsoleIndex, bytes: Uint8Array): void {
    this.#used = Date.now();
    void this.#client?.call((machine) => machine.send(console, bytes)).catch(() => undefined);
  }

  /** Sets a terminal's size in characters; a machine that comes later gets it too. */
  resize(console: ConsoleIndex, columns: number, rows: number): void {
    this.#sizes[console] = { columns, rows };
    this.#sendSize(console);
  }

  /** Sends a console's output to `listener`, what came before included; returns what ends that. */
  attach(console: ConsoleIndex, listener: OutputListener): () => void {
    return this.#outputs[console]?.attach(listener) ?? (() => undefined);
  }

  /** Forgets output of a console that no terminal shows. */
  clearOutput(console: ConsoleIndex): void {
    this.#outputs[console]?.clear();
  }

  #receive(event: MachineEvent): void {
    switch (event.type) {
      case 'state':
        this.#follow(event.state);
        break;
      case 'progress':
        if (this.#state.phase === 'loading') this.#state = { ...this.#state, progress: event.progress };
        break;
      case 'output':
        this.#outputs[event.console]?.push(event.bytes);
        break;
      case 'failure':
        this.#failure = fromWire(event.error);
        break;
      case 'unknown-image':
        // One pull is told more than once; the line that shows it then stays as it is.
        if (this.#unknownImage?.asked !== event.suggestions.asked) this.#unknownImage = event.suggestions;
        break;
      case 'pack':
        this.#followPack(event);
        break;
    }
  }

  /** A download that fails says nothing more: chunks are then fetched one by one. */
  #followPack(progress: PackProgress): void {
    clearTimeout(this.#packTimer);
    this.#pack = progress.loadedBytes < progress.totalBytes ? progress : undefined;
    this.#packTimer = setTimeout(() => (this.#pack = undefined), PACK_SILENCE_MILLISECONDS);
  }

  #follow(state: MachineState): void {
    switch (state) {
      case 'loading':
        if (this.#state.phase !== 'loading') {
          this.#state = { phase: 'loading', cause: 'reboot', progress: { ...AT_THE_START, stage: 'boot' } };
        }
        break;
      case 'running':
        this.#state = { phase: 'running' };
        for (const console of CONSOLES) this.#sendSize(console);
        void this.readStatistics();
        break;
      case 'paused':
      case 'waiting-for-disk':
      case 'off':
        this.#state = { phase: state };
        break;
      case 'failed':
        this.#fail(this.#failure);
        break;
      case 'created':
      case 'destroyed':
        break;
    }
  }

  #begin(cause: LoadCause): void {
    for (const output of this.#outputs) output.clear();
    this.#machineId = Date.now();
    this.#failure = undefined;
    this.#unknownImage = undefined;
    this.#statistics = undefined;
    this.#state = { phase: 'loading', cause, progress: AT_THE_START };
    this.#onFresh.emit();
  }

  #fail(thrown: unknown): void {
    if (this.#state.phase === 'failed') return;
    this.#client?.terminate();
    const stage = this.#state.phase === 'loading' ? this.#state.progress.stage : undefined;
    this.#statistics = undefined;
    this.#pack = undefined;
    this.#state = {
      phase: 'failed',
      stage,
      error: asDrydockError(thrown, 'internal', 'The machine failed.'),
    };
  }

  #discard(): void {
    this.#client?.terminate();
    this.#client = undefined;
    this.#mutation = Promise.resolve();
    this.#statistics = undefined;
    this.#pack = undefined;
  }

  /** Runs `action` after the operations that were asked for before it. */
  #mutate<T>(action: (client: MachineClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (!client) return Promise.reject(new Error('There is no machine.'));
    const result = this.#mutation.then(() => action(client));
    this.#mutation = result.catch(() => undefined);
    return result;
  }

  #sendSize(console: ConsoleIndex): void {
    const size = this.#sizes[console];
    if (!size) return;
    void this.#client
      ?.call((machine) => machine.resize(console, size.columns, size.rows))
      .catch(() => undefined);
  }

  /** Reads the gauges now; they are also read every two seconds while the page is seen. */
  async readStatistics(): Promise<MachineStatistics | undefined> {
    const client = this.#client;
    if (!client || this.#state.phase !== 'running') return undefined;
    const statistics = await client.call((machine) => machine.statistics()).catch(() => undefined);
    if (client === this.#client && statistics) this.#statistics = statistics;
    return statistics;
  }
}

export const session = new Session();
