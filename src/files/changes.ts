/** What the user changes in a tree: new files and folders, other names, deletions. */
import { messageOf } from '../../worker/error.ts';
import { toast } from 'svelte-sonner';
import type { Entry } from './entry.ts';
import type { Trashed } from './file-system.ts';
import { lookAgain } from './look-again.svelte.ts';
import { openFiles } from './open-files.svelte.ts';
import { join, nameOf, parentOf } from './paths.ts';
import type { FileTree } from './tree.svelte.ts';

/** How long a deletion can be undone from its message, in milliseconds. What was deleted stays in the trash. */
const UNDO_MILLISECONDS = 12_000;

/** Makes a file or a folder in the place of the name that was being typed. */
export async function create(
  tree: FileTree,
  what: 'new-file' | 'new-folder',
  folder: string,
  name: string,
): Promise<void> {
  const path = join(folder, name);
  await told(`${name} could not be made`, async () => {
    if (what === 'new-file') await tree.files.createFile(path);
    else await tree.files.createFolder(path);
    await tree.reveal(path, what === 'new-file' ? 'file' : 'folder');
    if (what === 'new-file') openFiles.open(tree.files, path);
  });
}

/** Gives something another name in its folder. */
export async function rename(tree: FileTree, path: string, name: string): Promise<void> {
  const to = join(parentOf(path), name);
  if (to === path) return;
  await told(`${nameOf(path)} could not be renamed`, async () => {
    await tree.files.rename(path, to);
    tree.noteRename(path, to);
    openFiles.noteRename(tree.files, path, to);
    await lookAgain.now();
  });
}

/** Moves something to the trash, with a way back. Files that are open of it, and have nothing unsaved, are closed. */
export async function remove(tree: FileTree, { path, name }: Entry): Promise<void> {
  await told(`${name} could not be deleted`, async () => {
    const trashed = await tree.files.trash(path);
    for (const file of openFiles.within(tree.files, path)) if (!file.isUnsaved) openFiles.discard(file);
    toast.success(`${name} is in the trash`, {
      duration: UNDO_MILLISECONDS,
      action: { label: 'Undo', onClick: () => void restore(tree, trashed) },
    });
    await lookAgain.now();
  });
}

async function restore(tree: FileTree, trashed: Trashed): Promise<void> {
  await told(`${nameOf(trashed.path)} could not be brought back`, async () => {
    await tree.files.restore(trashed);
    await tree.reveal(trashed.path, 'file');
    await lookAgain.now();
  });
}

/** Tells the user if `action` fails. */
async function told(title: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    toast.error(title, { description: messageOf(error) });
  }
}
