/** What the tests of kept sessions have in common. */
import { BLOCK_BYTES, decodeBlocks, mergeBlocks, NO_BLOCKS, type Blocks } from '../vm/blocks.ts';
import type { Capture, SavedMachine } from '../vm/keeping.ts';
import { expect } from 'vitest';
import { createSession } from './create.ts';
import type { NodeName } from '../net/lan.ts';
import type { ProfileName } from '../protocol.ts';
import { SessionFolder } from './files.ts';
import { Keeper, type MomentFacts, type NodeFacts } from './keeper.ts';
import { mapNodes, recordFiles, type Nodes, type SessionRecord } from './record.ts';
import { sessionStorageFull, type SessionStore } from './store.ts';

const released = (path: string) => ({ path, bytes: 10, sha256: 'a'.repeat(64) });

export const MACHINE: SessionRecord['machine'] = {
  build: 'build',
  disk: { bytes: 1000 * BLOCK_BYTES, chunkBytes: 65536, storedBytes: 1000, index: released('disk/index') },
  overlays: { standard: released('overlay'), small: released('overlay-small') },
};

export const PLACE = { title: 'Playground' };

export function newSession(
  store: SessionStore,
  nodes: Nodes<ProfileName> = { node1: 'standard' },
): Promise<string> {
  return createSession(store, { name: 'Test', place: PLACE, machine: MACHINE, machineId: 1, nodes });
}

/** Block `number` full of `value`, for each. */
export function blocks(content: Record<number, number>): Blocks {
  const numbers = Object.keys(content).map(Number);
  const bytes = new Uint8Array(numbers.length * BLOCK_BYTES);
  numbers.forEach((number, i) => bytes.fill(content[number] ?? 0, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
  return { numbers: Uint32Array.from(numbers), bytes };
}

/** Blocks that no compression makes smaller. */
export function noise(first: number, count: number): Blocks {
  const bytes = new Uint8Array(count * BLOCK_BYTES);
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return { numbers: Uint32Array.from({ length: count }, (_, i) => first + i), bytes };
}

/** The inverse of `blocks`. */
export function contentOf({ numbers, bytes }: Blocks): Record<number, number> {
  return Object.fromEntries([...numbers].map((number, i) => [number, bytes[i * BLOCK_BYTES] ?? 0]));
}

/** What files of blocks come to, laid one over the other. */
export async function laid(files: readonly Uint8Array[]): Promise<Record<number, number>> {
  return contentOf(mergeBlocks(await Promise.all(files.map((file) => decodeBlocks(file, 2 ** 32)))));
}

export interface Snapshot {
  over?: Capture['over'];
  disk?: Record<number, number>;
  pages?: Record<number, number>;
  core?: Record<number, number>;
}

export function capture({ over = 'checkpoint', disk, pages, core }: Snapshot = {}): Capture {
  return {
    at: Date.now(),
    over,
    blocks: disk ? blocks(disk) : NO_BLOCKS,
    pages: blocks(pages ?? { 1: 1 }),
    core: blocks(core ?? { 0: 1 }),
    state: {
      devices: Uint8Array.of(1, 2, 3),
      code: { coreBytes: 5000, valid: [1], later: [[2, Uint8Array.of(4)]] },
    },
  };
}

export function facts(
  kind: MomentFacts['kind'],
  label: string = kind,
  nodes: Nodes<NodeFacts['state']> = { node1: 'running' },
): MomentFacts {
  const screens = ['$ ls\r\nfile'];
  return { kind, label, place: PLACE, pause: 5, nodes: mapNodes(nodes, (state) => ({ state, screens })) };
}

/** Checks that a session is whole: every file that it names is there, and there are no others. */
export async function checkFiles(store: SessionStore, id: string): Promise<void> {
  const named = recordFiles(await new Keeper(store, id).record());
  const folder = new SessionFolder(store.files, id);
  for (const file of named) expect((await folder.read(file)).length).toBe(file.bytes);
  expect((await store.files.names(id)).sort()).toEqual(named.map(({ name }) => name).sort());
}

/** What a machine would begin with. */
export interface Beginning {
  disk: Record<number, number>;
  over?: 'release' | 'nothing';
  /** That is not on. */
  power?: 'off';
  pages?: Record<number, number>;
  core?: Record<number, number>;
}

export async function beginning(saved: SavedMachine | undefined): Promise<Beginning | undefined> {
  if (!saved) return undefined;
  const { memory, power } = saved;
  return {
    disk: await laid(saved.blocks),
    ...(power === 'off' && { power }),
    ...(memory && {
      over: memory.over,
      pages: await laid([...memory.pages, ...memory.newPages]),
      core: await laid([...memory.core, ...memory.newCore]),
    }),
  };
}

/** What a session gives to a machine that begins now. */
export async function begin(
  store: SessionStore,
  id: string,
  node: NodeName = 'node1',
): Promise<Beginning | undefined> {
  return beginning(await new Keeper(store, id).node(node).read());
}

/** `store`, but for writing: from the n-th time on it fails, as when the tab or the storage ends there. */
export function failing(store: SessionStore, n: number): SessionStore {
  let left = n;
  const attempt = <T>(action: () => Promise<T>): Promise<T> =>
    left-- > 0 ? action() : Promise.reject(sessionStorageFull(new Error('no room')));
  const { files, records } = store;
  return {
    ...store,
    files: {
      ...files,
      write: (path, bytes) => attempt(() => files.write(path, bytes)),
      remove: (session, names) => attempt(() => files.remove(session, names)),
      removeAll: (session) => attempt(() => files.removeAll(session)),
    },
    records: { ...records, change: (id, change) => attempt(() => records.change(id, change)) },
  };
}
