/**
 * The one place that knows v86's undocumented insides: which devices a Drydock machine has, how to
 * reach its bus, and the few properties of its CPU object that we read or wrap. Everything else in
 * `worker/` talks to the `Emulator` below. The names were read in v86 0.5.462 (the version that
 * package.json pins); `src/browser/starter.js`, `src/cpu.js`, `src/virtio_console.js` and
 * `src/virtio_balloon.js` of that commit are the source.
 */
import { V86 } from 'v86';
import { DrydockError } from '../error.ts';
import {
  clearWholeTable,
  growTable,
  layCode,
  ModuleRecorder,
  saveCore,
  type CompiledCode,
  type JitCpu,
} from './compiled-code.ts';
import type { Disk } from './disk.ts';
import { checkDevices } from './foreign-devices.ts';
import { shrinkModule } from './jit-module.ts';
import { CodeKeeper, layKeptCode, snapshotCode, type KeptCode } from './kept-code.ts';
import { packParts, PAGE_BYTES, unpackPart, type PageBitmap } from './memory.ts';
import { takeTurns, type RunLoop } from './turns.ts';

/** The v86 release that snapshots are made with and restored by. A state fits no other. */
export const V86_VERSION = '0.5.462';

/** Bytes of video memory. Nothing draws, and every byte of it is part of each saved state. */
const VGA_MEMORY_BYTES = 1 << 20;

/** Identifies the device set below in a manifest: a state restored into another set misbehaves. */
export const DEVICE_SET = 'acpi,virtio-console,virtio-balloon,virtio-net,ide-hda,vga-1m;1';

/** v86's `set_jit_config` index of the number of code pages that one compiled module may cover. */
const JIT_MAX_PAGES = 1;

/** I/O port of ACPI's PM1a control register (v86's src/acpi.js), and its bit SLP_EN (ACPI 6.5, 4.8.3.2.1). */
const PM1A_CONTROL = 0xb004;
const SLEEP_ENABLE = 1 << 13;

/** The queue of virtio-console on which the device tells its driver of consoles and their sizes (virtio 1.3, 5.3.2). */
const CONTROL_QUEUE = 2;

/** Buffers of that queue that are left to v86, which takes them without a look when the driver tells it of a console. */
const SPARE_BUFFERS = 8;

/** How much that comes while the guest stands still waits for it, as in a network card's queue; the rest is lost. */
const MAX_WAITING = 1000;

/** Starting up, the processor pushes something on its stack below 64 KiB; a state expects memory that is all zero. */
const START_UP_BYTES = 64 * 1024;

/** What a cold boot needs beside the disk; a restored machine has all of it in its memory. */
export interface BootFiles {
  bios: ArrayBuffer;
  vgaBios: ArrayBuffer;
  kernel: ArrayBuffer;
  commandLine: string;
}

export interface EmulatorOptions {
  memoryBytes: number;
  disk: Disk;
  /** The compiled emulator core (`v86.wasm`). */
  engine: WebAssembly.Module;
  /** Present for a cold boot, absent when a state will be restored. */
  boot?: BootFiles | undefined;
}

interface VirtQueue {
  has_request(): boolean;
  count_requests(): number;
  is_configured(): boolean;
}
interface VirtioDevice {
  virtio: { queues: VirtQueue[] };
}
/** A bitmap as v86 writes it into a state. */
interface SavedBitmap extends PageBitmap {
  get_buffer(): ArrayBuffer;
}
/** The parts of v86's CPU object that Drydock touches. */
interface Cpu extends JitCpu {
  devices: {
    virtio_console: VirtioDevice;
    virtio_net: VirtioDevice;
    virtio_balloon: VirtioDevice & { GetStats(callback: (stats: Record<string, number>) => void): void };
  };
  io: { ports: ({ write16: (this: unknown, value: number) => void } | undefined)[] };
  main_loop(): number;
  reboot_internal(): void;
  set_jit_config(index: number, value: number): void;
  instruction_pointer: Int32Array;
  /** The privilege level, 0 (kernel) to 3 (user). */
  cpl: Uint8Array;
  reg32: Int32Array;
  cr: Int32Array;
  zero_memory(address: number, length: number): void;
  pack_memory(): { bitmap: SavedBitmap; packed_memory: Uint8Array };
  unpack_memory(bitmap: PageBitmap, pages: Uint8Array): void;
  /** The decoder of compressed states: addresses are in `wasm_memory`. */
  zstd_create_ctx(sourceBytes: number): number;
  zstd_get_src_ptr(context: number): number;
  zstd_read(context: number, bytes: number): number;
  zstd_read_free(address: number, bytes: number): void;
  zstd_free_ctx(context: number): void;
}
interface Internals {
  v86: RunLoop & { cpu: Cpu };
  bus: { send(event: string, value: unknown): void };
}

/** What the processor is at, between two turns of the run loop. */
export interface ProcessorState {
  instructionPointer: number;
  stackPointer: number;
  ring: number;
  /** Physical address of the page directory (CR3). */
  pageDirectory: number;
}

export interface EmulatorCheckpoint {
  state: ArrayBuffer;
  code: KeptCode;
}

/** A machine without the guest's memory, for `resume`. */
export interface EmulatorState {
  devices: ArrayBuffer;
  code: KeptCode;
}

const NO_PAGES: SavedBitmap = { get: () => 0, get_buffer: () => new ArrayBuffer(0) };

export class Emulator {
  readonly #v86: V86 & Internals;
  #instructions = 0;
  #lastCounter = 0;
  readonly #busyMilliseconds: () => number;
  #recorder: ModuleRecorder | undefined;
  #keeper: CodeKeeper | undefined;
  /**
   * What has come for the guest while it stands still, undefined while it runs. A device that took it would change
   * the guest's memory, of which a part may have been saved by then: restored, the rings that device and driver share
   * would say two things, and the driver gives its device up for good ("is not a head", drivers/virtio/virtio_ring.c).
   */
  #waiting: (() => void)[] | undefined = [];

  private constructor(v86: V86 & Internals) {
    this.#v86 = v86;
    this.#cpu.set_jit_config(JIT_MAX_PAGES, 1);
    clearWholeTable(this.#cpu);
    this.#shrinkModules();
    this.#boundZeroing();
    this.#busyMilliseconds = takeTurns(this.#v86.v86);
  }

  /**
   * Creates the machine's hardware, stopped.
   * @throws DrydockError `out-of-memory` when the browser refuses the guest's memory
   */
  static async create(options: EmulatorOptions): Promise<Emulator> {
    let refuse: (error: DrydockError) => void;
    const refused = new Promise<never>((_, reject) => (refuse = reject));
    const instantiate = async (imports: WebAssembly.Imports): Promise<WebAssembly.Exports> => {
      growTable(imports);
      const { exports } = await WebAssembly.instantiate(options.engine, imports);
      const allocate = exports.allocate_memory as (bytes: number) => number;
      return {
        ...exports,
        // v86 does not await its own start-up, so a refusal here would be nobody's rejection and the wait below endless.
        allocate_memory: (bytes: number) => {
          try {
            return allocate(bytes);
          } catch (cause) {
            const megabytes = Math.round(bytes / 2 ** 20);
            refuse(
              new DrydockError(
                'out-of-memory',
                `The browser did not give the ${megabytes} MB of memory that the machine needs.`,
                { megabytes },
                { cause },
              ),
            );
            throw cause;
          }
        },
      };
    };
    const { boot } = options;
    const v86 = new V86({
      wasm_fn: instantiate,
      memory_size: options.memoryBytes,
      vga_memory_size: VGA_MEMORY_BYTES,
      acpi: true,
      virtio_console: true,
      virtio_balloon: true,
      net_device: { type: 'virtio' },
      preserve_mac_from_state_image: true,
      hda: options.disk,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
      autostart: false,
      ...(boot && {
        bios: { buffer: boot.bios },
        vga_bios: { buffer: boot.vgaBios },
        bzimage: { buffer: boot.kernel },
        cmdline: boot.commandLine,
      }),
    } as unknown as ConstructorParameters<typeof V86>[0]) as V86 & Internals;
    const ready = new Promise<void>((resolve) => {
      v86.add_listener('emulator-ready', () => {
        resolve();
      });
    });
    await Promise.race([ready, refused]);
    const emulator = new Emulator(v86);
    if (!boot) emulator.#cpu.mem8.subarray(0, START_UP_BYTES).fill(0);
    return emulator;
  }

  /** Lets the guest run, which then gets what has come for it meanwhile. */
  run(): Promise<void> {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const deliver of waiting) deliver();
    return this.#v86.run();
  }

  /** Has the guest stand still. From now on nothing reaches it but what it has read from its disk. */
  stop(): Promise<void> {
    this.#waiting ??= [];
    return this.#v86.stop();
  }

  destroy(): Promise<void> {
    return this.#v86.destroy();
  }

  /**
   * Fills a part of the memory of a machine that has never run: pages that `save` gave, compressed with zstd. They
   * are decompressed by v86's own decoder, beside the guest's memory, and copied once.
   */
  fillMemory(compressed: Uint8Array): void {
    const cpu = this.#cpu;
    const bytesAt = (address: number, length: number): Uint8Array =>
      new Uint8Array(cpu.wasm_memory.buffer, address >>> 0, length);
    const context = cpu.zstd_create_ctx(compressed.length);
    bytesAt(cpu.zstd_get_src_ptr(context), compressed.length).set(compressed);
    let last: [address: number, length: number] | undefined;
    const free = (): void => {
      if (last) cpu.zstd_read_free(...last);
      last = undefined;
    };
    const read = (length: number): Uint8Array => {
      free();
      const address = cpu.zstd_read(context, length);
      last = [address, length];
      return bytesAt(address, length);
    };
    unpackPart(read, () => cpu.mem8);
    free();
    cpu.zstd_free_ctx(context);
  }

  /**
   * Gives the devices of a machine that has never run a saved state, after `fillMemory` has filled its memory, and
   * with it the guest code that was compiled when the state was saved.
   */
  async restore(devices: ArrayBuffer, code: CompiledCode): Promise<void> {
    this.#cpu.unpack_memory = () => undefined;
    await this.#v86.restore_state(devices);
    await layCode(this.#cpu, code);
  }

  /** Forgets all compiled code, and keeps for `compiledCode` what is compiled from now on. */
  recordCode(): void {
    this.#recorder = new ModuleRecorder(this.#cpu);
    this.#cpu.jit_clear_cache();
  }

  /** What has been compiled since `recordCode`: the core for `restore`, and the modules by their numbers. */
  async compiledCode(): Promise<{ core: Uint8Array; modules: ReadonlyMap<number, Uint8Array> }> {
    if (!this.#recorder) throw new Error('No code was recorded.');
    await this.#recorder.settled();
    return { core: saveCore(this.#cpu), modules: this.#recorder.modules };
  }

  /** The machine's state: of its devices, and its memory in parts. It must be stopped and its disk idle. */
  async save(): Promise<{ devices: ArrayBuffer; memory: Uint8Array[] }> {
    const { bitmap, packed_memory } = this.#cpu.pack_memory();
    const devices = await this.#saveDevices(bitmap);
    return { devices, memory: packParts(bitmap, packed_memory, this.#cpu.mem8.length / PAGE_BYTES) };
  }

  /** The machine's state but for its memory, with the code that was kept. It must be stopped and its disk idle. */
  async saveState(): Promise<EmulatorState> {
    if (!this.#keeper) throw new Error('No code was kept.');
    const code = await this.#keeper.code();
    return { devices: await this.#saveDevices(NO_PAGES), code };
  }

  /** Gives a machine that has never run what `saveState` gave, after `fillMemory` has filled its memory. */
  async resume({ devices, code }: EmulatorState): Promise<void> {
    this.#cpu.unpack_memory = () => undefined;
    await this.#v86.restore_state(devices);
    await layKeptCode(this.#cpu, code);
    this.#keeper = new CodeKeeper(this.#cpu, code);
  }

  /**
   * The same for a state that a stranger may have made: what is in it is looked at first, and all code is compiled anew.
   * @throws DrydockError `damaged-file`
   */
  async resumeForeign(devices: ArrayBuffer, base: WebAssembly.Module): Promise<void> {
    checkDevices(devices, await this.#saveDevices(NO_PAGES));
    this.#cpu.unpack_memory = () => undefined;
    await this.#v86.restore_state(devices);
    this.keepBootCode(base);
  }

  /** Keeps for `checkpoint` what is compiled from now on. To be called when the machine has its state and has not run. */
  keepCode(code: CompiledCode): void {
    this.#keeper = new CodeKeeper(this.#cpu, snapshotCode(code));
  }

  /** The same for a machine that has none of the snapshot's code: one that boots. */
  keepBootCode(base: WebAssembly.Module): void {
    this.#keeper = new CodeKeeper(this.#cpu, { base, valid: new Set(), later: new Map() });
  }

  /** The whole machine, for `returnTo` within this process. It must be stopped and its disk idle. */
  async checkpoint(): Promise<EmulatorCheckpoint> {
    if (!this.#keeper) throw new Error('No code was kept.');
    const code = await this.#keeper.code();
    return { state: await this.#v86.save_state(), code };
  }

  /** Gives a machine that has never run what `checkpoint` gave, and keeps its code again. */
  async returnTo({ state, code }: EmulatorCheckpoint): Promise<void> {
    await this.#v86.restore_state(state);
    await layKeptCode(this.#cpu, code);
    this.#keeper = new CodeKeeper(this.#cpu, code);
  }

  /** Calls `listener` with each buffer that the guest writes to virtio console `port` (0 to 3). */
  onConsole(port: number, listener: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#v86.add_listener(
      `virtio-console${port}-output-bytes` as 'virtio-console0-output-bytes',
      (bytes) => {
        listener(Uint8Array.from(bytes));
      },
    );
  }

  /** Whether the guest runs and has a free buffer for console input; v86 drops what comes without one. */
  consoleAccepts(port: number): boolean {
    if (this.#waiting) return false;
    const queue = this.#cpu.devices.virtio_console.virtio.queues[port === 0 ? 0 : 2 * port + 2];
    return queue !== undefined && queue.is_configured() && queue.has_request();
  }

  /** Whether the guest runs and has buffers to spare for the size of a console. */
  acceptsSize(): boolean {
    if (this.#waiting) return false;
    const queue = this.#cpu.devices.virtio_console.virtio.queues[CONTROL_QUEUE];
    return queue !== undefined && queue.is_configured() && queue.count_requests() > SPARE_BUFFERS;
  }

  /** Hands `bytes` (at most 4096, one guest buffer) to the guest as input of console `port`. */
  sendConsole(port: number, bytes: Uint8Array): void {
    this.#v86.bus.send(`virtio-console${port}-input-bytes`, bytes);
  }

  /**
   * Tells the guest the size of console `port`, which its programs see as SIGWINCH. v86 writes rows before
   * columns into the message, this kernel reads columns first, as the virtio specification has it (1.3, 5.3.6.2):
   * so the two are handed over in exchange.
   */
  resizeConsole(port: number, columns: number, rows: number): void {
    this.#v86.bus.send(`virtio-console${port}-resize`, [rows, columns]);
  }

  /** Calls `listener` with each byte of the first UART, the kernel's console. */
  onSerial(listener: (byte: number) => void): void {
    this.#v86.add_listener('serial0-output-byte', listener);
  }

  /** Calls `listener` with each Ethernet frame that the guest sends; the frame is the listener's own. */
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#v86.add_listener('net0-send', (frame) => {
      listener(frame.slice());
    });
  }

  /**
   * Delivers a frame to the guest, or drops it when the guest's driver has no buffer for it or is not ready: v86 would
   * then read descriptors from address 0 and write the frame into guest memory.
   */
  sendFrame(frame: Uint8Array): void {
    this.#whenRunning(() => {
      const queue = this.#cpu.devices.virtio_net.virtio.queues[0];
      if (queue?.is_configured() && queue.has_request()) this.#v86.bus.send('net0-receive', frame);
    });
  }

  /**
   * Calls `listener` when the guest has ended: it powered itself off, or halted with interrupts off as after a
   * panic. v86 has no power to switch off: it stores the guest's request and lets it spin.
   */
  onEnd(listener: () => void): void {
    this.#v86.add_listener('cpu-event-halt' as 'emulator-stopped', listener);
    const register = this.#cpu.io.ports[PM1A_CONTROL];
    if (!register) return;
    const write = register.write16;
    register.write16 = function (value) {
      write.call(this, value);
      if (value & SLEEP_ENABLE) listener();
    };
  }

  /** Calls `listener` instead of v86's own warm reset when the guest asks for a reboot. */
  onReboot(listener: () => void): void {
    this.#cpu.reboot_internal = () => {
      // At once: Linux tries one way after the other, and the last, a triple fault, is a panic in v86.
      void this.stop();
      listener();
    };
  }

  /** Asks the guest's balloon driver for its memory, in bytes. The answer comes when the guest next runs. */
  requestMemory(listener: (memory: { total: number; available: number }) => void): void {
    this.#whenRunning(() => {
      this.#cpu.devices.virtio_balloon.GetStats(({ MEMTOT, AVAIL }) => {
        if (MEMTOT !== undefined && AVAIL !== undefined) listener({ total: MEMTOT, available: AVAIL });
      });
    });
  }

  /** Guest instructions since creation. To be called at least every few seconds: v86 counts in 32 bits. */
  instructions(): number {
    const counter = this.#v86.get_instruction_counter();
    this.#instructions += (counter - this.#lastCounter + 2 ** 32) % 2 ** 32;
    this.#lastCounter = counter;
    return this.#instructions;
  }

  /** Calls `listener` after each turn of the run loop, for profiles. */
  onTurn(listener: () => void): void {
    const cpu = this.#cpu;
    const mainLoop = cpu.main_loop.bind(cpu);
    cpu.main_loop = () => {
      const sleep = mainLoop();
      listener();
      return sleep;
    };
  }

  processorState(): ProcessorState {
    const { instruction_pointer, cpl, reg32, cr } = this.#cpu;
    const [esp = 0, cr3 = 0] = [reg32[4], cr[3]];
    return {
      instructionPointer: (instruction_pointer[0] ?? 0) >>> 0,
      stackPointer: esp >>> 0,
      ring: cpl[0] ?? 0,
      pageDirectory: (cr3 & ~0xfff) >>> 0,
    };
  }

  /** The guest's memory by physical address; to be asked for anew each time. */
  get memory(): Uint8Array {
    return this.#cpu.mem8;
  }

  /** Milliseconds that the emulator has spent executing the guest (not sleeping in HLT) since creation. */
  busyMilliseconds(): number {
    return this.#busyMilliseconds();
  }

  #whenRunning(deliver: () => void): void {
    if (!this.#waiting) deliver();
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(deliver);
  }

  async #saveDevices(bitmap: SavedBitmap): Promise<ArrayBuffer> {
    const cpu = this.#cpu;
    const packMemory = cpu.pack_memory.bind(cpu);
    cpu.pack_memory = () => ({ bitmap, packed_memory: new Uint8Array(0) });
    const devices = await this.#v86.save_state();
    cpu.pack_memory = packMemory;
    return devices;
  }

  #shrinkModules(): void {
    const cpu = this.#cpu;
    const finalize = cpu.codegen_finalize.bind(cpu);
    cpu.codegen_finalize = (index, start, flags, address, length) => {
      const module = new Uint8Array(cpu.wasm_memory.buffer, address >>> 0, length >>> 0);
      const small = shrinkModule(module);
      module.set(small);
      finalize(index, start, flags, address, small.length);
    };
  }

  /** The balloon's driver, which the guest may change, says which memory is free: v86 fills it with zeros, wherever it is. */
  #boundZeroing(): void {
    const cpu = this.#cpu;
    const zero = cpu.zero_memory.bind(cpu);
    cpu.zero_memory = (address, length) => {
      if ((address >>> 0) + (length >>> 0) <= cpu.mem8.length) zero(address, length);
    };
  }

  get #cpu(): Cpu {
    return this.#v86.v86.cpu;
  }
}
