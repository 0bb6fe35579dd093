import { describe, expect, it } from 'vitest';
import { Cable, SOUND_CABLE } from './cable.ts';
import { PacketCapture } from './packet-capture.ts';
import { createRandom, FakeClock } from './testing.ts';

/** A cable, and at what times how long frames came out of it at each end. */
function createCable() {
  const clock = new FakeClock();
  const up: [at: number, length: number][] = [];
  const down: [at: number, length: number][] = [];
  const cable = new Cable({
    clock,
    random: createRandom(3),
    toNetwork: (frame) => up.push([clock.now(), frame.length]),
    toMachine: (frame) => down.push([clock.now(), frame.length]),
  });
  return { clock, cable, up, down };
}

describe('a cable', () => {
  it('that is sound carries everything at once', () => {
    const { cable, up, down } = createCable();
    cable.fromMachine(new Uint8Array(20));
    cable.fromNetwork(new Uint8Array(30));
    expect([up, down]).toEqual([[[0, 20]], [[0, 30]]]);
    expect(cable.counters).toMatchObject({ in: 1, out: 1 });
  });

  it('that is unplugged carries nothing, and loses what was under way', async () => {
    const { clock, cable, up } = createCable();
    cable.quality = { ...SOUND_CABLE, delay: 100 };
    cable.fromMachine(new Uint8Array(20));
    cable.quality = { ...SOUND_CABLE, end: 'unplugged' };
    cable.fromMachine(new Uint8Array(20));
    await clock.pass(1000);
    expect(up).toEqual([]);
    expect(cable.counters.drops.unplugged).toBe(2);
    cable.quality = SOUND_CABLE;
    cable.fromMachine(new Uint8Array(20));
    expect(up).toEqual([[1000, 20]]);
  });

  it('that is slow delays each way, and keeps the order when it gets faster', async () => {
    const { clock, cable, up, down } = createCable();
    cable.quality = { ...SOUND_CABLE, delay: 200 };
    cable.fromMachine(new Uint8Array(20));
    cable.fromNetwork(new Uint8Array(21));
    await clock.pass(100);
    cable.quality = SOUND_CABLE;
    cable.fromMachine(new Uint8Array(22));
    expect(up).toEqual([]);
    await clock.pass(1000);
    expect(up).toEqual([
      [200, 20],
      [200, 22],
    ]);
    expect(down).toEqual([[200, 21]]);
    expect(clock.pending).toBe(0);
  });

  it('that is narrow takes its time for each bit, and drops what is too much', async () => {
    const { clock, cable, up } = createCable();
    cable.quality = { ...SOUND_CABLE, rate: 8000 };
    for (let i = 0; i < 3; i++) cable.fromMachine(new Uint8Array(100));
    await clock.pass(1000);
    expect(up.map(([at]) => at)).toEqual([100, 200, 300]);
    for (let i = 0; i < 1005; i++) cable.fromMachine(new Uint8Array(100));
    expect(cable.counters.drops['queue-full']).toBe(5);
  });

  it('that is lossy loses about its share', () => {
    const { cable, up } = createCable();
    cable.quality = { ...SOUND_CABLE, loss: 0.25 };
    for (let i = 0; i < 1000; i++) cable.fromMachine(new Uint8Array(20));
    expect(up.length).toBeGreaterThan(700);
    expect(up.length).toBeLessThan(800);
    expect(cable.counters.drops.lost).toBe(1000 - up.length);
  });

  it('captures what the machine sends, even if it gets lost, and what reaches the machine', () => {
    const { cable } = createCable();
    const capture = new PacketCapture();
    cable.capture = capture;
    cable.fromNetwork(new Uint8Array(20));
    cable.quality = { ...SOUND_CABLE, end: 'unplugged' };
    cable.fromMachine(new Uint8Array(20));
    cable.fromNetwork(new Uint8Array(20));
    expect(capture.progress.frames).toBe(2);
  });
});
