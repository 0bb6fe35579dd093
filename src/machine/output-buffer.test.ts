import { expect, test } from 'vitest';
import { OutputBuffer } from './output-buffer.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function collect(buffer: OutputBuffer): { text: () => string; stop: () => void } {
  let text = '';
  const stop = buffer.attach((bytes) => (text += new TextDecoder().decode(bytes)));
  return { text: () => text, stop };
}

test('output from before the terminal is replayed in order, then follows as it comes', () => {
  const buffer = new OutputBuffer();
  buffer.push(encode('one '));
  buffer.push(encode('two '));
  const shown = collect(buffer);
  buffer.push(encode('three'));
  expect(shown.text()).toBe('one two three');
});

test('what is replayed is marked as late', () => {
  const buffer = new OutputBuffer();
  const marks: boolean[] = [];
  buffer.push(encode('old'));
  buffer.attach((_bytes, late) => marks.push(late));
  buffer.push(encode('new'));
  expect(marks).toEqual([true, false]);
});

test('only the newest bytes are kept', () => {
  const buffer = new OutputBuffer(5);
  buffer.push(encode('abc'));
  buffer.push(encode('defg'));
  expect(collect(buffer).text()).toBe('cdefg');
});

test('one piece that is larger than the limit is cut', () => {
  const buffer = new OutputBuffer(3);
  buffer.push(encode('abcdefg'));
  expect(collect(buffer).text()).toBe('efg');
});

test('after a terminal is closed output is kept again, and is not replayed twice', () => {
  const buffer = new OutputBuffer();
  buffer.push(encode('old'));
  const first = collect(buffer);
  first.stop();
  buffer.push(encode('new'));
  expect(first.text()).toBe('old');
  expect(collect(buffer).text()).toBe('new');
});

test('a console that starts afresh forgets what was kept', () => {
  const buffer = new OutputBuffer();
  buffer.push(encode('old'));
  buffer.clear();
  expect(collect(buffer).text()).toBe('');
});
