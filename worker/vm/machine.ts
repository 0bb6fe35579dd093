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
import { withReference } from '../hub/names.ts';
import { openLocalHub, unavailable } from '../hub/open-hub.ts';
import { ChunkStore } from './chunks.ts';
import { Disk } from './disk.ts';
import type { BootFiles, EmulatorCheckpoint } from './emulator.ts';
import { Hardware } from './hardware.ts';
import { Overlay } from './overlay.ts';
import type { ReleaseFile } from '../release-file.ts';
import { parseManifest, type Manifest, type Profile } from './release.ts';
import { settle, setClock } from './settle.ts';
import { readVerified, type ReleaseSource } from './source.ts';
import { StateDownload } from './state.ts';
import { decompress } from './zstd.ts';

/** How long a cold boot may take until the guest agent answers, in milliseconds (30 s measured alone on two cores). */
const BOOT_MILLISECONDS = 300_000;

/** How long a stopped machine may wait for reads of its disk that were under way, in milliseconds. */
const IDLE_MILLISECONDS = 30_000;

/** RIS: a terminal forgets its screen, modes and colours (ECMA-48, `ESC c`). */
const RESET_TERMINAL = Uint8Array.of(0x1b, 0x63);

export interface MachineOptions {
  source: ReleaseSource;
  profile?: ProfileName;
  /** Whether `checkpoint` will be asked for: compiled code is then kept for it, in memory. */
  checkpoints?: boolean;
}

/** A machine as it was at a moment, to return to; it fits only the release, and the process, that it was made in. */
export interface Checkpoint {
  hardware: EmulatorCheckpoint;
  overlay: Uint8Array;
}

/** What loading has read and `reset` needs again. */
interface Loaded {
  manifest: Manifest;
  profile: Profile;
  engine: WebAssembly.Module;
  /** The compiled code of the profile's state. */
  modules: Promise<WebAssembly.Module>;
  chunks: ChunkStore;
}

interface Reading {
  at: number;
  instructions: number;
  busy: number;
}

export class Machine {
  readonly #source: ReleaseSource;
  readonly #profileName: ProfileName;
  readonly #keepsCode: boolean;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  /** Ends the downloads of the present machine. */
  #cancel = new AbortController();
  #state: MachineState = 'created';
  #loaded: Loaded | undefined;
  /** Opened when the guest first asks for it. */
  #hub: Promise<Hub> | undefined;
  #hardware: Hardware | undefined;
  /** Why a read of the disk is held, until it is tried again. */
  #stall: DrydockError | undefined;
  #memory: MachineStatistics['memory'];
  #reading: Reading = { at: 0, instructions: 0, busy: 0 };

  constructor({ source, profile = 'standard', checkpoints = false }: MachineOptions) {
    this.#source = source;
    this.#keepsCode = checkpoints;
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

  /** Downloads and restores the machine. Resolves when it runs, its clock is set and it answers. */
  async load(): Promise<void> {
    this.#expect('created', 'failed');
    this.#enter('loading');
    this.#cancel = new AbortController();
    try {
      const manifest = await this.#readManifest();
      const profile = this.#profile(manifest);
      const engine = this.#readEngine(manifest);
      const state = this.#downloadState(profile);
      const modules = this.#source.compile(profile.state.modules, { signal: this.#cancel.signal });
      modules.catch(() => undefined);
      this.#loaded = { manifest, profile, modules, ...(await engine) };
      await this.#restore(await this.#equip(this.#loaded), this.#loaded, state);
      this.#fetchPack(this.#loaded);
    } catch (error) {
      await this.#fail(error, 'restore-failed', 'The machine could not be restored.');
    }
  }

  /** Throws away everything in the machine and starts the snapshot again. */
  async reset(): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk', 'off', 'failed');
    if (!this.#loaded || !this.#hardware) {
      await this.load();
      return;
    }
    await this.#replace('The machine could not be reset.', (hardware, loaded) =>
      this.#restore(hardware, loaded, this.#downloadState(loaded.profile)),
    );
  }

  /**
   * Remembers the machine as it is now: its memory, devices and disk, but not what its terminals show. It stands
   * still for a second meanwhile.
   * @throws DrydockError `timeout` when its disk does not come to rest
   */
  async checkpoint(): Promise<Checkpoint> {
    this.#expect('running');
    const { emulator, disk } = this.#live();
    await emulator.stop();
    try {
      await atRest(disk);
      return { hardware: await emulator.checkpoint(), overlay: disk.overlay.encode() };
    } finally {
      await emulator.run();
    }
  }

  /** Puts the machine back to what it was at a checkpoint, with the clock set to now. */
  async returnTo({ hardware: state, overlay }: Checkpoint): Promise<void> {
    this.#expect('running', 'paused', 'waiting-for-disk', 'off');
    await this.#replace('The machine could not be put back.', async (hardware) => {
      hardware.disk.overlay.decode(overlay);
      await hardware.emulator.returnTo(state);
      await this.#wake(hardware);
    });
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

  async destroy(): Promise<void> {
    if (this.#state === 'destroyed') return;
    this.#enter('destroyed');
    this.#cancel.abort(new DrydockError('wrong-state', 'The machine was destroyed.'));
    this.#listeners.clear();
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
      diskFetchedBytes: this.#loaded?.chunks.fetchedBytes ?? 0,
      diskFetchedChunks: this.#loaded?.chunks.fetchedChunks ?? 0,
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

  #profile({ profiles }: Manifest): Profile {
    const profile = profiles.find(({ name }) => name === this.#profileName);
    if (profile) return profile;
    throw new DrydockError('wrong-release', `This release has no "${this.#profileName}" machine.`);
  }

  async #readEngine({ engine, disk }: Manifest): Promise<Pick<Loaded, 'engine' | 'chunks'>> {
    const { signal } = this.#cancel;
    const [core, index] = await Promise.all([
      this.#readFile(engine, 'engine')
        .then(decompress)
        .then((bytes) => WebAssembly.compile(bytes)),
      readVerified(this.#source, disk.index, { signal }).then((bytes) => decompress(bytes)),
    ]);
    return { engine: core, chunks: new ChunkStore(this.#source, index, disk.chunkBytes) };
  }

  #downloadState(profile: Profile): StateDownload {
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
    { manifest, profile, engine, chunks }: Loaded,
    overlay = new Overlay(),
    boot?: BootFiles,
  ): Promise<Hardware> {
    const disk = new Disk(chunks, manifest.disk.bytes, overlay);
    disk.onStall = (error) => {
      this.#stall = error;
      if (this.#state === 'running') this.#waitForDisk(error);
    };
    const hardware = await Hardware.create({ memoryBytes: profile.memoryBytes, disk, engine, boot });
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

  async #restore(hardware: Hardware, { profile, modules }: Loaded, state: StateDownload): Promise<void> {
    const tellProgress = (): void => {
      this.#progress('snapshot', state.loadedBytes, state.totalBytes);
    };
    state.onProgress = tellProgress;
    tellProgress();
    const [devices, overlay, core] = await Promise.all([
      state.fill(hardware.emulator),
      state.overlay(),
      state.core(),
    ]);
    state.onProgress = undefined;
    this.#progress('restore');
    hardware.disk.overlay.decode(overlay);
    const code = { core, modules: await modules };
    await hardware.emulator.restore(devices, code);
    if (this.#keepsCode) hardware.emulator.keepCode(code);
    profile.consoles.forEach((text, index) => {
      this.#emit({ type: 'output', console: index as ConsoleIndex, bytes: new TextEncoder().encode(text) });
    });
    await this.#wake(hardware);
  }

  /**
   * Puts other hardware in the place of the present one and lets `fill` give it a state. An emulator that has run
   * keeps an offset of its clock, and a state restored into it would find time standing still.
   */
  async #replace(
    failure: string,
    fill: (hardware: Hardware, loaded: Loaded) => Promise<void>,
  ): Promise<void> {
    if (!this.#loaded) throw new DrydockError('wrong-state', 'The machine was never loaded.');
    this.#enter('loading');
    try {
      await this.#hardware?.destroy();
      await fill(await this.#equip(this.#loaded), this.#loaded);
    } catch (error) {
      await this.#fail(error, 'restore-failed', failure);
    }
  }

  /** Gives the machine hardware that has no state yet. */
  async #equip(loaded: Loaded): Promise<Hardware> {
    const hardware = await this.#assemble(loaded);
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
  async #settle({ agent }: Hardware): Promise<void> {
    try {
      await settle(agent);
    } catch (error) {
      throw this.#stall ?? error;
    }
    this.#enter('running');
    if (this.#stall) this.#waitForDisk(this.#stall);
  }

  #waitForDisk(error: DrydockError): void {
    this.#enter('waiting-for-disk');
    this.#emit({ type: 'failure', error: toWire(error) });
  }

  async #end(hardware: Hardware): Promise<void> {
    if (hardware !== this.#hardware || this.#state !== 'running') return;
    this.#enter('off');
    await hardware.emulator.stop();
  }

  /** The guest rebooted: a cold start on the same disk, with the kernel's messages in the first terminal. */
  async #reboot(old: Hardware): Promise<void> {
    if (old !== this.#hardware || !this.#loaded || this.#state === 'loading') return;
    this.#enter('loading');
    try {
      await old.emulator.stop();
      const { bios, vgaBios, kernel, commandLine } = this.#loaded.manifest.boot;
      const files = await Promise.all([bios, vgaBios, kernel].map((file) => this.#readFile(file, 'boot')));
      const [biosBytes, vgaBiosBytes, kernelBytes] = files.map(({ buffer }) => buffer) as [
        ArrayBuffer,
        ArrayBuffer,
        ArrayBuffer,
      ];
      const overlay = old.disk.overlay;
      await old.destroy();
      const boot = { bios: biosBytes, vgaBios: vgaBiosBytes, kernel: kernelBytes, commandLine };
      this.#hardware = await this.#assemble(this.#loaded, overlay, boot);
      this.#hardware.emulator.onSerial((byte) => {
        this.#emit({ type: 'output', console: 0, bytes: Uint8Array.of(byte) });
      });
      await this.#hardware.emulator.run();
      await this.#hardware.agent.ready(BOOT_MILLISECONDS);
      await this.#settle(this.#hardware);
    } catch (error) {
      await this.#fail(error, 'restore-failed', 'The machine did not come back after its reboot.').catch(
        () => undefined,
      );
    }
  }

  /** Fetches the boot pack behind the running machine. Failing is no fault: chunks are then fetched one by one. */
  #fetchPack({ profile: { pack }, chunks }: Loaded): void {
    const whole = readVerified(this.#source, pack, {
      signal: this.#cancel.signal,
      onProgress: (loadedBytes) => {
        this.#emit({ type: 'pack', loadedBytes, totalBytes: pack.bytes });
      },
    });
    chunks.expectPack(whole);
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

/** Waits for the reads of a stopped machine that are under way. */
async function atRest(disk: Disk): Promise<void> {
  const deadline = performance.now() + IDLE_MILLISECONDS;
  while (disk.pendingReads > 0) {
    if (performance.now() > deadline)
      throw new DrydockError('timeout', 'The machine’s disk was still being read after 30 seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
