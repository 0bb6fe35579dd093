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
  ExecOptions,
  ExecResult,
  LoadStage,
  MachineEvent,
  MachineState,
  MachineStatistics,
  ProfileName,
} from '../protocol.ts';
import type { Hub } from '../hub/hub.ts';
import { SOUND_CABLE, type CableQuality } from '../net/cable.ts';
import type { NodeName } from '../net/lan.ts';
import { PacketCapture, type PacketCaptureProgress } from '../net/packet-capture.ts';
import type { Lan } from '../net/switch.ts';
import { withReference } from '../hub/names.ts';
import { openLocalHub, unavailable } from '../hub/open-hub.ts';
import { ChunkStore } from './chunks.ts';
import { ClockWatch } from './clock-watch.ts';
import { Disk } from './disk.ts';
import type { BootFiles, EmulatorCheckpoint } from './emulator.ts';
import { Hardware } from './hardware.ts';
import { become } from './identity.ts';
import type { Capture, Keeping, SavedMachine, SavedMemory } from './keeping.ts';
import { Overlay } from './overlay.ts';
import type { ReleaseFile } from '../release-file.ts';
import { lookAt, Recorder, type Remembered } from './recorder.ts';
import { parseManifest, profileOf, type Manifest, type Profile } from './release.ts';
import { layDisk, resume } from './saved-machine.ts';
import { settle, setClock } from './settle.ts';
import { readVerified, type ReleaseSource } from './source.ts';
import { StateDownload } from './state.ts';
import { decompress } from './zstd.ts';

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
}

/** A machine as it was at a moment, to return to; it fits only the release, and the process, that it was made in. */
export interface Checkpoint {
  state: 'running' | 'paused' | 'off';
  /** A machine that was off has nothing but its disk. */
  hardware: EmulatorCheckpoint | undefined;
  overlay: Uint8Array;
}

/** What loading has read and `reset` needs again. */
interface Loaded {
  manifest: Manifest;
  profile: Profile;
  engine: WebAssembly.Module;
  /** The compiled code of the profile's state. */
  modules: Promise<WebAssembly.Module>;
}

/** A disk to begin with. */
interface Begun {
  chunks: ChunkStore;
  bytes: number;
  overlay: Overlay;
}

interface Reading {
  at: number;
  instructions: number;
  busy: number;
}

export class Machine {
  readonly #source: ReleaseSource;
  readonly #profileName: ProfileName;
  readonly #node: NodeName;
  readonly #lan: Lan | undefined;
  readonly #keepsCode: boolean;
  readonly #keeping: Keeping | undefined;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  /** Ends the downloads of the present machine. */
  #cancel = new AbortController();
  #state: MachineState = 'created';
  #loaded: Loaded | undefined;
  /** Opened when the guest first asks for it. */
  #hub: Promise<Hub> | undefined;
  #hardware: Hardware | undefined;
  #recorder: Recorder | undefined;
  #chunks: ChunkStore | undefined;
  /** What `hold` was called on, until `letGo`. */
  #held: 'running' | 'paused' | undefined;
  /** Why a read of the disk is held, until it is tried again. */
  #stall: DrydockError | undefined;
  #memory: MachineStatistics['memory'];
  readonly #clock = new ClockWatch(() => void this.#correctClock());
  #cable = SOUND_CABLE;
  #packets: PacketCapture | undefined;
  #reading: Reading = { at: 0, instructions: 0, busy: 0 };

  constructor(options: MachineOptions) {
    const { source, profile = 'standard', node = 'node1', lan, checkpoints = false, keeping } = options;
    this.#source = source;
    this.#node = node;
    this.#lan = lan;
    this.#keepsCode = checkpoints || keeping !== undefined;
    this.#keeping = keeping;
    this.#profileName = profile;
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
    this.#cancel = new AbortController();
    try {
      const [manifest, saved] = await Promise.all([this.#readManifest(), this.#keeping?.read()]);
      const profile = profileOf(manifest, this.#profileName);
      const engine = this.#readEngine(manifest);
      const disk = this.#openDisk(saved?.disk.disk ?? manifest.disk);
      disk.catch(() => undefined);
      const state = this.#downloadState(profile, saved);
      const modules = this.#source.compile(profile.state.modules, { signal: this.#cancel.signal });
      modules.catch(() => undefined);
      this.#loaded = { manifest, profile, modules, engine: await engine };
      await this.#bring(this.#loaded, await disk, saved, state);
      this.#fetchPack(this.#loaded);
    } catch (error) {
      await this.#fail(error, 'restore-failed', 'The machine could not be restored.');
    }
  }

  /** Throws away the machine as it is and brings it again to where its keeper has it, else to the snapshot. */
  async reset(): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk', 'off', 'failed');
    if (!this.#loaded || !this.#hardware) {
      await this.load();
      return;
    }
    await this.#replace('The machine could not be reset.', async (loaded) => {
      const saved = await this.#keeping?.read();
      const disk = await this.#openDisk(saved?.disk.disk ?? loaded.manifest.disk);
      await this.#bring(loaded, disk, saved, this.#downloadState(loaded.profile, saved));
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
    await this.#replace('The machine could not be put back.', async (loaded) => {
      const disk = await this.#openDisk(loaded.manifest.disk);
      const hardware = await this.#equip(loaded, disk);
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
    this.#cable = quality;
    if (this.#hardware) this.#hardware.cable.quality = quality;
  }

  /** Begins to capture what passes the machine's network card; what was captured before is forgotten. */
  startPacketCapture(): void {
    this.#packets = new PacketCapture();
    if (this.#hardware) this.#hardware.cable.capture = this.#packets;
  }

  /** How far the capture is; undefined when none was begun. */
  packetCapture(): PacketCaptureProgress | undefined {
    return this.#packets?.progress;
  }

  /** Ends the capture. @returns it as a pcap file; undefined when none was begun */
  endPacketCapture(): Uint8Array<ArrayBuffer> | undefined {
    const file = this.#packets?.file();
    this.#packets = undefined;
    if (this.#hardware) this.#hardware.cable.capture = undefined;
    return file;
  }

  async destroy(): Promise<void> {
    if (this.#state === 'destroyed') return;
    this.#enter('destroyed');
    this.#cancel.abort(new DrydockError('wrong-state', 'The machine was destroyed.'));
    this.#clock.end();
    this.#listeners.clear();
    this.#recorder?.end();
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

  /** Tells the programs in a terminal its size, in characters. */
  resize(console: ConsoleIndex, columns: number, rows: number): void {
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

  async readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
    this.#expect('running');
    return this.#live().agent.readFile(path);
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    this.#expect('running');
    return this.#live().agent.writeFile(path, bytes);
  }

  statistics(): MachineStatistics {
    const { emulator, disk } = this.#live();
    const now: Reading = {
      at: performance.now(),
      instructions: emulator.instructions(),
      busy: emulator.busyMilliseconds(),
    };
    const elapsed = Math.max(now.at - this.#reading.at, 1);
    const mips = (now.instructions - this.#reading.instructions) / elapsed / 1000;
    const busy = Math.min((now.busy - this.#reading.busy) / elapsed, 1);
    this.#reading = now;
    if (this.#state === 'running') emulator.requestMemory((memory) => (this.#memory = memory));
    return {
      instructions: now.instructions,
      mips,
      busy,
      ...(this.#memory && { memory: this.#memory }),
      diskFetchedBytes: this.#chunks?.fetchedBytes ?? 0,
      diskFetchedChunks: this.#chunks?.fetchedChunks ?? 0,
      overlayBytes: disk.overlay.bytes,
    };
  }

  /** The hardware, for what only runs in the same thread: the gateway's connections, the benchmark. */
  get hardware(): Hardware {
    return this.#live();
  }

  async #readManifest(): Promise<Manifest> {
    this.#progress('manifest');
    const { signal } = this.#cancel;
    const text = await this.#source.read('manifest.json', { signal, cache: 'no-cache' });
    return parseManifest(new TextDecoder().decode(text));
  }

  async #readEngine({ engine }: Manifest): Promise<WebAssembly.Module> {
    const bytes = await this.#readFile(engine, 'engine');
    return WebAssembly.compile(await decompress(bytes));
  }

  async #openDisk({ index: file, chunkBytes, bytes }: Manifest['disk']): Promise<Begun> {
    const index = await readVerified(this.#source, file, { signal: this.#cancel.signal });
    const chunks = new ChunkStore(this.#source, await decompress(index), chunkBytes);
    this.#chunks = chunks;
    return { chunks, bytes, overlay: new Overlay() };
  }

  /** The download of the snapshot, unless `saved` does without it. */
  #downloadState(profile: Profile, saved: SavedMachine | undefined): StateDownload | undefined {
    if (saved && saved.memory?.over !== 'release') return undefined;
    return new StateDownload(this.#source, profile, this.#cancel.signal);
  }

  #readFile(file: ReleaseFile, stage: LoadStage): Promise<Uint8Array<ArrayBuffer>> {
    this.#progress(stage, 0, file.bytes);
    return readVerified(this.#source, file, {
      signal: this.#cancel.signal,
      onProgress: (bytes) => {
        this.#progress(stage, bytes, file.bytes);
      },
    });
  }

  async #assemble(
    { manifest, profile, engine }: Loaded,
    { chunks, bytes, overlay }: Begun,
    boot?: BootFiles,
  ): Promise<Hardware> {
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
    hardware.cable.quality = this.#cable;
    hardware.cable.capture = this.#packets;
    hardware.serveHub(async (request) => {
      const hub = await this.#openHub(manifest).catch(unavailable);
      return hub instanceof Response ? hub : hub.fetch(request);
    });
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

  /** The hub; one that could not be opened is tried again the next time. */
  #openHub({ catalogue }: Manifest): Promise<Hub> {
    this.#hub ??= openLocalHub(this.#source, catalogue).then(({ hub }) => {
      hub.onUnknown(({ repository, reference }) => {
        hub.suggest(withReference(repository, reference)).then(
          (suggestions) => {
            this.#emit({ type: 'unknown-image', suggestions });
          },
          // What the hub has instead is a hint only: the client has had its error.
          () => undefined,
        );
      });
      return hub;
    });
    this.#hub.catch(() => (this.#hub = undefined));
    return this.#hub;
  }

  /** Brings hardware to where `saved` has it; without it to the snapshot. */
  async #bring(
    loaded: Loaded,
    disk: Begun,
    saved: SavedMachine | undefined,
    state: StateDownload | undefined,
  ): Promise<void> {
    this.#recorder?.end();
    if (saved) await layDisk(saved, disk, this.#source, this.#cancel.signal);
    if (saved?.power === 'off') await this.#layOff(loaded, disk);
    else if (saved && !saved.memory) await this.#boot(loaded, disk);
    else await this.#restore(await this.#equip(loaded, disk), loaded, saved?.memory, state);
  }

  /** Has a machine be off, with a disk that it can be switched on with. */
  async #layOff(loaded: Loaded, disk: Begun): Promise<void> {
    const hardware = await this.#equip(loaded, disk);
    if (this.#keeping) this.#record(this.#keeping, hardware);
    this.#enter('off');
  }

  async #restore(
    hardware: Hardware,
    { profile, modules }: Loaded,
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
  async #replace(failure: string, fill: (loaded: Loaded) => Promise<void>): Promise<void> {
    if (!this.#loaded) throw new DrydockError('wrong-state', 'The machine was never loaded.');
    this.#enter('loading');
    try {
      this.#recorder?.end();
      await this.#hardware?.destroy();
      await fill(this.#loaded);
    } catch (error) {
      await this.#fail(error, 'restore-failed', failure);
    }
  }

  /** Gives the machine hardware that has no state yet, or boots. */
  async #equip(loaded: Loaded, disk: Begun, boot?: BootFiles): Promise<Hardware> {
    const hardware = await this.#assemble(loaded, disk, boot);
    this.#hardware = hardware;
    // The machine may have been destroyed while the hardware was assembled.
    this.#cancel.signal.throwIfAborted();
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
  async #settle({ agent, consoles }: Hardware): Promise<void> {
    try {
      await settle(agent);
      if (this.#node !== 'node1' && (await become(agent, this.#node)) === 'became')
        for (const console of consoles) console.send(ENTER.slice());
    } catch (error) {
      throw this.#stall ?? error;
    }
    this.#enter('running');
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
      if (!this.#loaded || !this.#chunks) throw new DrydockError('wrong-state', 'The machine has no disk.');
      await old.emulator.stop();
      const { overlay, byteLength: bytes } = old.disk;
      await old.destroy();
      await this.#boot(this.#loaded, { chunks: this.#chunks, bytes, overlay });
    } catch (error) {
      await this.#fail(error, 'restore-failed', failure);
    }
  }

  /** A cold start from a disk, with the kernel's messages in the first terminal. */
  async #boot(loaded: Loaded, disk: Begun): Promise<void> {
    const { bios, vgaBios, kernel, commandLine } = loaded.manifest.boot;
    const files = await Promise.all([bios, vgaBios, kernel].map((file) => this.#readFile(file, 'boot')));
    const [biosBytes, vgaBiosBytes, kernelBytes] = files.map(({ buffer }) => buffer) as [
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
    ];
    const boot = { bios: biosBytes, vgaBios: vgaBiosBytes, kernel: kernelBytes, commandLine };
    const hardware = await this.#equip(loaded, disk, boot);
    const { emulator, agent } = hardware;
    emulator.onSerial((byte) => {
      this.#emit({ type: 'output', console: 0, bytes: Uint8Array.of(byte) });
    });
    if (this.#keepsCode) emulator.keepBootCode(await loaded.modules);
    if (this.#keeping) this.#record(this.#keeping, hardware);
    await emulator.run();
    await agent.ready(BOOT_MILLISECONDS);
    // The agent is up long before the Engine. A unit that fails, or takes too long, is the user's to see.
    await agent.exec('systemctl is-system-running --wait', { timeout: UNITS_SECONDS });
    await this.#settle(hardware);
  }

  /** Fetches the boot pack behind the running machine. Failing is no fault: chunks are then fetched one by one. */
  #fetchPack({ profile: { pack } }: Loaded): void {
    const whole = readVerified(this.#source, pack, {
      signal: this.#cancel.signal,
      onProgress: (loadedBytes) => {
        this.#emit({ type: 'pack', loadedBytes, totalBytes: pack.bytes });
      },
    });
    this.#chunks?.expectPack(whole);
    whole.then(
      () => {
        this.#emit({ type: 'pack', loadedBytes: pack.bytes, totalBytes: pack.bytes });
      },
      () => undefined,
    );
  }

  #progress(stage: LoadStage, loadedBytes = 0, totalBytes = 0): void {
    this.#emit({ type: 'progress', progress: { stage, loadedBytes, totalBytes } });
  }

  #enter(state: MachineState): void {
    if (this.#state === 'destroyed') return;
    this.#state = state;
    this.#emit({ type: 'state', state });
  }

  #emit(event: MachineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #fail(thrown: unknown, code: 'restore-failed', message: string): Promise<never> {
    const error = asDrydockError(thrown, code, message);
    this.#cancel.abort(error);
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
