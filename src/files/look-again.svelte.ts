/**
 * Looks at open folders and files when they may be others than they were: after something was done in a terminal, when the
 * user comes back to the page, and at their word. One script of the machine looks at all that is open of a place.
 */
import { openFiles } from './open-files.svelte.ts';
import { placeKey } from './place.ts';
import { places } from './places.svelte.ts';
import type { FileSystem } from './file-system.ts';

/**
 * How long further reasons are waited for, in milliseconds. A line that is entered is one, and its output that has come to
 * rest, 700 ms later, another: a look costs the machine 11 Mi, so there is one for both.
 */
const SETTLE_MILLISECONDS = 900;

class LookAgain {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();
  /** The look after the one that is being had. */
  #next: Promise<void> | undefined;
  /** Whether the machine is being looked at, at the user's word. */
  isRefreshing = $state(false);

  /** Looks in a moment, once for all reasons that come until then. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      void this.now();
    }, SETTLE_MILLISECONDS);
  }

  /** Has no look that was to be had soon. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Looks at once, or, while that is being done, once more for all who ask meanwhile. */
  now(): Promise<void> {
    this.cancel();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return (this.#running = this.#look());
    });
    return this.#next;
  }

  /** The same, shown as under way. */
  async refresh(): Promise<void> {
    this.isRefreshing = true;
    try {
      const { tree } = places;
      if (tree.state.phase === 'failed' || tree.state.phase === 'idle') await tree.begin();
      else await this.now();
    } finally {
      this.isRefreshing = false;
    }
  }

  async #look(): Promise<void> {
    const { tree } = places;
    const shown = openFiles.shown?.files;
    await look(tree.files);
    // A file of another place than the tree's.
    if (shown && placeKey(shown.place) !== placeKey(tree.files.place)) await look(shown);
  }
}

/** Looks at all that is open of a place. Where that cannot be done, everything stays as it was last seen. */
async function look(files: FileSystem): Promise<void> {
  const tree = places.treeOf(files.place);
  const folders = tree.state.phase === 'shown' ? tree.openFolders : [];
  const open = openFiles.all
    .filter((file) => file.files === files)
    .map((file) => ({ file, path: file.path, revision: file.revision }));
  const paths = [...new Set([...folders, ...open.map(({ path }) => path)])];
  if (paths.length === 0) return;
  const looks = await files.look(paths).catch((error: unknown) => {
    tree.noteFailure(error);
    return undefined;
  });
  if (!looks) return;
  tree.take(looks, folders);
  for (const { file, path, revision } of open)
    if (file.path === path) await file.take(looks.get(path), revision);
}

export const lookAgain = new LookAgain();
