/** Files of the user's device go into a folder of a tree. */
import { messageOf } from '../../worker/error.ts';
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
  /** Resolves when no question is open. */
  #asking: Promise<unknown> = Promise.resolve();

  /** Takes what was dropped or chosen in `event`, folders with all that is in them. */
  async take(tree: FileTree, folder: string, event: Event): Promise<void> {
    let given;
    try {
      given = (await fromEvent(event)).filter((file) => file instanceof File);
    } catch (error) {
      toast.error('The browser could not read what is to be uploaded', {
        description: messageOf(error),
      });
      return;
    }
    const files = given.map((file) => ({ path: file.path.replace(/^\.?\/+/, ''), file }));
    const sound = files.filter(({ path }) => isSoundPath(join(folder, path)));
    if (sound.length < files.length)
      toast.error(`${plural(files.length - sound.length, 'file')} of a name that the machine cannot have`);
    if (sound.length > 0) await this.#upload(tree, folder, sound);
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
      const wanted = await this.#withoutSkipped(tree, folder, files, options.signal);
      if (wanted.length > 0) await tree.files.upload(folder, wanted, options);
    });
    // Some may have come also where it failed.
    await tree.open(folder);
    await lookAgain.now();
  }

  /** Those that are to be uploaded, after the user was asked about those that are there already. */
  async #withoutSkipped(
    tree: FileTree,
    folder: string,
    files: UploadFile[],
    signal: AbortSignal,
  ): Promise<UploadFile[]> {
    const existing = new Set(await tree.files.existing(files.map(({ path }) => join(folder, path))));
    const taken = files.map(({ path }) => path).filter((path) => existing.has(join(folder, path)));
    if (taken.length === 0) return files;
    const answer = await this.#ask({ folder, taken, count: files.length }, signal);
    if (answer === 'overwrite') return files;
    return answer === 'skip' ? files.filter(({ path }) => !taken.includes(path)) : [];
  }

  /** Asks one question after another; one of an upload that is cancelled is not asked any longer. */
  #ask(question: Omit<OverwriteQuestion, 'answer'>, signal: AbortSignal): Promise<OverwriteAnswer> {
    const answered = this.#asking.then(() => {
      if (signal.aborted) return 'cancel';
      return new Promise<OverwriteAnswer>((answer) => {
        this.question = { ...question, answer };
        signal.addEventListener('abort', () => {
          answer('cancel');
        });
      });
    });
    this.#asking = answered.then(() => {
      this.question = undefined;
    });
    return answered;
  }
}

export const uploads = new Uploads();
