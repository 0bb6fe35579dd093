/** Makes what a moment has of one node, of what its machine has handed over. */
import { DrydockError } from '../error.ts';
import type { Blocks } from '../vm/blocks.ts';
import type { Capture } from '../vm/keeping.ts';
import { followed } from './changes.ts';
import type { SessionFolder } from './files.ts';
import { encodeState } from './machine-state.ts';
import { memoryOf, type KeptFile, type NodeJournal, type NodeMoment } from './record.ts';

/** @param latest what was saved last, in the place of which it comes */
export async function runningNode(
  folder: SessionFolder,
  journal: NodeJournal,
  { over, pages, core, state }: Capture,
  latest: NodeMoment | undefined,
  screens: string[],
): Promise<NodeMoment> {
  const disk = await diskOf(folder, journal, latest);
  const before = over === 'latest' && journal.base === 'parent' ? memoryOf(latest) : undefined;
  if (over === 'latest' && !before)
    throw new DrydockError('wrong-state', 'What was saved last of this machine is not there.');
  return {
    ...disk,
    state: 'running',
    memory: {
      whole: before?.whole ?? over === 'nothing',
      pages: await add(folder, before?.pages, pages),
      core: await add(folder, before?.core, core),
      state: await folder.writePlain(encodeState(state)),
      screens,
    },
  };
}

/** A node whose power is off. */
export async function offNode(
  folder: SessionFolder,
  journal: NodeJournal,
  latest: NodeMoment | undefined,
): Promise<NodeMoment> {
  return { ...(await diskOf(folder, journal, latest)), state: 'off' };
}

/** A node with what an earlier moment held that goes. */
export async function joined(
  folder: SessionFolder,
  gone: NodeMoment | undefined,
  node: NodeMoment,
): Promise<NodeMoment> {
  if (node.base === 'release' || !gone) return node;
  const disk = { base: gone.base, blocks: await folder.compact([...gone.blocks, ...node.blocks]) };
  const [old, memory] = [memoryOf(gone), memoryOf(node)];
  if (node.state !== 'running' || !old || !memory || memory.whole) return { ...node, ...disk };
  return {
    ...node,
    ...disk,
    memory: {
      ...memory,
      whole: old.whole,
      pages: await folder.compact([...old.pages, ...memory.pages]),
      core: await folder.compact([...old.core, ...memory.core]),
    },
  };
}

async function diskOf(folder: SessionFolder, journal: NodeJournal, latest: NodeMoment | undefined) {
  const { base, blocks } = followed(journal, latest);
  return { profile: journal.profile, base, blocks: await folder.compact(blocks) };
}

/** Files with blocks laid over what is in them. */
async function add(
  folder: SessionFolder,
  files: readonly KeptFile[] = [],
  blocks: Blocks,
): Promise<KeptFile[]> {
  return folder.compact([...files, ...(await folder.writeBlocks(blocks))]);
}
