/** The folders of a place as they are open on the screen. */
import { asDrydockError, DrydockError } from '../../worker/error.ts';
import { stampOf, type Entry, type Look } from './entry.ts';
import type { FileSystem } from './file-system.ts';
import { ancestorsOf, isWithin, moved, parentOf } from './paths.ts';
import { rowsOf, type Draft, type Folders, type FolderState, type Row } from './rows.ts';

/** Whether there are rows. `failed` is that of the first look: later ones leave what was seen before. */
export type TreeState =
  { phase: 'idle' } | { phase: 'loading' } | { phase: 'shown' } | { phase: 'failed'; error: Error };

export class FileTree {
  readonly files: FileSystem;
  #folders = $state.raw<Folders>({});
  #open = $state.raw<readonly string[]>([]);
  #state = $state.raw<TreeState>({ phase: 'idle' });
  #beginning: Promise<void> = Promise.resolve();
  /** The key of the row that has, or last had, the focus. */
  selected = $state.raw<string>();
  /** The name that is being typed. */
  draft = $state.raw<Draft>();
  readonly rows: readonly Row[] = $derived(rowsOf(this.#folders, this.#open, this.draft));

  constructor(files: FileSystem) {
    this.files = files;
  }

  get state(): TreeState {
    return this.#state;
  }

  /** Folders whose contents are on the screen, or would be if those around them were open. */
  get openFolders(): string[] {
    return [...this.#open];
  }

  /** The entry at the selected row; undefined at a note, and at the root. */
  get selectedEntry(): Entry | undefined {
    const row = this.rows.find(({ key }) => key === this.selected);
    return row?.kind === 'entry' ? row.entry : undefined;
  }

  /** The folder that something new would be in: the selected one, or that of what is selected. */
  get currentFolder(): string {
    const row = this.rows.find(({ key }) => key === this.selected);
    if (row?.kind === 'note' || row?.kind === 'draft') return row.folder;
    if (!row) return '/';
    return row.entry.kind === 'folder' ? row.entry.path : parentOf(row.entry.path);
  }

  /** Shows the folders that one begins with, unless others are shown already; resolves when there are rows, or a failure. */
  begin(): Promise<void> {
    if (this.#state.phase === 'idle' || this.#state.phase === 'failed') this.#beginning = this.#begin();
    return this.#beginning;
  }

  async #begin(): Promise<void> {
    this.#state = { phase: 'loading' };
    try {
      const folders = (await this.files.startFolders()).flatMap((path) => [...ancestorsOf(path), path]);
      this.#open = unique(folders);
      this.#apply(await this.files.look(folders), folders);
      const last = folders.at(-1);
      this.selected = last === '/' ? this.rows[0]?.key : last;
      this.#state = { phase: 'shown' };
    } catch (thrown) {
      this.#state = { phase: 'failed', error: asError(thrown) };
    }
  }

  /** Forgets what was seen: the machine is another, or the container runs again. */
  clear(): void {
    this.#state = { phase: 'idle' };
    this.#folders = {};
    this.#open = [];
    this.selected = undefined;
    this.draft = undefined;
  }

  /** Opens a folder. */
  async open(path: string): Promise<void> {
    await this.#show([path]);
  }

  /** Closes a folder; those in it stay as they are for when it is opened again. */
  close(path: string): void {
    this.#open = this.#open.filter((each) => each !== path);
    if (this.selected !== undefined && this.rows.every(({ key }) => key !== this.selected))
      this.selected = path;
  }

  /** Opens the folders that lead to `path`, and that itself if it is one; it is selected then. */
  async reveal(path: string, kind: 'file' | 'folder'): Promise<void> {
    await this.#show([...ancestorsOf(path), ...(kind === 'folder' ? [path] : [])]);
    this.selected = path === '/' ? this.rows[0]?.key : path;
    this.#keepSelection();
  }

  /** Takes in what was found when all open folders were looked at. */
  take(looks: ReadonlyMap<string, Look>, asked: readonly string[]): void {
    if (this.#state.phase === 'shown') this.#apply(looks, asked);
  }

  /** A look has failed. What was seen before stays, except that of a container that has ended. */
  noteFailure(thrown: unknown): void {
    const error = asError(thrown);
    if (containerState(error) === undefined) return;
    this.clear();
    this.#state = { phase: 'failed', error };
  }

  /** Something was renamed: what was open in it stays so. */
  noteRename(from: string, to: string): void {
    const renamed = (path: string): string => (isWithin(path, from) ? moved(path, from, to) : path);
    this.#open = this.#open.map(renamed);
    this.#forget((path) => isWithin(path, from));
    if (this.selected !== undefined) this.selected = renamed(this.selected);
  }

  async #show(paths: readonly string[]): Promise<void> {
    const unknown = paths.filter((path) => this.#folders[path]?.phase !== 'listed');
    this.#open = unique([...this.#open, ...paths]);
    this.#set(unknown.map((path) => [path, { phase: 'loading' }]));
    try {
      this.#apply(await this.files.look(paths), paths);
    } catch (thrown) {
      const error = asError(thrown);
      this.#set(unknown.map((path) => [path, { phase: 'failed', error }]));
    }
  }

  #apply(looks: ReadonlyMap<string, Look>, asked: readonly string[]): void {
    const gone: string[] = [];
    const found: [string, FolderState][] = [];
    for (const path of asked) {
      const look = looks.get(path);
      if (look?.self.kind !== 'folder') gone.push(path);
      else if (!isSame(this.#folders[path], look)) found.push([path, { phase: 'listed', look }]);
    }
    if (gone.length > 0) {
      this.#open = this.#open.filter((path) => !gone.includes(path));
      this.#forget((path) => gone.includes(path));
    }
    if (found.length > 0) this.#set(found);
    if (gone.length > 0 || found.length > 0) this.#keepSelection();
  }

  #set(states: readonly (readonly [string, FolderState])[]): void {
    if (states.length > 0) this.#folders = { ...this.#folders, ...Object.fromEntries(states) };
  }

  #forget(which: (path: string) => boolean): void {
    this.#folders = Object.fromEntries(Object.entries(this.#folders).filter(([path]) => !which(path)));
  }

  /** Selects the nearest folder where what was selected is gone. */
  #keepSelection(): void {
    const { selected } = this;
    if (selected?.startsWith('/') !== true || this.rows.some(({ key }) => key === selected)) return;
    this.selected = ancestorsOf(selected).findLast((path) => this.rows.some(({ key }) => key === path));
  }
}

/** Why the files of a container cannot be had, if that is why. */
export function containerState(error: Error): 'stopped' | 'gone' | undefined {
  const state = error instanceof DrydockError ? error.details['container'] : undefined;
  return state === 'stopped' || state === 'gone' ? state : undefined;
}

function unique(paths: readonly string[]): string[] {
  return paths.filter((path, i) => paths.indexOf(path) === i);
}

/** Whether a folder is as it was: then nothing on the screen needs to be made anew. */
function isSame(before: FolderState | undefined, { self, entries, isCut }: Look): boolean {
  if (before?.phase !== 'listed') return false;
  const { look } = before;
  return (
    look.isCut === isCut &&
    stampOf(look.self) === stampOf(self) &&
    look.entries.length === entries.length &&
    look.entries.every((entry, i) => {
      const other = entries[i];
      return (
        other?.path === entry.path &&
        other.kind === entry.kind &&
        other.target === entry.target &&
        stampOf(other) === stampOf(entry)
      );
    })
  );
}

function asError(thrown: unknown): Error {
  return asDrydockError(thrown, 'internal', 'The folder could not be listed.');
}
