/**
 * The part of a machine that hands over to its keeper what changes in it: blocks of the disk all the time, a second
 * after they were written, and on demand the whole machine at a moment. Each hand-over of the disk is what was written
 * until one instant, so that what is kept is always a disk as it would be after a power cut.
 */
import { Fingerprints } from './fingerprints.ts';
import { blockAt, copyBlocks, type Blocks } from './blocks.ts';
import type { Emulator } from './emulator.ts';
import type { Capture, Keeping } from './keeping.ts';
import type { Overlay } from './overlay.ts';

/** How long writes are gathered, in milliseconds: what a crash of the tab may cost. */
const COMMIT_MILLISECONDS = 1000;

/** How long after a hand-over failed it is tried again, in milliseconds: storage that is full does not empty soon. */
const RETRY_MILLISECONDS = 10_000;

/** What a memory looked like at the last checkpoint. */
export interface Remembered {
  memory: Fingerprints;
  core: Fingerprints;
}

export class Recorder {
  readonly #keeping: Keeping;
  readonly #overlay: Overlay;
  readonly #emulator: Emulator;
  /** Undefined after a boot: the next capture is then whole. */
  #remembered: Remembered | undefined;
  /** As of the last capture. */
  #captured: Remembered | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #committing: Promise<void> | undefined;
  #ended = false;
  /** When the user last did something in the machine, in milliseconds since 1970. */
  used = 0;

  constructor(keeping: Keeping, overlay: Overlay, emulator: Emulator, remembered?: Remembered) {
    this.#keeping = keeping;
    this.#overlay = overlay;
    this.#emulator = emulator;
    this.#remembered = remembered;
    this.#schedule(COMMIT_MILLISECONDS);
  }

  /** Hands over what was written to the disk so far. @throws what the keeper throws */
  async commit(): Promise<void> {
    await this.#committing?.catch(() => undefined);
    this.#committing = this.#commit();
    try {
      await this.#committing;
    } finally {
      this.#committing = undefined;
    }
  }

  /** Copies all that has changed of a machine that stands still. */
  async capture(): Promise<Capture> {
    const { devices, code } = await this.#emulator.saveState();
    const memory = this.#emulator.memory;
    const { memory: oldMemory, core: oldCore } = this.#remembered ?? (await nothing());
    // One that fails gives its blocks back, and they belong to this moment.
    while (this.#committing) await this.#committing.catch(() => undefined);
    const pages = oldMemory.compare(memory);
    const core = oldCore.compare(code.core);
    this.#captured = { memory: pages.now, core: core.now };
    return {
      at: Date.now(),
      whole: this.#remembered === undefined,
      blocks: this.#overlay.takeChanged(),
      pages: copyBlocks(pages.changed, (page) => blockAt(memory, page)),
      core: copyBlocks(core.changed, (page) => blockAt(code.core, page)),
      state: {
        devices: new Uint8Array(devices),
        code: { coreBytes: code.core.length, valid: [...code.valid], later: [...code.later] },
      },
    };
  }

  /** Hands a capture over; what it had of the disk is handed over again if that fails. */
  async handOver(capture: Capture): Promise<void> {
    await this.#orPutBack(capture.blocks, () => this.#keeping.capture(capture));
  }

  /** What was captured last has become a checkpoint: later captures are relative to it. */
  advance(): void {
    this.#remembered = this.#captured ?? this.#remembered;
  }

  /** What was handed over is gone: all of it is handed over again. */
  startOver(): void {
    this.#remembered = undefined;
    this.#captured = undefined;
    this.#overlay.putBack(this.#overlay.numbers());
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #schedule(milliseconds: number): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      this.commit().then(
        () => {
          this.#schedule(COMMIT_MILLISECONDS);
        },
        () => {
          this.#schedule(RETRY_MILLISECONDS);
        },
      );
    }, milliseconds);
  }

  async #commit(): Promise<void> {
    if (!this.#overlay.hasChanged) return;
    const blocks = this.#overlay.takeChanged();
    const at = Date.now();
    await this.#orPutBack(blocks, () => this.#keeping.commit(blocks, this.used, at));
  }

  /** Hands blocks over; if that fails they are still to be handed over. */
  async #orPutBack({ numbers }: Blocks, handOver: () => Promise<void>): Promise<void> {
    // What is handed over to another thread is gone from this one.
    const copied = numbers.slice();
    try {
      await handOver();
    } catch (error) {
      this.#overlay.putBack(copied);
      throw error;
    }
  }
}

async function nothing(): Promise<Remembered> {
  const empty = await Fingerprints.of(new Uint8Array(0));
  return { memory: empty, core: empty };
}
