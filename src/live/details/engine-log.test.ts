import { expect, test } from 'vitest';
import { readLog, sinceOf } from './engine-log.ts';

const AT = '2026-11-28T01:02:03.000000004Z';

/** Frames as the Engine writes them. */
function frames(...all: [stream: number, text: string][]): Uint8Array {
  return Uint8Array.from(
    all.flatMap(([stream, text]) => {
      const bytes = [...new TextEncoder().encode(text)];
      return [stream, 0, 0, 0, 0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
    }),
  );
}

test('lines of both streams, in their order', () => {
  expect(readLog(frames([1, `${AT} one\n`], [2, `${AT} två\n`], [1, `${AT} three\n`]))).toEqual([
    { at: AT, stream: 'stdout', text: 'one' },
    { at: AT, stream: 'stderr', text: 'två' },
    { at: AT, stream: 'stdout', text: 'three' },
  ]);
});

test('lines of a container with a terminal, which have no frames', () => {
  expect(readLog(new TextEncoder().encode(`${AT} a b\r\n${AT} \r\n`))).toEqual([
    { at: AT, stream: 'stdout', text: 'a b' },
    { at: AT, stream: 'stdout', text: '' },
  ]);
});

test('colours and other controls are left out, and what is cut off is no frame', () => {
  expect(readLog(frames([1, `${AT} \x1b[31mred\x1b[0m\x07 \x1b]0;title\x07x\n`]))).toMatchObject([
    { text: 'red x' },
  ]);
  expect(readLog(frames([1, `${AT} one\n`]).subarray(0, 20))).toHaveLength(1);
  expect(readLog(new Uint8Array())).toEqual([]);
});

test('what comes after a line is asked for to the nanosecond', () => {
  expect(sinceOf('2001-09-09T01:46:40.000000004Z')).toBe('1000000000.000000005');
  expect(sinceOf('2001-09-09T01:46:40.999999999Z')).toBe('1000000001.000000000');
  expect(sinceOf('2001-09-09T01:46:40Z')).toBe('1000000000.000000001');
});
