/** The two ends of the port between a machine's worker and the one that keeps its session. */
import { expose, transfer, wrap, type Remote } from 'comlink';
import type { Blocks } from '../vm/blocks.ts';
import type { Capture, Keeping, SavedMachine } from '../vm/keeping.ts';

/** Lets the machine at the other end of `port` be kept by `keeping`. */
export function serveKeeping(keeping: Keeping, port: MessagePort): void {
  const service: Keeping = {
    async read() {
      const saved = await keeping.read();
      return saved && transfer(saved, buffersOf(saved));
    },
    commit: (blocks, used, at) => keeping.commit(blocks, used, at),
    capture: (capture) => keeping.capture(capture),
  };
  expose(service, port);
}

/** A keeper in another worker; what is handed over is moved there, not copied. */
export class RemoteKeeping implements Keeping {
  readonly #service: Remote<Keeping>;

  constructor(port: MessagePort) {
    this.#service = wrap<Keeping>(port);
  }

  read(): Promise<SavedMachine | undefined> {
    return this.#service.read();
  }

  commit(blocks: Blocks, used: number, at: number): Promise<void> {
    return this.#service.commit(transfer(blocks, [blocks.numbers.buffer, blocks.bytes.buffer]), used, at);
  }

  capture(capture: Capture): Promise<void> {
    const { blocks, pages, core, state } = capture;
    const buffers = [blocks, pages, core].flatMap(({ numbers, bytes }) => [numbers.buffer, bytes.buffer]);
    return this.#service.capture(transfer(capture, [...buffers, state.devices.buffer as ArrayBuffer]));
  }
}

function buffersOf({ blocks, memory }: SavedMachine): ArrayBuffer[] {
  const files = memory ? [...memory.pages, ...memory.newPages, ...memory.core, ...memory.newCore] : [];
  return [...new Set([...blocks, ...files].map(({ buffer }) => buffer as ArrayBuffer))];
}
