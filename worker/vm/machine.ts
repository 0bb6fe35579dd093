/**
 * One machine, from nothing to destroyed: what the app, the command line and the tests hold in their hands.
 * It runs in a browser worker (behind comlink) and in Node from the same code; only where the release is
 * read from differs.
 *
 * Loading has five stages. `engine` and `snapshot` download side by side; after `restore` the guest runs and
 * terminals work; `settle` sets its clock and reseeds its random numbers. The boot pack follows in the
 * background, so that the first container does not wait for hundreds of small requests.
 */
import { asDrydockError, DrydockError, toWire } from '../error.ts';
import type {
  ConsoleIndex,
  EngineAnswer,
  EngineRequest,
  ExecOptions,
  ExecResult,
  FileRange,
  LoadStage,
  MachineEvent,
  MachineState,
  MachineStatistics,
  ProfileName,
} from '../protocol.ts';
import type { Records } from '../hub/records.ts';
import type { Suggestions } from '../hub/suggestions.ts';
import type { PreviewPort } from '../preview/protocol.ts';
import type { CableQuality } from '../net/cable.ts';
import type { NodeName } from '../net/lan.ts';
import type { PacketCaptureProgress } from '../net/packet-capture.ts';
import type { Lan } from '../net/switch.ts';
import type { ChunkStore } from './chunks.ts';
import { ClockWatch } from './clock-watch.ts';
import { Delivery, type FreshDisk, type Plan } from './delivery.ts';
import { Disk } from './disk.ts';
import type { BootFiles, EmulatorCheckpoint } from './emulator.ts';
import { Gauges } from './gauges.ts';
import { Hardware } from './hardware.ts';
import { become } from './identity.ts';
import type { Capture, Keeping, SavedMachine, SavedMemory } from './keeping.ts';
import { MachineEngine } from './machine-engine.ts';
import { MachineHub } from './machine-hub.ts';
import { MachinePreviews } from './machine-previews.ts';
import { NetworkSocket } from './network-socket.ts';
import { lookAt, Recorder, type Remembered } from './recorder.ts';
import { layDisk, resume } from './saved-machine.ts';
import { settle, setClock } from './settle.ts';
import type { ReleaseSource } from './source.ts';
import type { StateDownload } from './state.ts';

/** How long a cold boot may take until the guest agent answers, in milliseconds (30 s measured alone on two cores). */
const BOOT_MILLISECONDS = 300_000;

/** How long a boot then waits for the rest of the machine's units, in seconds. */
const UNITS_SECONDS = 180;

/** How long a stopped machine may wait for reads of its disk that were under way, in milliseconds. */
const IDLE_MILLISECONDS = 30_000;

/** Has a shell show its prompt once more. */
const ENTER = Uint8Array.of(0x0d);

/** RIS: a terminal forgets its screen, modes and colours (ECMA-48, `ESC c`). */
const RESET_TERMINAL = Uint8Array.of(0x1b, 0x63);

export interface MachineOptions {
  source: ReleaseSource;
  profile?: ProfileName;
  /** Which of the nodes of a LAN it is. Default node1. */
  node?: NodeName;
  /** The LAN that its cable leads to; without, there is nobody but its gateway. */
  lan?: Lan | undefined;
  /** Whether `checkpoint` will be asked for: compiled code is then kept for it, in memory. */
  checkpoints?: boolean;
  /** Where the machine comes from and what it is handed over to all the time; without, it is gone with its process. */
  keeping?: Keeping | undefined;
  /** Where the machine's hub keeps what is pushed. Default: in the browser's storage, or as long as the process lives. */
  hubRecords?: Records | undefined;
}

/** A machine as it was at a moment, to return to; it fits only the release, and the process, that it was made in. */
export interface Checkpoint {
  state: 'running' | 'paused' | 'off';
  /** A machine that was off has nothing but its disk. */
  hardware: EmulatorCheckpoint | undefined;
  overlay: Uint8Array;
}

export class Machine {
  readonly #node: NodeName;
  readonly #lan: Lan | undefined;
  readonly #keepsCode: boolean;
  readonly #keeping: Keeping | undefined;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  readonly #delivery: Delivery;
  readonly #hub: MachineHub;
  readonly #network = new NetworkSocket();
  readonly #gauges = new Gauges();
  readonly #engine = new MachineEngine((event) => {
    this.#emit(event);
  });
  readonly #previews: MachinePreviews;
  #state: MachineState = 'created';
  /** What loading has read and `reset` needs again. */
  #plan: Plan | undefined;
  #hardware: Hardware | undefined;
  #recorder: Recorder | undefined;
  #chunks: ChunkStore | undefined;
  /** What `hold` was called on, until `letGo`. */
  #held: 'running' | 'paused' | undefined;
  /** Why a read of the disk is held, until it is tried again. */
  #stall: DrydockError | undefined;
  readonly #clock = new ClockWatch(() => void this.#correctClock());

  constructor(options: MachineOptions) {
    const { source, profile = 'standard', node = 'node1', checkpoints = false } = options;
    const { lan, keeping, hubRecords } = options;
    this.#delivery = new Delivery(source, profile, {
      onProgress: (stage, loadedBytes, totalBytes) => {
        this.#progress(stage, loadedBytes, totalBytes);
      },
      onPack: (loadedBytes, totalBytes) => {
        this.#emit({ type: 'pack', loadedBytes, totalBytes });
      },
    });
    const tell = (suggestions: Suggestions): void => {
      this.#emit({ type: 'unknown-image', suggestions });
    };
    this.#hub = new MachineHub(source, tell, hubRecords);
    this.#node = node;
    this.#previews = new MachinePreviews(
      node,
      () => {
        this.#expect('running');
        return this.#live();
      },
      (port, request) => {
        this.#emit({ type: 'preview-request', port, request });
      },
    );
    this.#lan = lan;
    this.#keepsCode = checkpoints || keeping !== undefined;
    this.#keeping = keeping;
  }

  get state(): MachineState {
    return this.#state;
  }

  /** Calls `listener` with every event from now on; returns what stops that. */
  subscribe(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Downloads the machine and brings it to where its keeper has it, else to the snapshot. Resolves when it runs, its
   * clock is set and it answers; or when it is off, if that is how it was kept.
   */
  async load(): Promise<void> {
    this.#expect('created', 'failed');
    this.#enter('loading');
    this.#delivery.renew();
    try {
      const [manifest, saved] = await Promise.all([this.#delivery.manifest(), this.#keeping?.read()]);
      const planned = this.#delivery.plan(manifest);
      const disk = this.#delivery.disk(saved?.disk.disk ?? manifest.disk);
      disk.catch(() => undefined);
      const state = this.#downloadState(manifest, saved);
      const plan = await planned;
      this.#plan = plan;
      await this.#bring(plan, await disk, saved, state);
      if (this.#chunks) this.#delivery.pack(plan.profile, this.#chunks);
    } catch (error) {
      await this.#fail(error, 'restore-failed', 'The machine could not be restored.');
    }
  }

  /** Throws away the machine as it is and brings it again to where its keeper has it, else to the snapshot. */
  async reset(): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk', 'off', 'failed');
    if (!this.#plan || !this.#hardware) {
      await this.load();
      return;
    }
    await this.#replace('The machine could not be reset.', async (plan) => {
      const saved = await this.#keeping?.read();
      const disk = await this.#delivery.disk(saved?.disk.disk ?? plan.manifest.disk);
      await this.#bring(plan, disk, saved, this.#downloadState(plan.manifest, saved));
    });
  }

  /** Has the machine stand still until `letGo`, so that all machines of a session can be captured at one moment. */
  async hold(): Promise<void> {
    this.#expect('running', 'paused');
    const { emulator, disk } = this.#live();
    this.#held = this.#state === 'running' ? 'running' : 'paused';
    await emulator.stop();
    try {
      await atRest(disk);
    } catch (error) {
      await this.letGo();
      throw error;
    }
  }

  /**
   * Hands the machine, which is held, over to its keeper, and lets it go on.
   * @returns how long it stood still for that, in milliseconds
   */
  async capture(): Promise<number> {
    const begun = performance.now();
    const recorder = this.#recorder;
    if (!this.#held) throw new DrydockError('wrong-state', 'The machine is not held.');
    if (!recorder) {
      await this.letGo();
      throw new DrydockError('wrong-state', 'Nothing keeps the machine.');
    }
    let capture: Capture;
    try {
      capture = await recorder.capture();
    } finally {
      await this.letGo();
    }
    const pause = performance.now() - begun;
    await recorder.handOver(capture);
    return pause;
  }

  /** Lets a machine that was held go on. */
  async letGo(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === 'running' && this.#state === 'running') await this.#hardware?.emulator.run();
  }

  /** Captures from now on are relative to the last one, which is kept. */
  saved(kind: 'latest' | 'checkpoint'): void {
    this.#recorder?.saved(kind);
  }

  /** Has the machine hand over all of it again: what its keeper had is gone. */
  startOver(): void {
    this.#recorder?.startOver();
  }

  /** Hands over what was written to the disk, now. @throws what the keeper throws */
  async commit(): Promise<void> {
    await this.#recorder?.commit();
  }

  /**
   * Remembers the machine as it is now: its memory, devices and disk, but not what its terminals show. It stands
   * still for a second meanwhile, unless it is held already.
   * @throws DrydockError `timeout` when its disk does not come to rest
   */
  async checkpoint(): Promise<Checkpoint> {
    this.#expect('running', 'paused', 'off');
    const { emulator, disk } = this.#live();
    if (this.#state === 'off') return { state: 'off', hardware: undefined, overlay: disk.overlay.encode() };
    const wasHeld = this.#held;
    if (!wasHeld) await this.hold();
    const state = this.#held ?? 'running';
    try {
      return { state, hardware: await emulator.checkpoint(), overlay: disk.overlay.encode() };
    } finally {
      if (!wasHeld) await this.letGo();
    }
  }

  /** Puts the machine back to what it was at a checkpoint, with the clock set to now. */
  async returnTo({ state, hardware: saved, overlay }: Checkpoint): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk', 'off');
    await this.#replace('The machine could not be put back.', async (plan) => {
      const hardware = await this.#equip(plan, await this.#delivery.disk(plan.manifest.disk));
      hardware.disk.overlay.decode(overlay);
      if (!saved) {
        this.#enter('off');
        return;
      }
      await hardware.emulator.returnTo(saved);
      await this.#wake(hardware);
    });
    if (state === 'paused') await this.pause();
  }

  /** Stops the guest's time. Terminals keep what they show. */
  async pause(): Promise<void> {
    this.#expect('running');
    await this.#live().emulator.stop();
    this.#enter('paused');
  }

  /** Goes on after `pause`, with the clock set to now. */
  async run(): Promise<void> {
    this.#expect('paused');
    const { emulator, agent } = this.#live();
    await emulator.run();
    this.#enter('running');
    if (this.#stall) this.#waitForDisk(this.#stall);
    else await setClock(agent);
  }

  /** Pulls the plug: the machine is off at once, and its disk as it was at that moment, which is handed over. */
  async cutPower(): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk');
    const hardware = this.#live();
    this.#stall = undefined;
    this.#enter('off');
    await hardware.emulator.stop();
    hardware.abandon();
    await this.#commitLast();
  }

  /** Boots a machine that is off, from its disk. */
  async powerOn(): Promise<void> {
    this.#expect('off');
    await this.#bootAgain(this.#live(), 'The machine did not start.');
  }

  /** Changes the machine's network cable, until it is changed again: a reset leaves it as it is. */
  setCable(quality: CableQuality): void {
    this.#network.quality = quality;
  }

  /** Begins to capture what passes the machine's network card; what was captured before is forgotten. */
  startPacketCapture(): void {
    this.#network.startCapture();
  }

  /** How far the capture is; undefined when none was begun. */
  packetCapture(): PacketCaptureProgress | undefined {
    return this.#network.progress;
  }

  /** Ends the capture. @returns it as a pcap file; undefined when none was begun */
  endPacketCapture(): Uint8Array<ArrayBuffer> | undefined {
    return this.#network.endCapture();
  }

  async destroy(): Promise<void> {
    if (this.#state === 'destroyed') return;
    this.#enter('destroyed');
    this.#delivery.cancel(new DrydockError('wrong-state', 'The machine was destroyed.'));
    this.#clock.end();
    this.#listeners.clear();
    this.#recorder?.end();
    this.#previews.closeAll();
    await this.#hardware?.destroy();
    this.#hardware = undefined;
  }

  /** Asks again for the parts of the disk that could not be read. */
  retryDisk(): void {
    if (this.#state !== 'waiting-for-disk') return;
    this.#enter('running');
    this.#stall = undefined;
    this.#live().disk.retry();
  }

  /** Types `bytes` into a terminal. */
  send(console: ConsoleIndex, bytes: Uint8Array): void {
    if (this.#recorder) this.#recorder.used = Date.now();
    this.#hardware?.consoles[console].send(bytes);
  }

  /**
   * Tells the programs in a terminal its size, in characters; to be told again when the machine has loaded. One that
   * boots is not told: a size that comes while its driver sets up the consoles takes a buffer that v86 then lacks, and a
   * console, that of the agent for one, never opens.
   */
  resize(console: ConsoleIndex, columns: number, rows: number): void {
    if (this.#state === 'loading') return;
    this.#hardware?.consoles[console].resize(columns, rows);
  }

  /** Ends everything that runs in a terminal and starts a fresh shell there. */
  async restartConsole(console: ConsoleIndex): Promise<void> {
    const unit = `drydock-terminal@hvc${console}.service`;
    await this.exec(`systemctl stop ${unit}`, { timeout: 30 });
    this.#emit({ type: 'output', console, bytes: RESET_TERMINAL.slice() });
    await this.exec(`systemctl start ${unit}`, { timeout: 30 });
  }

  /** Runs a bash script as root, beside the terminals. */
  async exec(script: string, options?: ExecOptions): Promise<ExecResult> {
    this.#expect('running');
    return this.#live().agent.exec(script, options);
  }

  /** Has the Engine's events told from now on, as `engine-event`. */
  watchEngine(): void {
    this.#engine.watch();
  }

  /**
   * Sends a request to the Engine's API.
   * @throws DrydockError `network-failed` when it does not run, `timeout` when it does not answer
   */
  async askEngine(request: EngineRequest): Promise<EngineAnswer> {
    this.#expect('running');
    const answer = this.#engine.ask(request);
    if (!answer) throw new DrydockError('wrong-state', 'The machine does not run yet.');
    return answer;
  }

  /** Has pages of one of the machine's ports shown: see `PreviewServer`. */
  openPreview(port: PreviewPort, way: MessagePort): void {
    this.#previews.open(port, way);
  }

  closePreview(port: number): void {
    this.#previews.close(port);
  }

  /** See `Agent.readFile`. */
  async readFile(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer>> {
    this.#expect('running');
    return this.#live().agent.readFile(path, range);
  }

  /** See `Agent.writeFile`. */
  async writeFile(path: string, bytes: Uint8Array, mode?: 'replace' | 'append'): Promise<void> {
    this.#expect('running');
    return this.#live().agent.writeFile(path, bytes, mode);
  }

  statistics(): MachineStatistics {
    const hardware = this.#live();
    if (this.#state === 'running') this.#gauges.requestMemory(hardware);
    return this.#gauges.read(hardware, this.#chunks);
  }

  /** The hardware, for what only runs in the same thread: the gateway's connections, the benchmark. */
  get hardware(): Hardware {
    return this.#live();
  }

  /** The download of the snapshot, unless `saved` does without it. */
  #downloadState(manifest: Plan['manifest'], saved: SavedMachine | undefined): StateDownload | undefined {
    if (saved && saved.memory?.over !== 'release') return undefined;
    return this.#delivery.state(manifest);
  }

  async #assemble(
    { manifest, profile, engine }: Plan,
    { chunks, bytes, overlay }: FreshDisk,
    boot?: BootFiles,
  ): Promise<Hardware> {
    this.#chunks = chunks;
    const disk = new Disk(chunks, bytes, overlay);
    disk.onStall = (error) => {
      this.#stall = error;
      if (this.#state === 'running') this.#waitForDisk(error);
    };
    const hardware = await Hardware.create({
      memoryBytes: profile.memoryBytes,
      disk,
      engine,
      boot,
      lan: this.#lan,
    });
    this.#network.plug(hardware.cable);
    hardware.serveHub((request) => this.#hub.fetch(request, manifest));
    hardware.consoles.forEach((console, index) => {
      console.onOutput((bytes) => {
        this.#emit({ type: 'output', console: index as ConsoleIndex, bytes });
      });
    });
    // The guest asks from inside the emulator's main loop: leave that first.
    hardware.emulator.onEnd(() => setTimeout(() => void this.#end(hardware)));
    hardware.emulator.onReboot(() => setTimeout(() => void this.#reboot(hardware)));
    return hardware;
  }

  /** Brings hardware to where `saved` has it; without it to the snapshot. */
  async #bring(
    plan: Plan,
    disk: FreshDisk,
    saved: SavedMachine | undefined,
    state: StateDownload | undefined,
  ): Promise<void> {
    this.#recorder?.end();
    if (saved) await layDisk(saved, disk, this.#delivery.source, this.#delivery.signal);
    if (saved?.power === 'off') await this.#layOff(plan, disk);
    else if (saved && !saved.memory) await this.#boot(plan, disk);
    else await this.#restore(await this.#equip(plan, disk), plan, saved?.memory, state);
  }

  /** Has a machine be off, with a disk that it can be switched on with. */
  async #layOff(plan: Plan, disk: FreshDisk): Promise<void> {
    const hardware = await this.#equip(plan, disk);
    if (this.#keeping) this.#record(this.#keeping, hardware);
    this.#enter('off');
  }

  async #restore(
    hardware: Hardware,
    { profile, modules }: Plan,
    saved: SavedMemory | undefined,
    state: StateDownload | undefined,
  ): Promise<void> {
    const { emulator, disk } = hardware;
    const tellProgress = (): void => {
      if (state) this.#progress('snapshot', state.loadedBytes, state.totalBytes);
    };
    if (state) state.onProgress = tellProgress;
    tellProgress();
    const [devices, overlay, core] = await Promise.all([
      state?.fill(emulator),
      saved ? undefined : state?.overlay(),
      state?.core(),
    ]);
    if (state) state.onProgress = undefined;
    this.#progress('restore');
    if (overlay) disk.overlay.decode(overlay);
    const base = await modules;
    const release = core && devices && { devices, code: { core, modules: base } };
    if (saved) {
      const remembered = await resume(emulator, saved, base, release?.code.core);
      if (this.#keeping) this.#record(this.#keeping, hardware, remembered);
    } else if (release) {
      await emulator.restore(release.devices, release.code);
      if (this.#keepsCode) emulator.keepCode(release.code);
      if (this.#keeping)
        this.#record(this.#keeping, hardware, {
          checkpoint: await lookAt(emulator.memory, release.code.core),
          latest: undefined,
          blocks: 0,
        });
    }
    const screens = saved?.screens ?? profile.consoles;
    screens.forEach((text, index) => {
      const shown = saved ? text : greeting(text, this.#node);
      this.#emit({ type: 'output', console: index as ConsoleIndex, bytes: new TextEncoder().encode(shown) });
    });
    await this.#wake(hardware);
  }

  #record(keeping: Keeping, { emulator, disk }: Hardware, remembered?: Remembered): void {
    this.#recorder?.end();
    this.#recorder = new Recorder(keeping, disk.overlay, emulator, remembered);
  }

  /**
   * Puts other hardware in the place of the present one and lets `fill` give it a state. An emulator that has run
   * keeps an offset of its clock, and a state restored into it would find time standing still.
   */
  async #replace(failure: string, fill: (plan: Plan) => Promise<void>): Promise<void> {
    if (!this.#plan) throw new DrydockError('wrong-state', 'The machine was never loaded.');
    this.#enter('loading');
    try {
      this.#recorder?.end();
      await this.#hardware?.destroy();
      await fill(this.#plan);
    } catch (error) {
      await this.#fail(error, 'restore-failed', failure);
    }
  }

  /** Gives the machine hardware that has no state yet, or boots. */
  async #equip(plan: Plan, disk: FreshDisk, boot?: BootFiles): Promise<Hardware> {
    const hardware = await this.#assemble(plan, disk, boot);
    this.#hardware = hardware;
    // The machine may have been destroyed while the hardware was assembled.
    this.#delivery.signal.throwIfAborted();
    return hardware;
  }

  /** Lets hardware run that has been given a state. */
  async #wake(hardware: Hardware): Promise<void> {
    this.#stall = undefined;
    await hardware.emulator.run();
    this.#progress('settle');
    await this.#settle(hardware);
  }

  /** Ends loading: the machine runs. One that cannot read its disk already now fails with that as the reason. */
  async #settle(hardware: Hardware): Promise<void> {
    const { agent, consoles } = hardware;
    try {
      await settle(agent);
      if (this.#node !== 'node1' && (await become(agent, this.#node)) === 'became')
        for (const console of consoles) console.send(ENTER.slice());
    } catch (error) {
      throw this.#stall ?? error;
    }
    this.#enter('running');
    this.#engine.plug(hardware);
    if (this.#stall) this.#waitForDisk(this.#stall);
  }

  /** One that stands still gets the right time when it goes on. */
  async #correctClock(): Promise<void> {
    if (this.#state === 'running') await setClock(this.#live().agent).catch(() => undefined);
  }

  #waitForDisk(error: DrydockError): void {
    this.#enter('waiting-for-disk');
    this.#emit({ type: 'failure', error: toWire(error) });
  }

  async #end(hardware: Hardware): Promise<void> {
    if (hardware !== this.#hardware || this.#state !== 'running') return;
    this.#enter('off');
    await hardware.emulator.stop();
    await this.#commitLast();
  }

  /** Hands over what a machine has written before it went off; if that fails, its recorder tries it again. */
  async #commitLast(): Promise<void> {
    await this.commit().catch(() => undefined);
  }

  /** The guest rebooted: a cold start on the same disk, with the kernel's messages in the first terminal. */
  async #reboot(old: Hardware): Promise<void> {
    if (old !== this.#hardware || this.#state === 'loading') return;
    await this.#bootAgain(old, 'The machine did not come back after its reboot.').catch(() => undefined);
  }

  /** Puts hardware that boots from the same disk in the place of `old`. */
  async #bootAgain(old: Hardware, failure: string): Promise<void> {
    this.#enter('loading');
    try {
      if (!this.#plan || !this.#chunks) throw new DrydockError('wrong-state', 'The machine has no disk.');
      await old.emulator.stop();
      const { overlay, byteLength: bytes } = old.disk;
      await old.destroy();
      await this.#boot(this.#plan, { chunks: this.#chunks, bytes, overlay });
    } catch (error) {
      await this.#fail(error, 'restore-failed', failure);
    }
  }

  /** A cold start from a disk, with the kernel's messages in the first terminal. */
  async #boot(plan: Plan, disk: FreshDisk): Promise<void> {
    const hardware = await this.#equip(plan, disk, await this.#delivery.boot(plan.manifest));
    const { emulator, agent } = hardware;
    emulator.onSerial((byte) => {
      this.#emit({ type: 'output', console: 0, bytes: Uint8Array.of(byte) });
    });
    if (this.#keepsCode) emulator.keepBootCode(await plan.modules);
    if (this.#keeping) this.#record(this.#keeping, hardware);
    await emulator.run();
    const isUp = async (): Promise<void> => {
      await agent.ready(BOOT_MILLISECONDS);
      // The agent is up long before the Engine. A unit that fails, or takes too long, is the user's to see.
      await agent.exec('systemctl is-system-running --wait', { timeout: UNITS_SECONDS });
    };
    await Promise.race([isUp(), this.#stalls(hardware.disk)]);
    await this.#settle(hardware);
  }

  /** Rejects when a disk cannot be read: a machine that boots would wait for it until its deadline, and say nothing. */
  #stalls(disk: Disk): Promise<never> {
    const stalled = new Promise<never>((_, reject) => {
      const { onStall } = disk;
      disk.onStall = (error) => {
        onStall?.(error);
        reject(error);
      };
    });
    stalled.catch(() => undefined);
    return stalled;
  }

  #progress(stage: LoadStage, loadedBytes = 0, totalBytes = 0): void {
    this.#emit({ type: 'progress', progress: { stage, loadedBytes, totalBytes } });
  }

  #enter(state: MachineState): void {
    if (this.#state === 'destroyed') return;
    this.#state = state;
    if (state !== 'running' && state !== 'paused' && state !== 'waiting-for-disk') this.#engine.unplug();
    this.#emit({ type: 'state', state });
  }

  #emit(event: MachineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #fail(thrown: unknown, code: 'restore-failed', message: string): Promise<never> {
    const error = asDrydockError(thrown, code, message);
    this.#delivery.cancel(error);
    const hardware = this.#hardware;
    this.#hardware = undefined;
    await hardware?.destroy();
    if (this.#state !== 'destroyed') {
      this.#emit({ type: 'failure', error: toWire(error) });
      this.#enter('failed');
    }
    throw error;
  }

  #expect(...states: MachineState[]): void {
    if (states.includes(this.#state)) return;
    throw new DrydockError(
      'wrong-state',
      `The machine is ${this.#state}; this needs it to be ${states.join(' or ')}.`,
      {
        state: this.#state,
      },
    );
  }

  #live(): Hardware {
    if (this.#hardware) return this.#hardware;
    throw new DrydockError('wrong-state', `The machine is ${this.#state}.`, { state: this.#state });
  }
}

/** What a terminal of the snapshot shows, for `node`: it was node1 that greeted its user, and another's prompt is still to come. */
function greeting(text: string, node: NodeName): string {
  return node === 'node1' ? text : text.slice(0, text.lastIndexOf('\r\n')).replaceAll('node1', node);
}

/** Waits for the reads of a stopped machine that are under way. */
async function atRest(disk: Disk): Promise<void> {
  const deadline = performance.now() + IDLE_MILLISECONDS;
  while (disk.pendingReads > 0) {
    if (performance.now() > deadline)
      throw new DrydockError('timeout', 'The machine’s disk was still being read after 30 seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
