/**
 * A file that is open in the editor. What is typed stays here whatever the machine does; what the machine does to the file is
 * noticed by when it changed and by its size, which are remembered of the last time that both were the same.
 */
import { asDrydockError, DrydockError } from '../../worker/error.ts';
import { contentOf, maxBytes, type Refusal } from './content.ts';
import { stampOf, type Look } from './entry.ts';
import type { FileSystem, Ownership } from './file-system.ts';
import { isOfKernel, nameOf } from './paths.ts';
import { placeKey } from './place.ts';

/** What is shown of the file. */
export type FileState =
  | { phase: 'loading' }
  | { phase: 'text'; text: string }
  | { phase: 'image'; url: string }
  | { phase: 'refused'; why: Refusal; size: number }
  | { phase: 'failed'; error: Error };

/** What the user has to know, or decide. */
export type FileNotice =
  /** It is another than the one that was opened, and what was typed is not in it. */
  | { kind: 'changed' }
  /** It is not there any more. */
  | { kind: 'gone' }
  | { kind: 'not-saved'; error: Error };

/** The editor's end of a file, once it has been shown. */
export interface TextEditing {
  /** What is to be saved, and what to hand back when it is. */
  snapshot(): { text: string; version: unknown };
  /** Whether what was typed since differs from `version` is told from now on. */
  markSaved(version: unknown): void;
  /** Shows what is in the machine. */
  replace(text: string): void;
  /** Takes the keyboard; false while no editor shows it. */
  focus(): boolean;
  /** The name may mean another language. */
  rename(name: string): void;
}

export class OpenFile {
  readonly files: FileSystem;
  #path = $state.raw('');
  #state = $state.raw<FileState>({ phase: 'loading' });
  #notice = $state.raw<FileNotice>();
  #isModified = $state(false);
  #isNew = $state(false);
  /** A save has begun to change the file, and has failed. */
  #isHalfSaved = false;
  #isSaving = $state(false);
  /** Where the editor comes in. */
  editing: TextEditing | undefined;
  /** The keyboard is to be the editor's as soon as it is there. */
  wantsFocus = false;
  /** Of the file as it was when it was loaded or saved last; undefined while there is none. */
  #known: string | undefined;
  #revision = 0;
  #ownership: Ownership = { mode: 0o644, uid: 0, gid: 0 };
  #turn: Promise<unknown> = Promise.resolve();

  constructor(files: FileSystem, path: string) {
    this.files = files;
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  get name(): string {
    return nameOf(this.#path);
  }

  /** Tells it from all other files. */
  get key(): string {
    return `${placeKey(this.files.place)}:${this.#path}`;
  }

  get state(): FileState {
    return this.#state;
  }

  get notice(): FileNotice | undefined {
    return this.#notice;
  }

  /** Whether closing it would lose something. */
  get isUnsaved(): boolean {
    return this.#isModified;
  }

  /** There is none in the machine yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  get isSaving(): boolean {
    return this.#isSaving;
  }

  /** The editor tells whether its text is that of the machine. */
  noteModified(isModified: boolean): void {
    this.#isModified = isModified;
  }

  /** It has another path, since it or a folder was renamed. */
  noteRename(path: string): void {
    this.#path = path;
    this.editing?.rename(this.name);
  }

  dismissNotice(): void {
    this.#notice = undefined;
  }

  /** Reads the file; what goes wrong is found in its state. */
  load(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#read(await this.#look());
      } catch (thrown) {
        this.#state = { phase: 'failed', error: asError(thrown) };
      }
    });
  }

  /**
   * Saves the text, unless the file is another than the one that was opened: a notice says so then.
   * @param how whether to save it all the same
   * @returns whether it is saved
   */
  save(how: 'carefully' | 'anyway' = 'carefully'): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#state.phase !== 'text') return false;
      this.#isSaving = true;
      try {
        return await this.#save(how);
      } catch (thrown) {
        this.#notice = { kind: 'not-saved', error: asError(thrown) };
        return false;
      } finally {
        this.#isSaving = false;
      }
    });
  }

  /** Takes what is in the machine in place of what was typed, which the editor's Undo has still. */
  async loadTheirs(): Promise<void> {
    await this.#reload('what was typed too');
  }

  async #reload(over: 'what was typed too' | 'unmodified text only'): Promise<void> {
    await this.#inTurn(async () => {
      try {
        this.#notice = undefined;
        await this.#read(await this.#look(), over);
      } catch (thrown) {
        this.#notice = { kind: 'not-saved', error: asError(thrown) };
      }
    });
  }

  /** Another number each time that the file was loaded or saved. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Takes in what was found when the file was looked at.
   * @param revision what the file's was when the look began: it may have been saved meanwhile
   */
  async take(look: Look | undefined, revision: number): Promise<void> {
    if (this.#isSaving || this.#state.phase === 'loading' || revision !== this.#revision) return;
    const stamp = this.#stampOf(look);
    // What is there of a save that failed is ours.
    if (this.#isHalfSaved) return;
    if (stamp === this.#known) {
      if (this.#notice?.kind === 'changed' || this.#notice?.kind === 'gone') this.#notice = undefined;
      return;
    }
    if (!look) this.#notice = { kind: 'gone' };
    else if (this.#isModified) this.#notice = { kind: 'changed' };
    else await this.#reload('unmodified text only');
  }

  /** Lets go of what the browser keeps for it. */
  end(): void {
    if (this.#state.phase === 'image') URL.revokeObjectURL(this.#state.url);
  }

  async #look(): Promise<Look | undefined> {
    return (await this.files.look([this.#path])).get(this.#path);
  }

  async #read(
    look: Look | undefined,
    over: 'what was typed too' | 'unmodified text only' = 'what was typed too',
  ): Promise<void> {
    if (over === 'unmodified text only' && this.#isOvertaken(look)) return;
    if (!look) {
      this.#know(undefined);
      this.#isNew = true;
      this.#show('');
      return;
    }
    const { kind, size } = look.self;
    if (kind !== 'file')
      throw new DrydockError(
        'wrong-state',
        `${this.#path} is ${kind === 'folder' ? 'a folder' : 'no file'}.`,
      );
    this.#isNew = false;
    this.#ownership = look.self;
    if (size > maxBytes(this.name)) {
      this.#know(look);
      this.#state = { phase: 'refused', why: 'large', size };
      return;
    }
    const bytes = await this.files.read(this.#path);
    if (over === 'unmodified text only' && this.#isOvertaken(look)) return;
    this.#know(look);
    const content = contentOf(this.name, bytes);
    this.end();
    if (content.kind === 'text') this.#show(content.text);
    else if (content.kind === 'image')
      this.#state = { phase: 'image', url: URL.createObjectURL(new Blob([bytes], { type: content.type })) };
    else this.#state = { phase: 'refused', why: content.why, size };
  }

  /** Whether the user was quicker than the look at the file, or the file is gone: then it is for them to decide. */
  #isOvertaken(look: Look | undefined): boolean {
    if (!look) this.#notice = { kind: 'gone' };
    else if (this.#isModified) this.#notice = { kind: 'changed' };
    return !look || this.#isModified;
  }

  #know(look: Look | undefined): void {
    this.#isHalfSaved = false;
    this.#known = this.#stampOf(look);
    this.#revision++;
  }

  #stampOf(look: Look | undefined): string | undefined {
    return look && (isOfKernel(this.#path) ? 'kernel' : stampOf(look.self));
  }

  #show(text: string): void {
    this.editing?.replace(text);
    this.#isModified = false;
    this.#state = { phase: 'text', text };
  }

  async #save(how: 'carefully' | 'anyway'): Promise<boolean> {
    if (this.#state.phase !== 'text') return false;
    const before = await this.#look();
    if (how === 'carefully' && !this.#isHalfSaved && this.#stampOf(before) !== this.#known) {
      this.#notice = before ? { kind: 'changed' } : { kind: 'gone' };
      return false;
    }
    if (before && before.self.kind !== 'file')
      throw new DrydockError('wrong-state', `${this.#path} is no file any more.`);
    const { text, version } = this.editing?.snapshot() ?? { text: this.#state.text, version: undefined };
    const bytes = new TextEncoder().encode(text);
    this.#isHalfSaved = true;
    if (before) this.#ownership = before.self;
    else await this.files.createFile(this.#path);
    await this.files.write(this.#path, bytes, this.#ownership);
    const after = await this.#look();
    if (after?.self.size !== bytes.length && !isOfKernel(this.#path))
      throw new DrydockError(
        'storage-full',
        'Not all of it was written. The disk of the machine may be full.',
      );
    this.#know(after);
    this.#isNew = false;
    this.#notice = undefined;
    this.editing?.markSaved(version);
    return true;
  }

  /** What is done with the file is done one after another. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function asError(thrown: unknown): Error {
  return asDrydockError(thrown, 'internal', 'Something went wrong with the file.');
}
