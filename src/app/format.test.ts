import { expect, test } from 'vitest';
import { fileSize, gigabytes, mebibytes, megabytes, percent, plural, timeAgo } from './format.ts';

test('sizes', () => {
  expect(megabytes(0)).toBe('0');
  expect(megabytes(1_440_000)).toBe('1.4');
  expect(megabytes(9_960_000)).toBe('10');
  expect(megabytes(31_700_000)).toBe('32');
  expect(gigabytes(750_000_000)).toBe('0.8');
  expect([0, 999, 8_400, 123_456, 12_345_678, 1_250_000_000].map(fileSize)).toEqual([
    '0 B',
    '999 B',
    '8 KB',
    '0.1 MB',
    '12 MB',
    '1.3 GB',
  ]);
  expect(mebibytes(402_653_184)).toBe('384');
});

test('shares and counts', () => {
  expect(percent(0.043)).toBe('4 %');
  expect(plural(1, 'step')).toBe('1 step');
  expect(plural(3, 'task')).toBe('3 tasks');
});

test('how long ago', () => {
  const now = Date.UTC(2026, 10, 27, 12);
  expect(timeAgo(now - 20_000, now)).toBe('just now');
  expect(timeAgo(now - 5 * 60_000, now)).toBe('5 minutes ago');
  expect(timeAgo(now - 3 * 3_600_000, now)).toBe('3 hours ago');
  expect(timeAgo(now - 3 * 86_400_000, now)).toMatch(/2026/);
});
