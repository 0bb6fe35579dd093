/**
 * One machine of this tab, as the page sees it. Components read `state`, `statistics` and `pack`; all that changes the
 * machine goes through here, one operation at a time. What concerns all machines is in `session.svelte.ts`.
 */
import { asDrydockError, fromWire } from '../../worker/error.ts';
import type { Suggestions } from '../../worker/hub/suggestions.ts';
import { SOUND_CABLE, type CableQuality } from '../../worker/net/cable.ts';
import type { NodeName } from '../../worker/net/lan.ts';
import type { PacketCaptureProgress } from '../../worker/net/packet-capture.ts';
import type { LoggedRequest, PreviewPort } from '../../worker/preview/protocol.ts';
import type {
  ConsoleIndex,
  EngineAnswer,
  EngineRequest,
  ExecOptions,
  ExecResult,
  FileRange,
  LoadProgress,
  MachineEvent,
  MachineState,
  MachineStatistics,
  ProfileName,
} from '../../worker/protocol.ts';
import { transfer } from 'comlink';
import { Listeners } from '../app/listeners.ts';
import { MachineClient, MachineWorkers, type MachinePorts } from './client.ts';
import { OutputBuffer, type OutputListener } from './output-buffer.ts';
import { releaseUrl } from './release-facts.ts';
import {
  CONSOLES,
  type LoadCause,
  type NodeState,
  type PackProgress,
  type Phase,
  type Power,
} from './node-state.ts';

/** After this long without news the download of the boot pack is taken for failed. */
const PACK_SILENCE_MILLISECONDS = 15_000;

const CARRIAGE_RETURN = 0x0d;

const AT_THE_START: LoadProgress = { stage: 'manifest', loadedBytes: 0, totalBytes: 0 };

/** What a machine tells of its Engine: that something happened, or that much may have. */
export type EngineNews = { type: 'event'; event: string } | { type: 'told' } | { type: 'lost' };

export class MachineNode {
  readonly name: NodeName;
  /** What the machine's Engine tells; `told` after every start of the machine. */
  readonly engineNews = new Listeners<[EngineNews]>();
  /** What pages that are shown of a port have asked for. */
  readonly previewRequests = new Listeners<[port: number, request: LoggedRequest]>();
  /** The machine is loaded in other workers than before. */
  readonly loads = new Listeners();
  /** The user has ended a line in a terminal: something may happen now. */
  readonly lines = new Listeners();
  #state = $state.raw<NodeState>({ phase: 'idle' });
  #statistics = $state.raw<MachineStatistics>();
  #pack = $state.raw<PackProgress>();
  #profile = $state.raw<ProfileName>('standard');
  #unknownImage = $state.raw<Suggestions>();
  #engine: 'told' | 'lost' = 'lost';
  #cable = $state.raw(SOUND_CABLE);
  #packets = $state.raw<PacketCaptureProgress>();
  #client: MachineClient | undefined;
  /** Of a machine that is about to be loaded. */
  #workers: MachineWorkers | undefined;
  #power: Power | undefined;
  #packTimer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;
  #mutation: Promise<unknown> = Promise.resolve();
  readonly #outputs = CONSOLES.map(() => new OutputBuffer());
  /** By console. */
  readonly #sizes: ({ columns: number; rows: number } | undefined)[] = [];
  readonly #onFresh: () => void;
  /** When the user last did something in a terminal, in milliseconds since 1970. */
  #used = 0;

  /** @param onFresh called before a fresh machine's first output */
  constructor(name: NodeName, onFresh: () => void) {
    this.name = name;
    this.#onFresh = onFresh;
  }

  get state(): NodeState {
    return this.#state;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** Whether it runs, stands still or is off: it can be saved. */
  get isSettled(): boolean {
    return this.phase === 'running' || this.phase === 'paused' || this.phase === 'off';
  }

  /** What can be saved of the machine, also while it is covered; undefined while nothing can. */
  get power(): Power | undefined {
    return this.#power;
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

  get used(): number {
    return this.#used;
  }

  /** Whether the Engine's events are told. */
  get engine(): 'told' | 'lost' {
    return this.#engine;
  }

  /** How the network cable is. */
  get cable(): CableQuality {
    return this.#cable;
  }

  /** How far the capture of the network traffic is; undefined when none was begun. */
  get packets(): PacketCaptureProgress | undefined {
    return this.#packets;
  }

  /** Shows that a machine is being brought, before it is known from where. */
  begin(cause: LoadCause): void {
    for (const output of this.#outputs) output.clear();
    this.#failure = undefined;
    this.#unknownImage = undefined;
    this.#statistics = undefined;
    this.#power = undefined;
    this.#engine = 'lost';
    this.#state = { phase: 'loading', cause, progress: AT_THE_START };
    this.#onFresh();
  }

  /** Starts the workers of a machine that is about to be loaded. */
  prepare(): void {
    this.#workers ??= new MachineWorkers(this.name);
  }

  /** Loads a machine; what goes wrong is found in `state`. */
  load(cause: LoadCause, profile: ProfileName, ports: MachinePorts): void {
    this.#profile = profile;
    if (this.#state.phase === 'loading') this.#state = { ...this.#state, cause };
    const fail = (thrown: unknown): void => {
      if (client === this.#client) this.fail(thrown);
    };
    this.prepare();
    const workers = this.#workers as MachineWorkers;
    this.#workers = undefined;
    const client = new MachineClient(
      workers,
      { release: releaseUrl(), profile, node: this.name },
      (event) => {
        this.#receive(event);
      },
      fail,
      ports,
    );
    this.#client = client;
    const cable = this.#cable;
    client.call((machine) => machine.setCable(cable)).catch(() => undefined);
    client.call((machine) => machine.watchEngine()).catch(() => undefined);
    this.loads.emit();
    client.call((machine) => machine.load()).catch(fail);
  }

  /** Covers the terminals: what is typed from now on would be lost. */
  cover(cause: LoadCause): void {
    this.#state = { phase: 'loading', cause, progress: AT_THE_START };
  }

  /** Brings the machine again to where its keeper has it. */
  async again(cause: LoadCause): Promise<void> {
    this.begin(cause);
    const client = this.#client;
    try {
      await this.#mutate((live) => live.call((machine) => machine.reset()));
    } catch (thrown) {
      if (client === this.#client) this.fail(thrown);
      throw thrown;
    }
  }

  fail(thrown: unknown): void {
    if (this.#state.phase === 'failed') return;
    this.#client?.terminate();
    this.#workers?.terminate();
    this.#workers = undefined;
    this.#power = undefined;
    const stage = this.#state.phase === 'loading' ? this.#state.progress.stage : undefined;
    this.#statistics = undefined;
    this.#pack = undefined;
    this.#state = {
      phase: 'failed',
      stage,
      error: asDrydockError(thrown, 'internal', 'The machine failed.'),
    };
    this.#engine = 'lost';
    this.engineNews.emit({ type: 'lost' });
  }

  /** Ends the machine, whatever it does. */
  discard(state: NodeState = { phase: 'idle' }): void {
    this.#client?.terminate();
    this.#client = undefined;
    this.#workers?.terminate();
    this.#workers = undefined;
    this.#power = undefined;
    this.#mutation = Promise.resolve();
    this.#statistics = undefined;
    this.#pack = undefined;
    this.#packets = undefined;
    this.#state = state;
  }

  /**
   * Has the machine stand still, and when `meet` resolves hand itself over to its keeper and go on. Resolves with how
   * long it stood still, in milliseconds.
   * @throws DrydockError `wrong-state`, `timeout` when its disk does not come to rest; what `meet` throws
   */
  capture(meet: () => Promise<void>): Promise<number> {
    return this.#mutate(async (client) => {
      const begun = performance.now();
      await client.call((machine) => machine.hold());
      try {
        await meet();
      } catch (error) {
        await client.call((machine) => machine.letGo());
        throw error;
      }
      const held = performance.now() - begun;
      return held + (await client.call((machine) => machine.capture()));
    });
  }

  /** Has a machine hand over the last that it has written to its disk. @throws DrydockError `storage-full` */
  commit(): Promise<void> {
    return this.#mutate((client) => client.call((machine) => machine.commit()));
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

  /** Shuts the guest down as its own `poweroff` does. */
  async shutDown(): Promise<void> {
    this.#used = Date.now();
    await this.exec('systemctl poweroff --no-block');
  }

  /** Pulls the plug. */
  cutPower(): Promise<void> {
    this.#used = Date.now();
    return this.#mutate((client) => client.call((machine) => machine.cutPower()));
  }

  /** Boots a machine that is off from its disk. */
  async powerOn(): Promise<void> {
    this.#used = Date.now();
    await this.#mutate((client) => client.call((machine) => machine.powerOn()));
  }

  /** Changes the network cable; a machine that comes later gets it too. */
  async setCable(quality: CableQuality): Promise<void> {
    this.#cable = quality;
    await this.#client?.call((machine) => machine.setCable(quality));
  }

  async startPacketCapture(): Promise<void> {
    await this.#mutate((client) => client.call((machine) => machine.startPacketCapture()));
    this.#packets = { state: 'running', frames: 0, bytes: 0 };
  }

  /** Ends the capture; resolves with it as a pcap file. */
  async endPacketCapture(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await this.#mutate((client) => client.call((machine) => machine.endPacketCapture()));
    this.#packets = undefined;
    return file;
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
    if (!this.#client) return Promise.reject(new Error(`There is no ${this.name}.`));
    return this.#client.call((machine) => machine.exec(script, options));
  }

  /** Sends a request to the machine's Engine. @throws DrydockError, see `Machine.askEngine` */
  askEngine(request: EngineRequest): Promise<EngineAnswer> {
    if (!this.#client) return Promise.reject(new Error(`There is no ${this.name}.`));
    return this.#client.call((machine) => machine.askEngine(request));
  }

  /** Reads a file of the machine, or a part of it, which is shorter where the file ends. */
  readFile(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#client) return Promise.reject(new Error(`There is no ${this.name}.`));
    return this.#client.call((machine) => machine.readFile(path, range));
  }

  /** Writes a file on the machine, in place of what was there or at its end. Its folder must exist. */
  async writeFile(path: string, bytes: Uint8Array, mode?: 'replace' | 'append'): Promise<void> {
    if (!this.#client) throw new Error(`There is no ${this.name}.`);
    await this.#client.call((machine) => machine.writeFile(path, bytes, mode));
  }

  /** Has pages of a port answered for over `way`; a machine that comes later knows nothing of it. */
  async openPreview(port: PreviewPort, way: MessagePort): Promise<void> {
    if (!this.#client) throw new Error(`There is no ${this.name}.`);
    await this.#client.call((machine) => machine.openPreview(port, transfer(way, [way])));
  }

  async closePreview(port: number): Promise<void> {
    await this.#client?.call((machine) => machine.closePreview(port));
  }

  /** Types into a terminal. */
  send(console: ConsoleIndex, bytes: Uint8Array): void {
    this.#used = Date.now();
    if (bytes.includes(CARRIAGE_RETURN)) this.lines.emit();
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

  /** Reads the gauges now. */
  async readStatistics(): Promise<MachineStatistics | undefined> {
    const client = this.#client;
    if (!client || this.#state.phase !== 'running') return undefined;
    const statistics = await client.call((machine) => machine.statistics()).catch(() => undefined);
    // It may have been switched off meanwhile.
    if (client === this.#client && this.#power === 'on' && statistics) this.#statistics = statistics;
    if (this.#packets) this.#packets = await client.call((machine) => machine.packetCapture());
    return statistics;
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
      case 'engine':
        this.#engine = event.events;
        this.engineNews.emit({ type: event.events });
        break;
      case 'engine-event':
        this.engineNews.emit({ type: 'event', event: event.event });
        break;
      case 'preview-request':
        this.previewRequests.emit(event.port, event.request);
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
    this.#power = state === 'off' ? 'off' : state === 'running' || state === 'paused' ? 'on' : undefined;
    if (this.#power === 'off') this.#statistics = undefined;
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
        if (state === 'off') this.engineNews.emit({ type: 'lost' });
        this.#state = { phase: state };
        break;
      case 'failed':
        this.fail(this.#failure);
        break;
      case 'created':
      case 'destroyed':
        break;
    }
  }

  /** Runs `action` after the operations that were asked for before it. */
  #mutate<T>(action: (client: MachineClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (!client) return Promise.reject(new Error(`There is no ${this.name}.`));
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
}
