import { describe, expect, it } from 'vitest';
import { PacketCapture } from './packet-capture.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a capture', () => {
  it('is a pcap file', () => {
    const capture = new PacketCapture(1000, () => 1_700_000_000_123.456);
    capture.add(Uint8Array.of(1, 2, 3));
    expect(hex(capture.file())).toBe(
      'd4c3b2a1' +
        '02000400' +
        '00000000' +
        '00000000' +
        'ffff0000' +
        '01000000' +
        '00f15365' +
        '40e20100' +
        '03000000' +
        '03000000' +
        '010203',
    );
  });

  it('copies the frame', () => {
    const capture = new PacketCapture();
    const frame = Uint8Array.of(7);
    capture.add(frame);
    frame[0] = 8;
    expect(capture.file().at(-1)).toBe(7);
  });

  it('ends when it is full, and keeps what it has', () => {
    const capture = new PacketCapture(24 + 20 + 19);
    capture.add(new Uint8Array(4));
    capture.add(new Uint8Array(4));
    capture.add(new Uint8Array(1));
    expect(capture.progress).toEqual({ state: 'full', frames: 1, bytes: 44 });
    expect(capture.file().length).toBe(44);
  });
});
