/** What happens when something of a tree is opened. */
import { messageOf } from '../../worker/error.ts';
import { toast } from 'svelte-sonner';
import type { Entry } from './entry.ts';
import { openFiles } from './open-files.svelte.ts';
import { isLegible } from './paths.ts';
import type { FileTree } from './tree.svelte.ts';

/** Opens a folder or closes it, shows a file, or follows a link to where it leads. */
export async function openEntry(tree: FileTree, entry: Entry, focus: 'editor' | 'stays'): Promise<void> {
  if (!isLegible(entry.path)) {
    toast.info('Its name is not UTF-8, so it can only be reached in a terminal.');
    return;
  }
  switch (entry.kind) {
    case 'folder':
      if (tree.openFolders.includes(entry.path)) tree.close(entry.path);
      else await tree.open(entry.path);
      break;
    case 'file':
      openFiles.open(tree.files, entry.path, focus);
      break;
    case 'link':
      await followLink(tree, entry, focus);
      break;
    case 'special':
      toast.info(`${entry.name} is a device, a socket or a pipe: there is nothing in it to show.`);
      break;
  }
}

async function followLink(tree: FileTree, { name, path }: Entry, focus: 'editor' | 'stays'): Promise<void> {
  try {
    const target = await tree.files.resolve(path);
    const kind = (await tree.files.look([target])).get(target)?.self.kind;
    if (kind === 'folder') await tree.reveal(target, 'folder');
    else if (kind === 'file') openFiles.open(tree.files, target, focus);
    else toast.info(`${name} leads to nothing that can be shown.`);
  } catch (error) {
    toast.error(`${name} could not be followed`, {
      description: messageOf(error),
    });
  }
}
