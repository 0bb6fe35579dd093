import { describe, expect, it, vi } from 'vitest';
import { DrydockError } from '../error.ts';
import { createRandom } from '../net/testing.ts';
import { Disk, type DiskBase } from './disk.ts';
import { BLOCK_BYTES } from './blocks.ts';
import { Overlay } from './overlay.ts';

const CHUNK_BYTES = 4 * BLOCK_BYTES;
const DISK_BYTES = 4 * CHUNK_BYTES;

/** What is on the disk before anything is written. */
const IMAGE = Uint8Array.from({ length: DISK_BYTES }, (_, i) => (i ^ (i >> 8)) & 0xff);

/** An image whose chunks come when the test says so. It keeps none unless it `remembers`. */
class SlowBase implements DiskBase {
  readonly chunkBytes = CHUNK_BYTES;
  remembers = false;
  readonly #kept = new Map<number, Uint8Array>();
  #waiting: { position: number; resolve: (chunk: Uint8Array) => void; reject: (error: Error) => void }[] = [];

  /** Positions of the chunks that were asked for and have not come. */
  get asked(): number[] {
    return this.#waiting.map(({ position }) => position);
  }

  peek(position: number): Uint8Array | undefined {
    return this.#kept.get(position);
  }

  read(position: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#waiting.push({ position, resolve, reject }));
  }

  /** Delivers everything that was asked for, and lets the disk work on it. */
  async deliver(): Promise<void> {
    for (const { position, resolve } of this.#take()) {
      const chunk = IMAGE.slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES);
      if (this.remembers) this.#kept.set(position, chunk);
      resolve(chunk);
    }
    await turn();
  }

  async fail(error: Error): Promise<void> {
    for (const { reject } of this.#take()) reject(error);
    await turn();
  }

  #take() {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}

/** One turn of the event loop: every promise that can go on has done so. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function createDisk() {
  const base = new SlowBase();
  const overlay = new Overlay();
  return { base, overlay, disk: new Disk(base, DISK_BYTES, overlay) };
}

/** Starts a read; `bytes` is there (in hex, which is quick to compare) when it is done. */
function startRead(disk: Disk, start: number, length: number) {
  const reading: { bytes?: string } = {};
  disk.get(start, length, (bytes) => (reading.bytes = hex(bytes)));
  return reading;
}

async function read(disk: Disk, base: SlowBase, start: number, length: number): Promise<string> {
  const reading = startRead(disk, start, length);
  await base.deliver();
  return reading.bytes ?? expect.fail(`the read of ${length} bytes at ${start} did not end`);
}

const hex = (bytes: Uint8Array | number[]) => Buffer.from(bytes).toString('hex');
const image = (start: number, length: number) => hex(IMAGE.subarray(start, start + length));
const filled = (length: number, value: number) => hex(Buffer.alloc(length, value));

describe('reading', () => {
  it.each([
    ['a sector', 512, 512],
    ['a block', BLOCK_BYTES, BLOCK_BYTES],
    ['across a block border', BLOCK_BYTES - 512, 1024],
    ['across a chunk border', CHUNK_BYTES - 512, 1024],
    ['across several chunks', 100, 2 * CHUNK_BYTES + 200],
    ['the end', DISK_BYTES - 512, 512],
    ['everything', 0, DISK_BYTES],
  ])('gives %s', async (_, start, length) => {
    const { disk, base } = createDisk();
    expect(await read(disk, base, start, length)).toBe(image(start, length));
  });

  it('asks for each chunk once, and only for those that it needs', () => {
    const { disk, base } = createDisk();
    startRead(disk, CHUNK_BYTES - 512, CHUNK_BYTES);
    expect(base.asked).toEqual([0, 1]);
  });

  it('answers at once when the chunks are at hand', async () => {
    const { disk, base } = createDisk();
    base.remembers = true;
    await read(disk, base, 0, 512);
    expect(startRead(disk, 512, 512).bytes).toBe(image(512, 512));
    expect(disk.pendingReads).toBe(0);
  });

  it('needs no chunk for what was written', () => {
    const { disk, base, overlay } = createDisk();
    overlay.set(0, new Uint8Array(BLOCK_BYTES).fill(7));
    overlay.set(1, new Uint8Array(BLOCK_BYTES).fill(8));
    const reading = startRead(disk, BLOCK_BYTES - 1, 2);
    expect(reading.bytes).toBe('0708');
    expect(base.asked).toEqual([]);
  });

  it('is not hurt by a chunk that leaves the cache while another is awaited', async () => {
    const { disk, base } = createDisk();
    // This base forgets a chunk as soon as it has given it.
    expect(await read(disk, base, 0, 3 * CHUNK_BYTES)).toBe(image(0, 3 * CHUNK_BYTES));
  });

  it('serves requests that overlap each for itself', async () => {
    const { disk, base } = createDisk();
    const first = startRead(disk, 0, 2 * CHUNK_BYTES);
    const second = startRead(disk, CHUNK_BYTES, 512);
    expect(disk.pendingReads).toBe(2);
    await base.deliver();
    expect(first.bytes).toBe(image(0, 2 * CHUNK_BYTES));
    expect(second.bytes).toBe(image(CHUNK_BYTES, 512));
    expect(disk.pendingReads).toBe(0);
  });

  it('says at once that there is no partition table', () => {
    const { disk, base } = createDisk();
    const done = vi.fn();
    disk.get_and_cache(0, 512, done);
    expect(done).toHaveBeenCalledExactlyOnceWith(new Uint8Array(512));
    expect(disk.get_from_cache()).toEqual(new Uint8Array(512));
    expect(base.asked).toEqual([]);
  });
});

describe('writing', () => {
  it('takes whole blocks without reading them', () => {
    const { disk, base, overlay } = createDisk();
    const done = vi.fn();
    disk.set(BLOCK_BYTES, new Uint8Array(2 * BLOCK_BYTES).fill(9), done);
    expect(done).toHaveBeenCalledOnce();
    expect(base.asked).toEqual([]);
    expect([...overlay.numbers()]).toEqual([1, 2]);
    expect(startRead(disk, BLOCK_BYTES, 512).bytes).toBe(filled(512, 9));
  });

  it('completes a part of a block from the image, however slow that is', async () => {
    const { disk, base } = createDisk();
    const done = vi.fn();
    const data = new Uint8Array(512).fill(9);
    disk.set(1024, data, done);
    // v86 uses its buffer again as soon as `set` has returned.
    data.fill(1);
    expect(done).not.toHaveBeenCalled();
    expect(disk.pendingReads).toBe(1);
    await base.deliver();
    expect(done).toHaveBeenCalledOnce();
    const block = image(0, 1024) + filled(512, 9) + image(1536, BLOCK_BYTES - 1536);
    expect(startRead(disk, 0, BLOCK_BYTES).bytes).toBe(block);
    expect(base.asked, 'the block is in the overlay now').toEqual([]);
  });

  it('changes a block again without the image', async () => {
    const { disk, base } = createDisk();
    disk.set(0, new Uint8Array(512).fill(1), () => undefined);
    await base.deliver();
    const done = vi.fn();
    disk.set(256, new Uint8Array(512).fill(2), done);
    expect(done).toHaveBeenCalledOnce();
    expect(startRead(disk, 0, 1024).bytes).toBe(filled(256, 1) + filled(512, 2) + image(768, 256));
  });

  it('reaches across chunk borders', async () => {
    const { disk, base } = createDisk();
    disk.set(CHUNK_BYTES - 512, new Uint8Array(1024).fill(3), () => undefined);
    await base.deliver();
    expect(await read(disk, base, CHUNK_BYTES - 1024, 2048)).toBe(
      image(CHUNK_BYTES - 1024, 512) + filled(1024, 3) + image(CHUNK_BYTES + 512, 512),
    );
  });

  it('keeps a copy: the guest may use its buffer again', () => {
    const { disk } = createDisk();
    const data = new Uint8Array(BLOCK_BYTES).fill(5);
    disk.set(0, data, () => undefined);
    data.fill(6);
    expect(startRead(disk, 0, 1).bytes).toBe('05');
  });

  it('never touches the image', async () => {
    const { disk, base } = createDisk();
    base.remembers = true;
    await read(disk, base, 0, 512);
    disk.set(0, new Uint8Array(512).fill(9), () => undefined);
    expect(hex(base.peek(0) ?? [])).toBe(image(0, CHUNK_BYTES));
  });

  it.each(Array.from({ length: 10 }, (_, seed) => seed + 1))(
    'is what is read afterwards (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const { disk, base } = createDisk();
      const model = Buffer.from(IMAGE);
      for (let step = 0; step < 60; step++) {
        base.remembers = random() < 0.5;
        const start = Math.floor(random() * (DISK_BYTES / 512)) * 512;
        const length = Math.min(Math.ceil(random() ** 3 * 64) * 512, DISK_BYTES - start);
        if (random() < 0.5) {
          const data = new Uint8Array(length).fill(1 + (step % 255));
          const done = vi.fn();
          disk.set(start, data, done);
          await base.deliver();
          expect(done).toHaveBeenCalledOnce();
          model.set(data, start);
        } else {
          const bytes = await read(disk, base, start, length);
          expect(bytes === hex(model.subarray(start, start + length))).toBe(true);
        }
      }
      expect((await read(disk, base, 0, DISK_BYTES)) === hex(model)).toBe(true);
      expect(disk.pendingReads).toBe(0);
    },
  );
});

describe('a read that fails', () => {
  const error = new DrydockError('download-failed', 'No connection.');

  it('is held and reported, and ends after a retry', async () => {
    const { disk, base } = createDisk();
    disk.onStall = vi.fn();
    const reading = startRead(disk, 0, 512);
    await base.fail(error);
    expect(disk.onStall).toHaveBeenCalledExactlyOnceWith(error);
    expect(reading.bytes).toBeUndefined();
    expect(disk.pendingReads, 'no state may be saved now').toBe(1);
    disk.retry();
    await turn();
    await base.deliver();
    expect(reading.bytes).toBe(image(0, 512));
    expect(disk.pendingReads).toBe(0);
    expect(disk.onStall).toHaveBeenCalledOnce();
  });

  it('stalls again when the retry fails too', async () => {
    const { disk, base } = createDisk();
    disk.onStall = vi.fn();
    const reading = startRead(disk, 0, 512);
    await base.fail(error);
    disk.retry();
    await turn();
    await base.fail(error);
    expect(disk.onStall).toHaveBeenCalledTimes(2);
    expect(reading.bytes).toBeUndefined();
    disk.retry();
    await turn();
    await base.deliver();
    expect(reading.bytes).toBe(image(0, 512));
  });

  it('is asked for again with all the others', async () => {
    const { disk, base } = createDisk();
    const first = startRead(disk, 0, 2 * CHUNK_BYTES);
    const second = startRead(disk, 2 * CHUNK_BYTES, 512);
    await base.fail(error);
    expect(base.asked).toEqual([]);
    disk.retry();
    await turn();
    expect(base.asked).toEqual([0, 1, 2]);
    await base.deliver();
    expect(first.bytes).toBe(image(0, 2 * CHUNK_BYTES));
    expect(second.bytes).toBe(image(2 * CHUNK_BYTES, 512));
  });

  it('holds a write that needs it, too', async () => {
    const { disk, base } = createDisk();
    const done = vi.fn();
    disk.set(0, new Uint8Array(512).fill(9), done);
    await base.fail(error);
    expect(done).not.toHaveBeenCalled();
    disk.retry();
    await turn();
    await base.deliver();
    expect(done).toHaveBeenCalledOnce();
  });
});

describe('an abandoned disk', () => {
  it('calls nobody back, and writes nothing', async () => {
    const { disk, base, overlay } = createDisk();
    const reading = startRead(disk, 0, 512);
    const done = vi.fn();
    disk.set(512, new Uint8Array(512), done);
    disk.abandon();
    expect(disk.pendingReads).toBe(0);
    await base.deliver();
    expect(reading.bytes).toBeUndefined();
    expect(done).not.toHaveBeenCalled();
    expect(overlay.bytes).toBe(0);
    expect(disk.pendingReads).toBe(0);
  });

  it('serves what is asked after that', async () => {
    const { disk, base } = createDisk();
    startRead(disk, 0, 512);
    disk.abandon();
    expect(await read(disk, base, 512, 512)).toBe(image(512, 512));
    expect(disk.pendingReads).toBe(0);
  });

  it('does not ask again for what had stalled', async () => {
    const { disk, base } = createDisk();
    startRead(disk, 0, 512);
    await base.fail(new Error('no connection'));
    disk.abandon();
    disk.retry();
    await turn();
    expect(base.asked).toEqual([]);
  });

  it('does not stall on an old request that fails only now', async () => {
    const { disk, base } = createDisk();
    disk.onStall = vi.fn();
    startRead(disk, 0, 512);
    disk.abandon();
    await base.fail(new Error('no connection'));
    expect(disk.onStall).not.toHaveBeenCalled();
    disk.retry();
    await turn();
    expect(base.asked).toEqual([]);
  });
});

it('tells v86 that it is ready, and keeps nothing in a state', () => {
  const { disk } = createDisk();
  disk.onload = vi.fn();
  disk.load();
  expect(disk.onload).toHaveBeenCalledOnce();
  expect(disk.get_state()).toEqual([]);
  expect(disk.byteLength).toBe(DISK_BYTES);
});
