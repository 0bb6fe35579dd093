/** Takes a record's files somewhere else. */
import { DrydockError } from '../error.ts';
import type { KeptFile, KeptMemory, SessionRecord } from './record.ts';

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
  return {
    ...record,
    moments: await each(record.moments, async (moment) => ({
      ...moment,
      nodes: await each(moment.nodes, async ({ blocks, memory }) => ({
        blocks: await all(blocks, 'blocks'),
        memory: memory && (await memoryOf(memory)),
      })),
    })),
    journal: await each(record.journal, (files) => all(files, 'blocks')),
  };
}

/** One after the other, so that no more than one file is in memory. */
async function each<T, U>(items: readonly T[], change: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await change(item));
  return results;
}
