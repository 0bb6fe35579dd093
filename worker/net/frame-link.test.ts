import { describe, expect, it } from 'vitest';
import { FrameLink } from './frame-link.ts';
import { settled } from './testing.ts';

describe('a link between two workers', () => {
  it('carries frames both ways', async () => {
    const { port1, port2 } = new MessageChannel();
    const got: number[] = [];
    const one = new FrameLink(port1);
    one.plug((frame) => got.push(frame[0] as number) > 0);
    const two = new FrameLink(port2);
    two.plug((frame) => two.send(Uint8Array.of((frame[0] as number) + 1)));
    one.send(Uint8Array.of(1));
    await expect.poll(() => got).toEqual([2]);
    one.close();
    two.close();
  });

  it('drops what an end that does not read has no room for, and goes on when it reads again', async () => {
    const { port1, port2 } = new MessageChannel();
    const one = new FrameLink(port1);
    const send = (): number =>
      Array.from({ length: 3000 }, () => one.send(new Uint8Array(20))).filter(Boolean).length;
    expect(send()).toBe(1024);
    const got: Uint8Array[] = [];
    const two = new FrameLink(port2);
    two.plug((frame) => got.push(frame) > 0);
    await expect.poll(() => got.length).toBe(1024);
    await settled();
    await expect.poll(send).toBeGreaterThan(800);
    one.close();
    two.close();
  });
});
