import { describe, expect, it } from 'vitest';
import { ByteRing } from './byte-ring.ts';
import { toPosition, toSequence } from './sequence.ts';
import { RECEIVE_CAPACITY, TcpReceiver } from './tcp-receiver.ts';
import { createRandom } from './testing.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (string: string) => new TextEncoder().encode(string);

describe('sequence numbers', () => {
  it('wrap where positions go on', () => {
    expect(toSequence(0xfffffff0, 0x20)).toBe(0x10);
    expect(toPosition(0xfffffff0, 0x10, 0x1f)).toBe(0x20);
    expect(toPosition(0xfffffff0, 0xffffffff, 0x20)).toBe(0xf);
    const far = 5 * 2 ** 32 + 77;
    expect(toPosition(123, toSequence(123, far), far - 1_000_000)).toBe(far);
    expect(toPosition(123, toSequence(123, far), far + 1_000_000)).toBe(far);
  });
});

describe('the ring', () => {
  it('keeps bytes over its edge', () => {
    const ring = new ByteRing(8);
    ring.write(6, Uint8Array.of(1, 2, 3, 4));
    const read = new Uint8Array(4);
    ring.read(6, read);
    expect([...read]).toEqual([1, 2, 3, 4]);
  });
});

describe('the receiver', () => {
  it('puts in order what comes in any order, more than once and overlapping', () => {
    const whole = bytes('the quick brown fox jumps over the lazy dog');
    const random = createRandom(3);
    for (let round = 0; round < 50; round++) {
      const receiver = new TcpReceiver();
      while (!receiver.finished) {
        const start = Math.floor(random() * whole.length);
        const end = Math.min(start + 1 + Math.floor(random() * 8), whole.length);
        receiver.accept(1 + start, whole.subarray(start, end), end === whole.length);
      }
      expect(text(receiver.read())).toBe(text(whole));
      expect(receiver.next).toBe(whole.length + 2);
      expect(receiver.hasGap).toBe(false);
    }
  });

  it('takes no more than its window, and opens that as it is read', () => {
    const receiver = new TcpReceiver();
    expect(receiver.announce()).toBe(RECEIVE_CAPACITY);
    receiver.accept(1, new Uint8Array(RECEIVE_CAPACITY + 10), true);
    expect(receiver.available).toBe(RECEIVE_CAPACITY);
    expect(receiver.finished).toBe(false);
    expect(receiver.announce()).toBe(0);
    expect(receiver.hasNews).toBe(false);
    receiver.read();
    expect(receiver.hasNews).toBe(true);
    expect(receiver.announce()).toBe(RECEIVE_CAPACITY);
  });

  it('remembers a bounded number of gaps', () => {
    const receiver = new TcpReceiver();
    for (let i = 0; i < 1000; i++) receiver.accept(3 + 2 * i, bytes('b'), false);
    for (let i = 0; i < 1000; i++) receiver.accept(2 + 2 * i, bytes('a'), false);
    receiver.accept(1, bytes('_'), false);
    expect(text(receiver.read())).toMatch(/^_(ab)+a?$/);
  });

  it('throws away what nobody will read', () => {
    const receiver = new TcpReceiver();
    receiver.accept(1, bytes('ab'), false);
    receiver.discard();
    receiver.accept(3, bytes('cd'), true);
    expect(receiver.available).toBe(0);
    expect(receiver.finished).toBe(true);
  });
});
