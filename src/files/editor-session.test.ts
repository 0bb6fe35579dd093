import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EditorSession } from './editor-session.ts';
import { NodeFiles } from './node-files.ts';
import { OpenFile } from './open-file.svelte.ts';
import { LocalNode } from './testing.ts';

let node: LocalNode;
beforeEach(() => {
  node = new LocalNode();
});
afterEach(() => {
  node.end();
});

async function opened(text: string): Promise<{ file: OpenFile; session: EditorSession }> {
  const path = join(node.folder, 'file.txt');
  writeFileSync(path, text);
  const file = new OpenFile(new NodeFiles({ node: 'node1', container: undefined }, node.guest), path);
  await file.load();
  const session = new EditorSession(file, text, { onSave: () => undefined, onLeave: () => undefined });
  file.editing = session;
  return { file, session };
}

describe('the text of the editor', () => {
  it('is saved byte for byte as it was loaded', async () => {
    for (const text of ['', 'a', 'a\n', 'a\r\nb\r\n', 'a\r\nb\nc\rd', '\ufeffa\n', 'ä\t\u2028\u0007\n\n']) {
      const { session } = await opened(text);
      expect(session.snapshot().text, JSON.stringify(text)).toBe(text);
    }
  });

  it('takes what the machine has, and is not modified then', async () => {
    for (const [before, after] of [
      ['a\nb\n', 'a\nc\nb\n'],
      ['a\r\nb\r\n', 'x\r\na\r\n'],
      ['a\r\nb\r\n', 'a\nb\n'],
      ['a\nb\n', 'a\r\nb\r\n'],
      ['a\n', 'a\r\nb\nc\rd'],
      ['', 'new'],
      ['gone', ''],
    ] as const) {
      const { file, session } = await opened(before);
      file.noteModified(true);
      session.replace(after);
      expect(session.snapshot().text).toBe(after);
      expect(file.isUnsaved).toBe(false);
    }
  });

  it('that is typed while it is saved is still to be saved', async () => {
    const { file, session } = await opened('one');
    const { version } = session.snapshot();
    session.replace('two');
    session.markSaved(version);
    expect(file.isUnsaved).toBe(true);
    session.markSaved(session.snapshot().version);
    expect(file.isUnsaved).toBe(false);
  });
});
