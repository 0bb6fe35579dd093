/** Files of the user's device go into a folder of a tree. */
import { fromEvent } from 'file-selector';
import { toast } from 'svelte-sonner';
import { plural } from '../app/format.ts';
import { MAX_TRANSFER_BYTES, type UploadFile } from './file-system.ts';
import { lookAgain } from './look-again.svelte.ts';
import { isSoundPath, join, nameOf } from './paths.ts';
import { fileTransfers } from './transfers.svelte.ts';
import type { FileTree } from './tree.svelte.ts';
import { sizeOf } from './upload.ts';

/** What to do where there are files of the same names. */
export type OverwriteAnswer = 'overwrite' | 'skip' | 'cancel';

/** The question, while it waits for the user. */
export interface OverwriteQuestion {
  folder: string;
  /** Paths from the folder on. */
  taken: readonly string[];
  /** How many files there are in all. */
  count: number;
  answer: (answer: OverwriteAnswer) => void;
}

class Uploads {
  question = $state.raw<OverwriteQuestion>();

  /** Takes what was dropped or chosen in `event`, folders with all that is in them. */
  async take(tree: FileTree, folder: string, event: Event): Promise<void> {
    const given = (await fromEvent(event)).filter((file) => file instanceof File);
    const files = given.map((file) => ({ path: file.path.replace(/^\.?\/+/, ''), file }));
    const sound = files.filter(({ path }) => isSoundPath(join(folder, path)));
    if (sound.length < files.length)
      toast.error(`${plural(files.length - sound.length, 'file')} of a name that the machine cannot have`);
    // A question that is open has to be answered first.
    if (sound.length > 0 && !this.question) await this.#upload(tree, folder, sound);
  }

  async #upload(tree: FileTree, folder: string, files: UploadFile[]): Promise<void> {
    if (sizeOf(files) > MAX_TRANSFER_BYTES) {
      toast.error(`At most ${MAX_TRANSFER_BYTES >> 20} MB can be uploaded at once`);
      return;
    }
    const [first] = files;
    const title = `Uploading ${files.length === 1 && first ? nameOf(first.path) : plural(files.length, 'file')}`;
    await fileTransfers.run(title, async (options) => {
      options.onProgress({ doneBytes: 0, totalBytes: sizeOf(files) });
      const wanted = await this.#withoutSkipped(tree, folder, files);
      if (wanted.length > 0) await tree.files.upload(folder, wanted, options);
    });
    // Some may have come also where it failed.
    await tree.open(folder);
    await lookAgain.now();
  }

  /** Those that are to be uploaded, after the user was asked about those that are there already. */
  async #withoutSkipped(tree: FileTree, folder: string, files: UploadFile[]): Promise<UploadFile[]> {
    const existing = new Set(await tree.files.existing(files.map(({ path }) => join(folder, path))));
    const taken = files.map(({ path }) => path).filter((path) => existing.has(join(folder, path)));
    if (taken.length === 0) return files;
    const answer = await new Promise<OverwriteAnswer>((resolve) => {
      this.question = { folder, taken, count: files.length, answer: resolve };
    });
    this.question = undefined;
    if (answer === 'overwrite') return files;
    return answer === 'skip' ? files.filter(({ path }) => !taken.includes(path)) : [];
  }
}

export const uploads = new Uploads();
