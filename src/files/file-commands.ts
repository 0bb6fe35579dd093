/** What can be done with files: for the palette, for keys, and for the menus of the tree. */
import type { Command } from '../app/commands.svelte.ts';
import { chooseFiles } from '../ui/choose-files.ts';
import { copyText } from '../ui/clipboard.ts';
import { remove } from './changes.ts';
import { download } from './downloads.ts';
import { lookAgain } from './look-again.svelte.ts';
import { openEntry } from './open-entry.ts';
import type { OpenFile } from './open-file.svelte.ts';
import { openFiles } from './open-files.svelte.ts';
import { places } from './places.svelte.ts';
import type { FileTree } from './tree.svelte.ts';
import { uploads } from './uploads.svelte.ts';

/** Commands while the files are shown. */
export function fileCommands(): Command[] {
  const { shown } = openFiles;
  const none = shown ? undefined : 'No file is open';
  const { tree } = places;
  const noTree = tree.state.phase === 'shown' ? undefined : 'No files are listed';
  return [
    {
      id: 'file-save',
      group: 'View',
      title: shown ? `Save ${shown.name}` : 'Save the file',
      pageKeys: 'Mod+S',
      unavailable: shown ? (shown.state.phase === 'text' ? undefined : 'It is no text') : none,
      run: () => {
        if (shown) save(shown);
      },
    },
    {
      id: 'file-close',
      group: 'View',
      title: shown ? `Close ${shown.name}` : 'Close the file',
      unavailable: none,
      run: () => {
        if (shown) openFiles.close(shown);
      },
    },
    {
      id: 'file-new',
      group: 'View',
      title: `New file in ${tree.currentFolder}`,
      unavailable: noTree,
      run: () => {
        draftNew('new-file');
      },
    },
    {
      id: 'file-new-folder',
      group: 'View',
      title: `New folder in ${tree.currentFolder}`,
      unavailable: noTree,
      run: () => {
        draftNew('new-folder');
      },
    },
    {
      id: 'file-upload',
      group: 'View',
      title: `Upload files into ${tree.currentFolder}`,
      unavailable: noTree,
      run: uploadFiles,
    },
    {
      id: 'file-upload-folder',
      group: 'View',
      title: `Upload a folder into ${tree.currentFolder}`,
      unavailable: noTree,
      run: uploadFolder,
    },
    {
      id: 'file-refresh',
      group: 'View',
      title: 'Look at the files again',
      run: () => void lookAgain.refresh(),
    },
  ];
}

/** Commands for what is selected in the tree. */
export function menuCommands(tree: FileTree): Command[] {
  const entry = tree.selectedEntry;
  const group = 'View';
  const ofEntry: Command[] = entry
    ? [
        {
          id: 'entry-open',
          group,
          title: tree.openFolders.includes(entry.path) ? 'Close' : 'Open',
          run: () => void openEntry(tree, entry, 'editor'),
        },
        {
          id: 'entry-download',
          group,
          title: entry.kind === 'folder' ? 'Download as a tar archive' : 'Download',
          unavailable: entry.kind === 'folder' || entry.kind === 'file' ? undefined : 'It is no file',
          run: () => void download(tree.files, entry),
        },
        {
          id: 'entry-copy-path',
          group,
          title: 'Copy the path',
          run: () => void copyText(entry.path, 'Path copied'),
        },
        {
          id: 'entry-rename',
          group,
          title: 'Rename',
          nativeKeys: 'F2',
          run: () => {
            tree.draft = { what: 'rename', path: entry.path, name: entry.name };
          },
        },
        {
          id: 'entry-delete',
          group,
          title: 'Delete',
          nativeKeys: 'Delete',
          run: () => void remove(tree, entry),
        },
      ]
    : [];
  const inFolder = fileCommands().filter(({ id }) => /^file-(?:new|upload)/.test(id));
  return tree.state.phase === 'shown' ? [...ofEntry, ...inFolder] : [];
}

/** Saves a file; the tree shows its new size then. */
export function save(file: OpenFile): void {
  void file.save().then(() => {
    lookAgain.soon();
  });
}

/** Has the name of something new typed, in the folder that is selected. */
export function draftNew(what: 'new-file' | 'new-folder'): void {
  const { tree } = places;
  const folder = tree.currentFolder;
  openFiles.narrowView = 'tree';
  void tree.open(folder);
  tree.draft = { what, folder };
}

/** Lets the user choose files for the folder that is selected. */
export function uploadFiles(): void {
  choose('files');
}

function uploadFolder(): void {
  choose('folder');
}

function choose(what: 'files' | 'folder'): void {
  const { tree } = places;
  const folder = tree.currentFolder;
  chooseFiles({ accept: '', multiple: true, folder: what === 'folder' }, (event) => {
    void uploads.take(tree, folder, event);
  });
}
