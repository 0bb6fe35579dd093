/**
 * Files as a node's own programs see them: those of the node below `/`, those of a running container below
 * `/proc/PID/root`, which is its root folder with all that is mounted in it.
 *
 * Paths reach scripts as environment variables or on standard input, never as a part of the script. None of them has a link
 * in it: an absolute one of a container would lead a program of the node to the node's own files.
 */
import { DrydockError } from '../../worker/error.ts';
import { FIELDS, FIND_FORMAT, parseLooks, type Look } from './entry.ts';
import type { FileSystem, Ownership, Trashed, TransferOptions, UploadFile } from './file-system.ts';
import { EXISTS, LONG_SECONDS, MOUNTED, type Guest } from './guest.ts';
import { isLegible, isVital, isWithin, nameOf } from './paths.ts';
import type { Place } from './place.ts';

/** What is listed of a folder: more is neither read by anybody nor quick to show. */
export const MAX_ENTRIES = 1000;

const MAX_RECORDS = MAX_ENTRIES + 1;

/** On the node, for its containers too: a container's own layer gets nothing that the learner has not put there. */
export const TRASH = '/root/.local/share/Trash';

const LOOK = `find -P -files0-from - -maxdepth 1 -printf '${FIND_FORMAT}' 2>/dev/null | head -zn ${MAX_RECORDS * FIELDS}`;

const REFUSE_EXISTING = `if [[ -e $TO || -L $TO ]]; then exit ${EXISTS}; fi`;

/** What is mounted would be emptied by being moved: mv copies it, deletes it, and cannot delete where it is mounted. */
const REFUSE_MOUNTED = `while read -r _ _ _ _ point _; do
  printf -v point %b "$point"
  if [[ $point == "$INSIDE" || $point == "$INSIDE"/* ]]; then exit ${MOUNTED}; fi
done <"$MOUNTS"`;

const CREATE_FILE = `${REFUSE_EXISTING}; umask 022; set -C; : >"$TO"`;

const CREATE_FOLDER = `${REFUSE_EXISTING}; exec mkdir -m 755 -- "$TO"`;

const RENAME = `${REFUSE_MOUNTED}
${REFUSE_EXISTING}; exec mv -T -- "$FROM" "$TO"`;

/** As the desktops do it (https://specifications.freedesktop.org/trash-spec/), so that their tools find it. */
const TRASH_SCRIPT = `${REFUSE_MOUNTED}
umask 077
[[ -d $TRASH/files && -d $TRASH/info ]] || mkdir -p -- "$TRASH/files" "$TRASH/info" || exit
for ((n = 1; ; n++)); do
  name=$NAME; ((n == 1)) || name=$NAME.$n
  [[ -e $TRASH/files/$name || -L $TRASH/files/$name || -e $TRASH/info/$name.trashinfo ]] || break
done
printf '[Trash Info]\\nPath=%s\\nDeletionDate=%(%FT%T)T\\n' "$ENCODED" -1 >"$TRASH/info/$name.trashinfo" || exit
mv -T -- "$FROM" "$TRASH/files/$name" || {
  status=$?
  # Half of it may be there: then it can be had back with the tools of a desktop.
  [[ -e $TRASH/files/$name ]] || rm -f -- "$TRASH/info/$name.trashinfo"
  exit $status
}
printf %s "$name"`;

const RESTORE = `${REFUSE_EXISTING}; mv -T -- "$TRASH/files/$NAME" "$TO" && rm -f -- "$TRASH/info/$NAME.trashinfo"`;

const EXISTING = `while IFS= read -rd '' path; do
  if [[ -e $path || -L $path ]]; then printf '%s\\0' "$path"; fi
done`;

/** Where the files are for programs of the node. */
export interface Mount {
  /** Put before a path; empty for the node itself. */
  root: string;
  /** Put before a script: ends it where the root is no longer that of the container. */
  guard: string;
  /** Tells what is mounted where, as the programs there see it. */
  mounts: string;
}

export abstract class MountedFiles implements FileSystem {
  abstract readonly place: Place;
  protected abstract readonly guest: Guest;

  /** Where the files are at this moment. @throws DrydockError where they cannot be had */
  protected abstract mount(): Promise<Mount>;
  abstract startFolders(): Promise<string[]>;
  abstract resolve(path: string): Promise<string>;
  abstract read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  abstract write(path: string, bytes: Uint8Array, ownership: Ownership): Promise<void>;
  abstract upload(folder: string, files: readonly UploadFile[], options: TransferOptions): Promise<void>;
  abstract download(path: string, size: number, options: TransferOptions): Promise<Blob>;
  abstract downloadFolder(path: string, options: TransferOptions): Promise<Blob>;

  async look(paths: readonly string[]): Promise<Map<string, Look>> {
    const looks = new Map<string, Look>();
    let left = paths.filter(isLegible);
    while (left.length > 0) {
      const found = await this.#lookOnce(left);
      const records = [...found.values()].reduce((sum, { entries }) => sum + entries.length + 1, 0);
      const [last] = [...found.keys()].slice(-1);
      const isCut = records >= MAX_RECORDS;
      for (const [path, look] of found) looks.set(path, look);
      if (!isCut || last === undefined) break;
      // The output ended in the middle of the last one. That is all we want of it if it had the output for itself.
      const cut = looks.get(last);
      if (found.size === 1 && cut) looks.set(last, { ...cut, isCut: true });
      left = left.slice(left.indexOf(last) + (found.size === 1 ? 1 : 0));
    }
    return looks;
  }

  async #lookOnce(paths: readonly string[]): Promise<Map<string, Look>> {
    const { root, guard } = await this.mount();
    const byStart = new Map(paths.map((path) => [root + path, path]));
    const output = await this.guest.run('list the folder', guard + LOOK, {
      stdin: [...byStart.keys()].map((start) => `${start}\0`).join(''),
    });
    return parseLooks(output, (start) => byStart.get(start));
  }

  async createFile(path: string): Promise<void> {
    await this.#at('create the file', CREATE_FILE, { TO: path });
  }

  async createFolder(path: string): Promise<void> {
    await this.#at('create the folder', CREATE_FOLDER, { TO: path });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#expectSpare(from);
    await this.#at('rename it', RENAME, { FROM: from, TO: to }, { INSIDE: from });
  }

  async trash(path: string): Promise<Trashed> {
    this.#expectSpare(path);
    if (!this.place.container && isWithin(TRASH, path))
      throw new DrydockError('wrong-state', 'The trash is in there, so it cannot be moved to the trash.');
    if (!this.place.container && isWithin(path, TRASH))
      throw new DrydockError(
        'wrong-state',
        'It is in the trash already. In a terminal, rm -r deletes it for good.',
      );
    const name = await this.#at(
      'move it to the trash',
      TRASH_SCRIPT,
      { FROM: path },
      { TRASH, NAME: nameOf(path), ENCODED: encodeURI(path), INSIDE: path },
    );
    return { path, name };
  }

  async restore({ path, name }: Trashed): Promise<void> {
    await this.#at('bring it back', RESTORE, { TO: path }, { TRASH, NAME: name });
  }

  async existing(paths: readonly string[]): Promise<string[]> {
    const { root, guard } = await this.mount();
    const stdin = paths.map((path) => `${root}${path}\0`).join('');
    const output = await this.guest.run('look for the files', guard + EXISTING, { stdin });
    return output
      .split('\0')
      .slice(0, -1)
      .map((path) => path.slice(root.length));
  }

  #expectSpare(path: string): void {
    if (isVital(path))
      throw new DrydockError('wrong-state', `${path} stays: without it ${this.place.node} would not go on.`);
  }

  /** Runs a script whose variables are paths. */
  async #at(
    what: string,
    script: string,
    paths: Record<string, string>,
    values: Record<string, string> = {},
  ): Promise<string> {
    const { root, guard, mounts } = await this.mount();
    const env = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, root + path]));
    return this.guest.run(what, guard + script, {
      env: { ...env, ...values, MOUNTS: mounts },
      timeout: LONG_SECONDS,
    });
  }
}
