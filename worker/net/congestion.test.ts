import { describe, expect, it } from 'vitest';
import { Congestion } from './congestion.ts';
import { RoundTrip } from './round-trip.ts';

describe('the congestion window', () => {
  it('doubles in slow start, up to the burst', () => {
    const congestion = new Congestion(100, 15);
    expect(congestion.window).toBe(1000);
    for (let i = 1; i <= 10; i++) congestion.acknowledged(i * 100, 100);
    expect(congestion.window).toBe(1500);
  });

  it('halves at the third duplicate acknowledgment, and grows slowly after that', () => {
    const congestion = new Congestion(100, 64);
    const again = [1, 2, 3, 4].map(() => congestion.duplicate(1, 1001, 1000));
    expect(again).toEqual([false, false, true, false]);
    expect(congestion.window).toBe(500 + 400);
    expect(congestion.acknowledged(501, 500)).toBe(true);
    expect(congestion.acknowledged(1001, 500)).toBe(false);
    expect(congestion.window).toBe(500);
    for (let i = 1; i <= 5; i++) congestion.acknowledged(1001 + i * 100, 100);
    expect(congestion.window).toBeGreaterThan(590);
    expect(congestion.window).toBeLessThanOrEqual(600);
  });

  it('starts from one segment after a timeout', () => {
    const congestion = new Congestion(100, 64);
    congestion.timedOut(1001, 1000);
    expect(congestion.window).toBe(100);
    // What is below 1001 was sent before: duplicates say nothing new about it.
    const again = [1, 2, 3].map(() => congestion.duplicate(1, 1001, 100));
    expect(again).toEqual([false, false, false]);
  });
});

describe('the retransmission timeout', () => {
  it('is a second, then follows the round trips with a floor, and doubles', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.timeout).toBe(1000);
    roundTrip.measured(400);
    expect(roundTrip.timeout).toBe(400 + 4 * 200);
    for (let i = 0; i < 50; i++) roundTrip.measured(5);
    expect(roundTrip.timeout).toBe(200);
    roundTrip.backOff();
    roundTrip.backOff();
    expect(roundTrip.timeout).toBe(800);
    for (let i = 0; i < 50; i++) roundTrip.backOff();
    expect(roundTrip.timeout).toBe(60_000);
    roundTrip.relax();
    expect(roundTrip.timeout).toBe(200);
  });
});
