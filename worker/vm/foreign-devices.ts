/**
 * Whether the state of a machine's devices, from a file that a stranger may have made, can be given to v86. v86 believes
 * a state: a memory size in it, for one, is what the guest may reach, the emulator's own memory and the code that it
 * compiles included. So a state is compared with one of the same hardware that has never run: it must have the same
 * parts of the same sizes, and only numbers that the device could have come to by itself.
 *
 * A state (v86's `src/state.js`) is a header of four 32-bit numbers (magic, version, length of all, length of the JSON
 * that follows), JSON with a tree of arrays, numbers and references to buffers, and the buffers. Positions in the tree
 * are those of the `get_state` functions of v86's devices, as of the version that `emulator.ts` names.
 */
import { DrydockError } from '../error.ts';
import { z } from '../schema.ts';

const MAGIC = 0x86768676;
const VERSION = 6;
const HEADER_BYTES = 16;
const MOST_JSON_BYTES = 1 << 20;

/** What the firmware's configuration port holds: a text or table that the guest has asked for. */
const FIRMWARE_VALUE = 62;
const MOST_FIRMWARE_BYTES = 1 << 16;

const VGA = 52;
const IDE = 85;
/** virtio-console, virtio-net, virtio-balloon. Their first part is the queues' device; queues stand from this place on. */
const VIRTIO = [82, 83, 84];
const FIRST_QUEUE = 10;

/** The data of an IDE request, which grows with the largest one. */
const IDE_DATA = 16;
const MOST_IDE_DATA_BYTES = 1 << 25;

type Path = readonly number[];

const both = (...paths: Path[]): Path[] =>
  [0, 1].flatMap((channel) => paths.map((path) => [IDE, channel, ...path]));

/** What is part of the hardware, not of its state: sizes, addresses and names of ports. */
const FIXED: readonly Path[] = [
  [0],
  [VGA, 0],
  [VGA, 9],
  [VGA, 18],
  [54, 10],
  [61, 20],
  [61, 21],
  [61, 22],
  [61, 34],
  [82, 3],
  [83, 1],
  [86],
  ...both([2], [3], [5], [7], [0, 13], [0, 20], [1, 13], [1, 20]),
];

/** Whole numbers that v86 uses without a look at them: privilege level, top of the FPU's stack, columns and rows. */
const RANGES: readonly (readonly [path: Path, low: number, high: number])[] = [
  [[11], 0, 3],
  [[69], 0, 7],
  [[VGA, 4], 1, 256],
  [[VGA, 5], 1, 1024],
];

const infoSchema = z.object({
  buffer_infos: z.array(
    z.object({ offset: z.int().check(z.nonnegative()), length: z.int().check(z.nonnegative()) }),
  ),
  state: z.array(z.unknown()),
});

const reference = z.strictObject({ __state_type__: z.string(), buffer_id: z.int().check(z.nonnegative()) });

interface State {
  tree: unknown;
  /** Bytes of the buffers. */
  buffers: readonly number[];
}

/**
 * @param own the state of the same hardware before it runs
 * @throws DrydockError `damaged-file`
 */
export function checkDevices(foreign: ArrayBuffer, own: ArrayBuffer): void {
  const [state, template] = [readState(foreign), readState(own)];
  checkShape(state, template, template.tree, []);
  for (const path of FIXED) {
    const expected = at(template, path);
    if (typeof expected !== 'object' && at(state, path) !== expected) throw refused(path);
  }
  for (const [path, low, high] of RANGES) if (!isWithin(at(state, path), low, high)) throw refused(path);
  for (const device of VIRTIO) checkQueues(state, template, [device, 0]);
}

function readState(blob: ArrayBuffer): State {
  const header = new DataView(blob);
  if (
    blob.byteLength < HEADER_BYTES ||
    header.getUint32(0, true) !== MAGIC ||
    header.getUint32(4, true) !== VERSION ||
    header.getUint32(8, true) !== blob.byteLength
  )
    throw refused([]);
  const jsonBytes = header.getUint32(12, true);
  const end = HEADER_BYTES + jsonBytes;
  if (jsonBytes > MOST_JSON_BYTES || end > blob.byteLength) throw refused([]);
  let json: unknown;
  try {
    json = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(blob, HEADER_BYTES, jsonBytes)),
    );
  } catch (cause) {
    throw refused([], cause);
  }
  const info = infoSchema.safeParse(json);
  if (!info.success) throw refused([], info.error);
  const first = Math.ceil(end / 4) * 4;
  const { buffer_infos: buffers, state: tree } = info.data;
  if (buffers.some(({ offset, length }) => first + offset + length > blob.byteLength)) throw refused([]);
  return { tree, buffers: buffers.map(({ length }) => length) };
}

/** Checks what the state has at `path`, where the template has `expected`, and all below. */
function checkShape(state: State, template: State, expected: unknown, path: Path): void {
  const found = at(state, path);
  if (path.length === 1 && path[0] === FIRMWARE_VALUE) {
    const bytes = sizeOf(state, found, 'Uint8Array');
    const isEmpty = Array.isArray(found) && found.length === 0;
    if (!isEmpty && !isWithin(bytes, 0, MOST_FIRMWARE_BYTES)) throw refused(path);
  } else if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) throw refused(path);
    expected.forEach((part, i) => {
      checkShape(state, template, part, [...path, i]);
    });
  } else if (typeof expected === 'object' && expected !== null) {
    const type = reference.parse(expected).__state_type__;
    const [bytes, ofTemplate] = [sizeOf(state, found, type), sizeOf(template, expected, type) ?? 0];
    const grows = path.length === 4 && path[0] === IDE && path[3] === IDE_DATA;
    const fits = grows
      ? isWithin(bytes, ofTemplate, MOST_IDE_DATA_BYTES) && Number(bytes) % 4 === 0
      : bytes === ofTemplate;
    if (!fits) throw refused(path);
  } else if (typeof expected === 'string' || (expected === null && path.length === 1)) {
    if (found !== expected) throw refused(path);
  } else if (found !== null && typeof found !== 'boolean' && typeof found !== 'number') throw refused(path);
}

/** The size of a queue is a power of two, at most what the device has room for. */
function checkQueues(state: State, template: State, path: Path): void {
  const parts = at(template, path);
  if (!Array.isArray(parts)) throw refused(path);
  parts.forEach((part: unknown, i) => {
    if (i < FIRST_QUEUE || !Array.isArray(part)) return;
    const queue = [...path, i];
    const [size, supported] = [at(state, [...queue, 0]), at(state, [...queue, 1])];
    const isSame = supported === part[1] && at(state, [...queue, 3]) === part[3];
    if (!isSame || !isWithin(size, 1, Number(supported))) throw refused(queue);
    if ((Number(size) & (Number(size) - 1)) !== 0) throw refused(queue);
  });
}

function at({ tree }: State, path: Path): unknown {
  return path.reduce<unknown>((node, i) => (Array.isArray(node) ? (node[i] as unknown) : undefined), tree);
}

/** Bytes of the buffer that a node refers to; undefined if it refers to none of that type. */
function sizeOf({ buffers }: State, node: unknown, type: string): number | undefined {
  const parsed = reference.safeParse(node);
  return parsed.success && parsed.data.__state_type__ === type ? buffers[parsed.data.buffer_id] : undefined;
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
}

function refused(path: Path, cause?: unknown): DrydockError {
  return new DrydockError(
    'damaged-file',
    'The memory of this session was not made by a machine of Drydock, or is damaged. Its disk can still be booted.',
    { part: path.join('/') },
    { cause },
  );
}
