/** What a machine of a session begins with, as its record and files have it. */
import { DrydockError } from '../error.ts';
import type { NodeName } from '../net/lan.ts';
import { BLOCK_BYTES } from '../vm/blocks.ts';
import type { SavedMachine, SavedMemory } from '../vm/keeping.ts';
import { decompress } from '../vm/zstd.ts';
import type { SessionFolder } from './files.ts';
import { decodeState } from './machine-state.ts';
import {
  latestOf,
  memoryOf,
  nodeLineage,
  type KeptFile,
  type NodeMoment,
  type SessionRecord,
} from './record.ts';

/**
 * How a machine comes back: from its memory if that can be; by a boot from its disk; or by a boot since the release that
 * the session was made from is no longer that of the site, whose memory and fresh machine do not fit its disk.
 */
export type ComingBack = 'as-it-was' | 'boots' | 'boots-of-old';

/**
 * @returns undefined for a fresh machine
 * @throws DrydockError `damaged-file`; `wrong-state` for a node that there is not
 */
export async function readNode(
  folder: SessionFolder,
  record: SessionRecord,
  name: NodeName,
  how: ComingBack,
): Promise<SavedMachine | undefined> {
  const journal = record.journal[name];
  if (!journal) throw new DrydockError('wrong-state', `There is no ${name} in this session.`);
  const line = nodeLineage(record, name);
  const isFresh = line.length === 0 && journal.blocks.length === 0 && journal.state === 'running';
  if (isFresh && how === 'as-it-was') return undefined;
  const { disk, overlays } = record.machine;
  const overlay = overlays[journal.profile];
  if (!overlay) throw new DrydockError('damaged-file', 'The record of this session is damaged.');
  const goesOn = how === 'as-it-was' && journal.state === 'running' && journal.blocks.length === 0;
  return {
    power: journal.state === 'off' ? 'off' : 'on',
    disk: { disk, overlay },
    blocks: await folder.readAll([...line.flatMap(({ blocks }) => blocks), ...journal.blocks]),
    memory: goesOn ? await readMemory(folder, line, latestOf(record)?.nodes[name]) : undefined,
  };
}

async function readMemory(
  folder: SessionFolder,
  line: readonly NodeMoment[],
  latest: NodeMoment | undefined,
): Promise<SavedMemory | undefined> {
  const last = memoryOf(line.at(-1));
  if (!last) return undefined;
  const own = memoryOf(latest);
  const memories = line.flatMap((node) => memoryOf(node) ?? []);
  // What was before a memory that is whole has no part in it.
  const first = memories.findLastIndex(({ whole }) => whole);
  const earlier = memories.slice(Math.max(first, 0)).filter((memory) => memory !== own);
  const read = (files: readonly KeptFile[]) => folder.readAll(files);
  const newFiles = [...(own?.pages ?? []), ...(own?.core ?? [])];
  return {
    over: first < 0 ? 'release' : 'nothing',
    pages: await read(earlier.flatMap(({ pages }) => pages)),
    newPages: await read(own?.pages ?? []),
    core: await read(earlier.flatMap(({ core }) => core)),
    newCore: await read(own?.core ?? []),
    newBlocks: newFiles.reduce((sum, { plain }) => sum + Math.floor(plain / (4 + BLOCK_BYTES)), 0),
    state: decodeState(await decompress(await folder.read(last.state))),
    screens: last.screens,
  };
}
