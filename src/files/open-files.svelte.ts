/** The files that are open in the editor, in the order of their tabs. They outlive the pane that shows them. */
import { sidePane } from '../workspace/side-pane.svelte.ts';
import type { FileSystem } from './file-system.ts';
import { OpenFile } from './open-file.svelte.ts';
import { isWithin, moved } from './paths.ts';
import { placeKey } from './place.ts';
import { treeFocus } from './tree-focus.svelte.ts';

/** What a narrow pane shows: it has room for one of both. */
export type NarrowView = 'tree' | 'editor';

class OpenFiles {
  #all = $state.raw<readonly OpenFile[]>([]);
  #shown = $state.raw<OpenFile>();
  /** The unsaved one that is to be closed, while the user is asked about it. */
  closing = $state.raw<OpenFile>();
  narrowView = $state.raw<NarrowView>('tree');

  constructor() {
    window.addEventListener('beforeunload', (event) => {
      if (this.#all.some(({ isUnsaved }) => isUnsaved)) event.preventDefault();
    });
  }

  get all(): readonly OpenFile[] {
    return this.#all;
  }

  get shown(): OpenFile | undefined {
    return this.#shown;
  }

  /** Opens a file, or shows it if it is open. `path` has no link in it. */
  open(files: FileSystem, path: string, focus: 'editor' | 'stays' = 'editor'): OpenFile {
    const key = `${placeKey(files.place)}:${path}`;
    let file = this.#all.find((each) => each.key === key);
    if (!file) {
      file = new OpenFile(files, path);
      this.#all = [...this.#all, file];
      void file.load();
    } else if (file.state.phase === 'failed') void file.load();
    if (focus === 'editor') file.wantsFocus = true;
    this.show(file);
    return file;
  }

  show(file: OpenFile): void {
    this.#shown = file;
    this.narrowView = 'editor';
    sidePane.tool = 'files';
    if (file.wantsFocus) this.focusShown();
  }

  /** Has the keyboard go to the editor, now or as soon as it is there. */
  focusShown(): void {
    const file = this.#shown;
    if (!file) return;
    file.wantsFocus = true;
    requestAnimationFrame(() => {
      if (file === this.#shown && file.editing?.focus()) file.wantsFocus = false;
    });
  }

  /** Has the keyboard go on where something is left of what it was in: the editor, or the tree. */
  focusNext(): void {
    if (this.#shown) this.focusShown();
    else treeFocus.isWanted = true;
  }

  /** Closes a file; asks first where something would be lost. */
  close(file: OpenFile): void {
    if (file.isUnsaved) this.closing = file;
    else this.discard(file);
  }

  /** Closes a file, whatever is unsaved of it. */
  discard(file: OpenFile): void {
    if (this.closing === file) this.closing = undefined;
    const at = this.#all.indexOf(file);
    this.#all = this.#all.filter((each) => each !== file);
    file.end();
    if (this.#shown !== file) return;
    this.#shown = this.#all[at] ?? this.#all.at(-1);
    if (!this.#shown) this.narrowView = 'tree';
  }

  /** Those of a place that are at `path`, or in the folder that it is. */
  within(files: FileSystem, path: string): OpenFile[] {
    return this.#all.filter((file) => file.files === files && isWithin(file.path, path));
  }

  /** Something was renamed: what is open of it goes on under its new path. */
  noteRename(files: FileSystem, from: string, to: string): void {
    for (const file of this.within(files, from)) file.noteRename(moved(file.path, from, to));
    this.#all = [...this.#all];
  }
}

export const openFiles = new OpenFiles();
