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

/**
 * So many times as many blocks may have been saved since a checkpoint as have changed since. Most saves are then small,
 * and what they come to is not: one that would be more is relative to the checkpoint again.
 */
const SLACK = 1.5;

/** A machine's memory and the emulator's own, by their fingerprints. */
export interface Look {
  memory: Fingerprints;
  core: Fingerprints;
}

/** What a machine looked like earlier. */
export interface Remembered {
  /** At the checkpoint that it goes on from; undefined after a boot, which goes on from none. */
  checkpoint: Look | undefined;
  /** When it was saved last, if that was after the checkpoint. */
  latest: Look | undefined;
  /** How many blocks were saved since the checkpoint. */
  blocks: number;
}

const NOTHING: Remembered = { checkpoint: undefined, latest: undefined, blocks: 0 };

export class Recorder {
  readonly #keeping: Keeping;
  readonly #overlay: Overlay;
  readonly #emulator: Emulator;
  #remembered: Remembered;
  #captured: { look: Look; blocks: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #committing: Promise<void> | undefined;
  #ended = false;
  /** When the user last did something in the machine, in milliseconds since 1970. */
  used = 0;

  constructor(keeping: Keeping, overlay: Overlay, emulator: Emulator, remembered = NOTHING) {
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
    const look = await lookAt(memory, code.core);
    // One that fails gives its blocks back, and they belong to this moment.
    while (this.#committing) await this.#committing.catch(() => undefined);
    const { over, changed, blocks } = this.#choose(look);
    this.#captured = { look, blocks };
    return {
      at: Date.now(),
      over,
      blocks: this.#overlay.takeChanged(),
      pages: copyBlocks(changed.pages, (page) => blockAt(memory, page)),
      core: copyBlocks(changed.core, (page) => blockAt(code.core, page)),
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

  /** What was captured last is kept: later captures are relative to it. */
  saved(kind: 'latest' | 'checkpoint'): void {
    if (!this.#captured) return;
    const { look, blocks } = this.#captured;
    this.#captured = undefined;
    this.#remembered =
      kind === 'checkpoint'
        ? { checkpoint: look, latest: undefined, blocks: 0 }
        : { ...this.#remembered, latest: look, blocks };
  }

  /** What was handed over is gone: all of it is handed over again. */
  startOver(): void {
    this.#remembered = NOTHING;
    this.#captured = undefined;
    this.#overlay.putBack(this.#overlay.numbers());
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** What a capture is relative to, and what of the machine is in it. */
  #choose(look: Look): { over: Capture['over']; changed: Changed; blocks: number } {
    const { checkpoint, latest, blocks } = this.#remembered;
    const all = changedSince(look, checkpoint);
    if (latest) {
      const changed = changedSince(look, latest);
      const sum = blocks + count(changed);
      if (sum <= SLACK * count(all)) return { over: 'latest', changed, blocks: sum };
    }
    return { over: checkpoint ? 'checkpoint' : 'nothing', changed: all, blocks: count(all) };
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

/** Numbers of blocks. */
interface Changed {
  pages: number[];
  core: number[];
}

/** What a machine looks like that stands still. */
export async function lookAt(memory: Uint8Array, core: Uint8Array): Promise<Look> {
  return { memory: await Fingerprints.of(memory), core: await Fingerprints.of(core) };
}

function changedSince(look: Look, earlier: Look | undefined): Changed {
  return { pages: look.memory.since(earlier?.memory), core: look.core.since(earlier?.core) };
}

function count({ pages, core }: Changed): number {
  return pages.length + core.length;
}
