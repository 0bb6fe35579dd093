/** What can be read off a machine while it runs: how busy it is, and what it takes. */
import type { MachineStatistics } from '../protocol.ts';
import type { ChunkStore } from './chunks.ts';
import type { Hardware } from './hardware.ts';

export class Gauges {
  #last = { at: 0, instructions: 0, busy: 0 };
  /** As the guest told it last. */
  #memory: MachineStatistics['memory'];

  /** Shares and rates are those since the reading before. @param chunks of the disk */
  read({ emulator, disk }: Hardware, chunks: ChunkStore | undefined): MachineStatistics {
    const now = {
      at: performance.now(),
      instructions: emulator.instructions(),
      busy: emulator.busyMilliseconds(),
    };
    const elapsed = Math.max(now.at - this.#last.at, 1);
    const mips = (now.instructions - this.#last.instructions) / elapsed / 1000;
    const busy = Math.min((now.busy - this.#last.busy) / elapsed, 1);
    this.#last = now;
    return {
      instructions: now.instructions,
      mips,
      busy,
      ...(this.#memory && { memory: this.#memory }),
      diskFetchedBytes: chunks?.fetchedBytes ?? 0,
      diskFetchedChunks: chunks?.fetchedChunks ?? 0,
      overlayBytes: disk.overlay.bytes,
    };
  }

  /** Has the guest, which runs, tell for the next readings how much memory it uses. */
  requestMemory({ emulator }: Hardware): void {
    emulator.requestMemory((memory) => (this.#memory = memory));
  }
}
