/** Takes a record's files somewhere else. */
import { DrydockError } from '../error.ts';
import {
  nodesOf,
  type KeptFile,
  type KeptMemory,
  type NodeMoment,
  type Nodes,
  type SessionRecord,
} from './record.ts';

/** What is in a file: blocks of the disk, of the guest's memory or of the emulator's own, or a machine's state. */
export type Content = 'blocks' | 'pages' | 'core' | 'state';

/**
 * The record with each file replaced by what `change` makes of it. One that is named in several places is changed once.
 * @throws what `change` throws; DrydockError `damaged-file` for a record that has one file for two things
 */
export async function mapFiles(
  record: SessionRecord,
  change: (file: KeptFile, content: Content) => Promise<KeptFile>,
): Promise<SessionRecord> {
  const changed = new Map<string, { content: Content; file: KeptFile }>();
  const one = async (file: KeptFile, content: Content): Promise<KeptFile> => {
    const known = changed.get(file.name);
    if (known && known.content !== content)
      throw new DrydockError('damaged-file', 'The record of this session is damaged.', { file: file.name });
    if (known) return known.file;
    const result = await change(file, content);
    changed.set(file.name, { content, file: result });
    return result;
  };
  const all = (files: readonly KeptFile[], content: Content) => each(files, (file) => one(file, content));
  const memoryOf = async (memory: KeptMemory): Promise<KeptMemory> => ({
    ...memory,
    pages: await all(memory.pages, 'pages'),
    core: await all(memory.core, 'core'),
    state: await one(memory.state, 'state'),
  });
  const nodeOf = async (node: NodeMoment): Promise<NodeMoment> => {
    const blocks = await all(node.blocks, 'blocks');
    return node.state === 'running'
      ? { ...node, blocks, memory: await memoryOf(node.memory) }
      : { ...node, blocks };
  };
  return {
    ...record,
    moments: await each(record.moments, async (moment) => ({
      ...moment,
      nodes: await eachNode(moment.nodes, nodeOf),
    })),
    journal: await eachNode(record.journal, async (node) => ({
      ...node,
      blocks: await all(node.blocks, 'blocks'),
    })),
  };
}

async function eachNode<T, U>(nodes: Nodes<T>, change: (node: T) => Promise<U>): Promise<Nodes<U>> {
  return Object.fromEntries(
    await each(nodesOf(nodes), async ([name, node]) => [name, await change(node)] as const),
  );
}

/** One after the other, so that no more than one file is in memory. */
async function each<T, U>(items: readonly T[], change: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await change(item));
  return results;
}
