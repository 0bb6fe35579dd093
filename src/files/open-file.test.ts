import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeFiles } from './node-files.ts';
import { OpenFile, type TextEditing } from './open-file.svelte.ts';
import { LocalNode } from './testing.ts';

/** An editor without a screen. */
class FakeEditing implements TextEditing {
  text = '';
  #saved = '';

  constructor(readonly file: OpenFile) {
    file.editing = this;
    if (file.state.phase === 'text') this.text = this.#saved = file.state.text;
  }

  type(text: string): void {
    this.text = text;
    this.file.noteModified(text !== this.#saved);
  }

  snapshot(): { text: string; version: unknown } {
    return { text: this.text, version: this.text };
  }

  markSaved(version: unknown): void {
    this.#saved = version as string;
    this.file.noteModified(this.text !== this.#saved);
  }

  replace(text: string): void {
    this.text = this.#saved = text;
  }

  focus(): boolean {
    return true;
  }

  rename(): void {
    // It has no language.
  }
}

let node: LocalNode;
let files: NodeFiles;
const path = (): string => join(node.folder, 'file.txt');
const onDisk = (): string => readFileSync(path(), 'utf-8');

async function opened(): Promise<{ file: OpenFile; editing: FakeEditing }> {
  const file = new OpenFile(files, path());
  await file.load();
  return { file, editing: new FakeEditing(file) };
}

async function lookAt(file: OpenFile): Promise<void> {
  const { revision } = file;
  await file.take((await files.look([file.path])).get(file.path), revision);
}

beforeEach(() => {
  node = new LocalNode();
  files = new NodeFiles({ node: 'node1', container: undefined }, node.guest);
  writeFileSync(path(), 'one', { mode: 0o640 });
});
afterEach(() => {
  node.end();
});

describe('an open file', () => {
  it('is saved as it was typed, with its permissions', async () => {
    const { file, editing } = await opened();
    expect(file.state).toEqual({ phase: 'text', text: 'one' });
    editing.type('two\r\n');
    expect(file.isUnsaved).toBe(true);
    expect(await file.save()).toBe(true);
    expect(file.isUnsaved).toBe(false);
    expect(onDisk()).toBe('two\r\n');
    expect(node.modeOf(path())).toBe(0o640);
    editing.type('three');
    expect(await file.save()).toBe(true);
  });

  it('that changed meanwhile is not overwritten without a word', async () => {
    const { file, editing } = await opened();
    editing.type('mine');
    writeFileSync(path(), 'theirs');
    expect(await file.save()).toBe(false);
    expect(file.notice).toEqual({ kind: 'changed' });
    expect(onDisk()).toBe('theirs');
    expect(await file.save('anyway')).toBe(true);
    expect(onDisk()).toBe('mine');
    expect(file.notice).toBeUndefined();
  });

  it('takes theirs when that is wanted', async () => {
    const { file, editing } = await opened();
    editing.type('mine');
    writeFileSync(path(), 'theirs');
    await lookAt(file);
    expect(file.notice).toEqual({ kind: 'changed' });
    expect(editing.text).toBe('mine');
    await file.loadTheirs();
    expect(editing.text).toBe('theirs');
    expect(file.isUnsaved).toBe(false);
    expect(file.notice).toBeUndefined();
  });

  it('with nothing unsaved follows the machine by itself', async () => {
    const { file, editing } = await opened();
    writeFileSync(path(), 'theirs');
    await lookAt(file);
    expect(editing.text).toBe('theirs');
    expect(file.notice).toBeUndefined();
  });

  it('is not taken for changed by a look that is older than its last save', async () => {
    const { file, editing } = await opened();
    const { revision } = file;
    const look = (await files.look([path()])).get(path());
    editing.type('two');
    await file.save();
    editing.type('three');
    await file.take(look, revision);
    expect(file.notice).toBeUndefined();
  });

  it('that is gone can be made again', async () => {
    const { file, editing } = await opened();
    editing.type('mine');
    rmSync(path());
    expect(await file.save()).toBe(false);
    expect(file.notice).toEqual({ kind: 'gone' });
    expect(await file.save('anyway')).toBe(true);
    expect(onDisk()).toBe('mine');
    rmSync(path());
    await lookAt(file);
    expect(file.notice).toEqual({ kind: 'gone' });
    writeFileSync(path(), 'back');
    await lookAt(file);
    expect(file.notice).toBeUndefined();
    expect(editing.text).toBe('back');
  });

  it('that is new is made when it is saved', async () => {
    rmSync(path());
    const { file, editing } = await opened();
    expect(file.isNew).toBe(true);
    editing.type('new');
    await file.save();
    expect(onDisk()).toBe('new');
    expect(node.modeOf(path())).toBe(0o644);
    expect(file.isNew).toBe(false);
  });

  it('loses nothing where the machine does not answer', async () => {
    const { file, editing } = await opened();
    editing.type('mine');
    node.phase = 'paused';
    expect(await file.save()).toBe(false);
    expect(file.notice).toMatchObject({ kind: 'not-saved' });
    expect(editing.text).toBe('mine');
    expect(file.isUnsaved).toBe(true);
    node.phase = 'running';
    expect(await file.save()).toBe(true);
    expect(file.notice).toBeUndefined();
  });

  it('says so where the disk took only a part of it', async () => {
    const { file, editing } = await opened();
    const writeFile = node.writeFile.bind(node);
    editing.type('much');
    node.writeFile = (to, bytes) => {
      writeFileSync(to, bytes.slice(0, 1));
      return Promise.resolve();
    };
    expect(await file.save()).toBe(false);
    expect(file.notice).toMatchObject({ kind: 'not-saved' });
    expect(file.isUnsaved).toBe(true);
    // What is there now is ours: another try is no conflict.
    await lookAt(file);
    expect(file.notice).toMatchObject({ kind: 'not-saved' });
    node.writeFile = writeFile;
    expect(await file.save()).toBe(true);
    expect(onDisk()).toBe('much');
  });

  it('of the kernel has no time and no size to be known by', async () => {
    const file = new OpenFile(files, '/proc/self/comm');
    await file.load();
    expect(file.state.phase).toBe('text');
    const editing = new FakeEditing(file);
    editing.type('name');
    // Each process has one of its own.
    await lookAt(file);
    expect(file.notice).toBeUndefined();
    expect(await file.save()).toBe(true);
  });

  it('is not opened where it is no text', async () => {
    writeFileSync(path(), Uint8Array.of(0x7f, 0, 1));
    const { file } = await opened();
    expect(file.state).toEqual({ phase: 'refused', why: 'binary', size: 3 });
    expect(await file.save()).toBe(false);
    expect(existsSync(path())).toBe(true);
  });

  it('that is a folder is refused with words', async () => {
    const file = new OpenFile(files, node.folder);
    await file.load();
    expect(file.state).toMatchObject({ phase: 'failed' });
  });

  it('keeps what another has made of its permissions', async () => {
    const { file, editing } = await opened();
    chmodSync(path(), 0o755);
    await lookAt(file);
    editing.type('two');
    await file.save();
    expect(node.modeOf(path())).toBe(0o755);
  });
});
