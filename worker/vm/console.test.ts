import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Console } from './console.ts';
import type { Emulator } from './emulator.ts';

const PORT = 2;

/** A guest with `buffers` free input buffers, that notes what it was given. */
function createGuest(buffers = 0) {
  const guest = {
    buffers,
    hasRoomForSizes: true,
    received: [] as Uint8Array[],
    output: undefined as ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined,
    sizes: [] as [number, number, number][],
    text: () => Buffer.concat(guest.received).toString('latin1'),
  };
  const emulator: Pick<
    Emulator,
    'consoleAccepts' | 'sendConsole' | 'onConsole' | 'acceptsSize' | 'resizeConsole'
  > = {
    acceptsSize: () => guest.hasRoomForSizes,
    consoleAccepts: (port) => port === PORT && guest.buffers > 0,
    sendConsole: (port, bytes) => {
      expect(port).toBe(PORT);
      expect(guest.buffers, 'v86 would drop this').toBeGreaterThan(0);
      guest.buffers--;
      guest.received.push(bytes);
    },
    onConsole: (port, listener) => {
      expect(port).toBe(PORT);
      guest.output = listener;
    },
    resizeConsole: (...size) => guest.sizes.push(size),
  };
  return { guest, console: new Console(emulator as Emulator, PORT) };
}

const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('delivers at once while the guest has a buffer', () => {
  const { guest, console } = createGuest(2);
  console.send(bytes('ls\n'));
  expect(guest.text()).toBe('ls\n');
  expect(vi.getTimerCount()).toBe(0);
});

it('sends nothing while the guest has no buffer, and all of it in order later', async () => {
  const { guest, console } = createGuest();
  console.send(bytes('a'));
  console.send(bytes('b'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(guest.received).toEqual([]);
  guest.buffers = 1;
  await vi.advanceTimersToNextTimerAsync();
  expect(guest.text()).toBe('a');
  guest.buffers = 1;
  // A later key must not overtake the one that waits.
  console.send(bytes('c'));
  expect(guest.text()).toBe('a');
  guest.buffers = 5;
  await vi.advanceTimersToNextTimerAsync();
  expect(guest.text()).toBe('abc');
  expect(vi.getTimerCount()).toBe(0);
});

it('cuts long input to the size of a guest buffer', async () => {
  const { guest, console } = createGuest(2);
  const pasted = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
  console.send(pasted);
  expect(guest.received.map(({ length }) => length)).toEqual([2048, 2048]);
  guest.buffers = 9;
  await vi.runAllTimersAsync();
  expect(guest.received.map(({ length }) => length)).toEqual([2048, 2048, 904]);
  expect(Buffer.concat(guest.received).equals(pasted)).toBe(true);
});

it('keeps what was sent, whatever the caller does with its buffer', async () => {
  const { guest, console } = createGuest();
  const input = bytes('abc');
  console.send(input);
  input.fill(0);
  guest.buffers = 1;
  await vi.runAllTimersAsync();
  expect(guest.text()).toBe('abc');
});

it('takes no notice of empty input', () => {
  const { guest, console } = createGuest(1);
  console.send(new Uint8Array());
  expect(guest.received).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('forgets on clear what was not delivered, and stops looking', async () => {
  const { guest, console } = createGuest();
  console.send(bytes('old'));
  console.clear();
  expect(vi.getTimerCount()).toBe(0);
  guest.buffers = 9;
  await vi.runAllTimersAsync();
  expect(guest.received).toEqual([]);
  console.send(bytes('new'));
  expect(guest.text()).toBe('new');
});

it('hands on output and size', () => {
  const { guest, console } = createGuest();
  const listener = vi.fn();
  console.onOutput(listener);
  guest.output?.(Uint8Array.of(7));
  expect(listener).toHaveBeenCalledExactlyOnceWith(Uint8Array.of(7));
  console.resize(80, 24);
  expect(guest.sizes).toEqual([[PORT, 80, 24]]);
});

it('tells the last of the sizes that came while the guest had no room for one', async () => {
  const { guest, console } = createGuest();
  guest.hasRoomForSizes = false;
  console.resize(80, 24);
  console.resize(90, 30);
  await vi.advanceTimersByTimeAsync(1000);
  expect(guest.sizes).toEqual([]);
  guest.hasRoomForSizes = true;
  await vi.advanceTimersToNextTimerAsync();
  expect(guest.sizes).toEqual([[PORT, 90, 30]]);
  expect(vi.getTimerCount()).toBe(0);
});
