/** Session files to be refused: made by tampering with one that is good. */
import { BlobReader, BlobWriter, TextReader, Uint8ArrayReader, ZipReader, ZipWriter } from '@zip.js/zip.js';
import { expect } from 'vitest';
import { sha256 } from '../vm/digest.ts';
import { compress, packBlocks } from './encode.ts';
import { Keeper } from './keeper.ts';
import type { Moment, SessionRecord } from './record.ts';
import type { SessionStore } from './store.ts';
import { blocks, capture, facts, newSession } from './testing.ts';

/** A session with a checkpoint, what was saved by itself after it, and a journal. */
export async function lived(store: SessionStore): Promise<string> {
  const id = await newSession(store);
  const keeper = new Keeper(store, id);
  const node = keeper.node('node1');
  await node.capture(capture({ disk: { 1: 1 }, pages: { 1: 1, 2: 1 }, core: { 1: 1 } }));
  await keeper.keep(facts('checkpoint'));
  await node.capture(capture({ disk: { 2: 2 }, pages: { 2: 2 }, core: { 2: 2 } }));
  await keeper.keep(facts('latest'));
  return id;
}

export interface Index {
  format: number;
  record: SessionRecord;
  files: Record<string, { bytes: number; sha256: string }>;
}

/** The parts of a session's file, to be tampered with. */
export async function unzip(
  zip: Blob,
): Promise<{ index: Index; files: Map<string, Uint8Array<ArrayBuffer>> }> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of await new ZipReader(new BlobReader(zip)).getEntries()) {
    if (entry.directory) continue;
    expect(entry.compressionMethod, 'stored as it is').toBe(0);
    const blob = await entry.getData(new BlobWriter());
    files.set(entry.filename, new Uint8Array(await blob.arrayBuffer()));
  }
  const index = JSON.parse(new TextDecoder().decode(files.get('session.json'))) as Index;
  files.delete('session.json');
  return { index, files };
}

export async function zipOf(
  index: unknown,
  files: Iterable<[string, Uint8Array]>,
  level = 0,
  password?: string,
): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter(), {
    level,
    useWebWorkers: false,
    ...(password && { password }),
  });
  for (const [name, bytes] of files) await writer.add(name, new Uint8ArrayReader(bytes));
  if (index !== undefined) await writer.add('session.json', new TextReader(JSON.stringify(index)));
  return writer.close();
}

/** A change of a session's file. */
export type Tampering = (index: Index, files: Map<string, Uint8Array<ArrayBuffer>>) => unknown;

/** The first of each kind of file that the record names. */
export const first = (index: Index) => {
  const node = index.record.moments[0]?.nodes.node1;
  if (node?.state !== 'running' || !node.blocks[0] || !node.memory.pages[0])
    throw new Error('no such session');
  return { node, memory: node.memory, disk: node.blocks[0], page: node.memory.pages[0] };
};

const moment = (index: Index, at = 0): Moment => {
  const found = index.record.moments[at];
  if (!found) throw new Error('no such session');
  return found;
};

/** Puts other content in the place of a file, with a hash that fits. */
const replace = async (
  index: Index,
  files: Map<string, Uint8Array<ArrayBuffer>>,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
) => {
  files.set(name, bytes);
  index.files[name] = { bytes: bytes.length, sha256: await sha256(bytes) };
};

export const TAMPERED: [string, 'damaged' | 'another version', Tampering][] = [
  ['another format', 'another version', (index) => (index.format = 2)],
  ['a record of another version', 'another version', (index) => (index.record.format = 3 as 2)],
  ['a record that is none', 'damaged', (index) => (index.record = {} as SessionRecord)],
  ['no record at all', 'damaged', (index) => (index.record = undefined as never)],
  ['more in the index', 'damaged', (index) => Object.assign(index, { extra: 1 })],
  [
    'a wrong hash',
    'damaged',
    (index) => ((Object.values(index.files)[0] ?? { sha256: '' }).sha256 = '0'.repeat(64)),
  ],
  ['a wrong size', 'damaged', (index) => (Object.values(index.files)[0] ?? { bytes: 0 }).bytes++],
  [
    'a flipped bit',
    'damaged',
    (index, files) => {
      const bytes = files.get(first(index).disk.name);
      if (bytes) bytes[20] = (bytes[20] ?? 0) ^ 1;
    },
  ],
  ['a file missing', 'damaged', (index, files) => files.delete(first(index).page.name)],
  ['a hash missing', 'damaged', (index) => (index.files = {})],
  ['a file of another session', 'damaged', (index) => (first(index).disk.name = '../other/file')],
  ['a file by a path', 'damaged', (index) => (first(index).disk.name = 'other/file')],
  ['a file of the language', 'damaged', (index) => (first(index).disk.name = 'constructor')],
  ['a file that is not in it', 'damaged', (index) => (first(index).disk.name = 'a-file-of-somebody-else')],
  ['the index as a file', 'damaged', (index) => (first(index).disk.name = 'session.json')],
  ['one file for two things', 'damaged', (index) => (first(index).disk.name = first(index).page.name)],
  [
    'moments in a circle',
    'damaged',
    (index) => {
      const [a, b] = index.record.moments;
      if (a && b) a.parent = b.id;
    },
  ],
  ['machines that go on from nowhere', 'damaged', (index) => (index.record.at = crypto.randomUUID())],
  [
    'a disk block beyond the end',
    'damaged',
    async (index, files) =>
      replace(index, files, first(index).disk.name, await compress(packBlocks(blocks({ 1000: 1 })))),
  ],
  [
    'a page beyond a gigabyte',
    'damaged',
    async (index, files) =>
      replace(index, files, first(index).page.name, await compress(packBlocks(blocks({ 262144: 1 })))),
  ],
  [
    'pages that are none',
    'damaged',
    (index, files) => replace(index, files, first(index).page.name, new Uint8Array(100)),
  ],
  [
    'a state that is none',
    'damaged',
    async (index, files) =>
      replace(index, files, first(index).memory.state.name, await compress(new Uint8Array(100))),
  ],
  [
    'a state of gigabytes',
    'damaged',
    (index, files) =>
      replace(
        index,
        files,
        first(index).memory.state.name,
        Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]),
      ),
  ],
  ['a name that is too long', 'damaged', (index) => (index.record.name = 'x'.repeat(101))],
  [
    'a release file elsewhere',
    'damaged',
    (index) =>
      (index.record.machine.overlays = {
        standard: { path: '//evil.example/x', bytes: 1, sha256: '0'.repeat(64) },
      }),
  ],
  ['no nodes', 'damaged', (index) => (moment(index).nodes = {})],
  [
    'a sixth node',
    'damaged',
    (index) => Object.assign(index.record.journal, { node6: index.record.journal.node1 }),
  ],
  [
    'a node of nowhere',
    'damaged',
    (index) => Object.assign(moment(index).nodes, { constructor: moment(index).nodes.node1 }),
  ],
  [
    'a node that is relative to one that there was not',
    'damaged',
    (index) => (moment(index, 1).nodes.node2 = moment(index, 1).nodes.node1),
  ],
  [
    'a journal that is relative to a node that there was not',
    'damaged',
    (index) => (index.record.journal.node3 = index.record.journal.node1),
  ],
  ['a first moment that is relative to another', 'damaged', (index) => (first(index).node.base = 'parent')],
  ['a node that changed its size', 'damaged', (index) => (first(index).node.profile = 'small')],
  [
    'a size that the release did not have',
    'damaged',
    (index) => (index.record.machine.overlays = { small: index.record.machine.overlays.standard }),
  ],
  [
    'memory relative to a disk',
    'damaged',
    (index) => {
      const { profile, base, blocks: written } = first(index).node;
      moment(index).nodes.node1 = { profile, base, blocks: written, state: 'crashed' };
    },
  ],
  ['memory of a node that is off', 'damaged', (index) => Object.assign(first(index).node, { state: 'off' })],
  [
    'a node that runs without memory',
    'damaged',
    (index) => Object.assign(first(index).node, { memory: undefined }),
  ],
];
