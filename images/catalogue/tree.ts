/**
 * A file tree as its entries, read from a tar file without unpacking it: so owners and permissions need no root.
 * `published` takes out what an image does not show, `difference` finds what a layer must hold.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header as TarHeader } from 'tar-stream';

/** Of an entry in a tar file; `pax` has extended attributes and the like. */
export type Header = Partial<Omit<TarHeader, 'pax'>> & { name: string; pax?: Record<string, string> | null };

export interface Entry {
  header: Header;
  /** SHA-256 of a file's content. */
  sha256?: string;
  /** Content that takes the place of what the tar file has, or that is in none. */
  content?: string;
}

/** By path, without a slash at either end. */
export type Tree = Map<string, Entry>;

/** As many symbolic links in a row Linux follows (MAXSYMLINKS in include/linux/namei.h). */
const MAX_LINKS = 40;

export const DPKG = 'var/lib/dpkg';

/** Reads the tar file at `path`; `texts` gets the content of dpkg's small lists. */
export async function readTree(path: string): Promise<{ tree: Tree; texts: Map<string, string> }> {
  const tree: Tree = new Map();
  const texts = new Map<string, string>();
  const reader = extract();
  const read = async (): Promise<void> => {
    for await (const entry of reader) {
      const header = entry.header as Header;
      const name = pathOf(header);
      const isText = name === `${DPKG}/status` || /^var\/lib\/dpkg\/info\/[^/]+\.list$/.test(name);
      const hash = createHash('sha256');
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        hash.update(chunk);
        if (isText) chunks.push(chunk);
      }
      if (name === '') continue;
      // Linux knows none for links; fakeroot tells another than a file system does.
      if (header.type === 'symlink') header.mode = 0o777;
      // tar-stream reads attributes as UTF-8: another value would be written back as another one.
      if (JSON.stringify(header.pax ?? {}).includes('\uFFFD')) throw new Error(`${name}: binary attribute`);
      tree.set(name, { header, ...(header.type === 'file' && { sha256: hash.digest('hex') }) });
      if (isText) texts.set(name, Buffer.concat(chunks).toString());
    }
  };
  await Promise.all([pipeline(createReadStream(path), reader), read()]);
  return { tree, texts };
}

/** The path of an entry, as in `Tree`. */
export function pathOf(header: Pick<Header, 'name'>): string {
  return posix.join('/', header.name).replace(/^\/|\/$/g, '');
}

/** A path pattern of a recipe: `*` is anything within one segment. It also matches what is below. */
function matcher(patterns: string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const sources = patterns.map((pattern) =>
    pattern
      .replace(/^\/|\/$/g, '')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*'),
  );
  const expression = new RegExp(`^(?:${sources.join('|')})(?:/|$)`);
  return (path) => expression.test(path);
}

export interface Publication {
  drop: string[];
  remove: string[];
  applets?: string | undefined;
}

/** The part of a workshop's tree that an image shows; `applets` are the programs that busybox has. */
export function published(
  { tree, texts }: { tree: Tree; texts: Map<string, string> },
  { drop, remove, applets: folder }: Publication,
  applets: string[] = [],
): Tree {
  const kept: Tree = new Map(tree);
  const unknown = drop.filter((name) => fileList(name, texts) === undefined);
  if (unknown.length > 0) throw new Error(`Not installed, so they cannot be dropped: ${unknown.join(', ')}.`);
  for (const name of drop) dropPackage(name, kept, texts);
  const removed = matcher(remove);
  for (const path of tree.keys()) if (removed(path)) kept.delete(path);
  // A link to what is gone would stand in the way of busybox's.
  for (const [path, { header }] of kept) {
    const isLink = header.type === 'symlink';
    if (isLink && resolveLinks(path, tree) !== undefined && resolveLinks(path, kept) === undefined)
      kept.delete(path);
  }
  const status = kept.get(`${DPKG}/status`);
  if (status && drop.length > 0) {
    const content = withoutPackages(texts.get(`${DPKG}/status`) ?? '', drop);
    const header = { ...status.header, size: Buffer.byteLength(content) };
    kept.set(`${DPKG}/status`, {
      header,
      content,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
  }
  for (const [path, { header }] of kept) {
    if (header.type === 'link' && !kept.has(pathOf({ name: header.linkname ?? '' })))
      throw new Error(`/${path} is another name of /${header.linkname ?? ''}, which is not published.`);
  }
  if (folder !== undefined) addApplets(kept, folder.replace(/^\/|\/$/g, ''), applets);
  return kept;
}

/** What dpkg has installed of a package, one path a line. */
function fileList(name: string, texts: Map<string, string>): string | undefined {
  return texts.get(`${DPKG}/info/${name}.list`) ?? texts.get(`${DPKG}/info/${name}:i386.list`);
}

function dropPackage(name: string, kept: Tree, texts: Map<string, string>): void {
  const paths = (fileList(name, texts) ?? '').split('\n').map((path) => realPath(path.slice(1), kept));
  for (const path of paths) if (!isFolder(path, kept)) kept.delete(path);
  // Folders that it leaves empty, the deepest first.
  const folders = paths
    .filter((path) => kept.get(path)?.header.type === 'directory')
    .sort((a, b) => b.length - a.length);
  const parents = new Map<string, number>();
  for (const path of kept.keys()) {
    const parent = posix.dirname(path);
    parents.set(parent, (parents.get(parent) ?? 0) + 1);
  }
  for (const path of folders) {
    if (parents.get(path)) continue;
    kept.delete(path);
    const parent = posix.dirname(path);
    parents.set(parent, (parents.get(parent) ?? 0) - 1);
  }
}

/** What `path` leads to when all symbolic links are followed; `undefined` where that is nothing. */
function resolveLinks(path: string, tree: Tree, depth = 0): string | undefined {
  if (depth > MAX_LINKS) return undefined;
  const segments = path.split('/').filter(Boolean);
  for (let i = 1; i <= segments.length; i++) {
    const part = segments.slice(0, i).join('/');
    const header = tree.get(part)?.header;
    if (!header) return undefined;
    if (header.type !== 'symlink') continue;
    const target = posix.resolve('/', posix.dirname(part), header.linkname ?? '', ...segments.slice(i));
    return resolveLinks(target.slice(1), tree, depth + 1);
  }
  return path;
}

/** Also of a link to one, such as /bin, which packages list as the folder that it once was. */
function isFolder(path: string, tree: Tree): boolean {
  const target = resolveLinks(path, tree);
  return target !== undefined && tree.get(target)?.header.type === 'directory';
}

/** Packages name some files below /bin, /lib and /sbin, which are links to those in /usr. */
function realPath(path: string, tree: Tree): string {
  const folder = resolveLinks(posix.dirname(path), tree);
  return folder === undefined ? path : posix.join(folder, posix.basename(path));
}

function withoutPackages(status: string, names: string[]): string {
  const gone = new Set(names);
  return status
    .split('\n\n')
    .filter((paragraph) => !gone.has(/^Package: (.*)$/m.exec(paragraph)?.[1] ?? ''))
    .join('\n\n');
}

function addApplets(tree: Tree, folder: string, applets: string[]): void {
  const busybox = tree.get(`${folder}/busybox`);
  if (!busybox) throw new Error(`There is no /${folder}/busybox to stand in for other programs.`);
  const places = [folder, 'usr/bin', 'usr/sbin', 'usr/local/bin', 'usr/local/sbin'];
  for (const applet of applets) {
    if (places.some((place) => tree.has(`${place}/${applet}`))) continue;
    const name = `${folder}/${applet}`;
    const { uid, gid, mtime } = busybox.header;
    tree.set(name, {
      header: { name, type: 'symlink', linkname: 'busybox', mode: 0o777, uid, gid, mtime, size: 0 },
    });
  }
}

/** What a layer over `base` holds so that `tree` results: paths to write, and paths to white out. */
export interface Difference {
  write: Set<string>;
  gone: string[];
}

export function difference(tree: Tree, base: Tree): Difference {
  const write = new Set<string>();
  const gone: string[] = [];
  for (const [path, entry] of tree) {
    const old = base.get(path);
    if (!old || identity(entry) !== identity(old)) write.add(path);
  }
  // A hard link must be in the same layer as what it is a link to, or it is a link to nothing.
  const names = new Map<string, string[]>();
  for (const [path, { header }] of tree) {
    if (header.type !== 'link') continue;
    const target = pathOf({ name: header.linkname ?? '' });
    names.set(target, [...(names.get(target) ?? [target]), path]);
  }
  for (const group of names.values()) {
    if (group.some((path) => write.has(path))) for (const path of group) write.add(path);
  }
  for (const path of base.keys()) {
    if (tree.has(path)) continue;
    const parent = posix.dirname(path);
    if (parent === '.' || tree.get(parent)?.header.type === 'directory') gone.push(path);
  }
  // The folders above, with their owners and permissions: a layer's folder hides the one below.
  for (const path of [...write, ...gone]) {
    for (let up = posix.dirname(path); up !== '.'; up = posix.dirname(up)) write.add(up);
  }
  return { write, gone: gone.sort() };
}

/** All of an entry that counts, as text. Time stamps do not, but those of files do: programs compare them. */
function identity({ header, sha256 = '' }: Entry): string {
  const { type, mode, uid, gid, linkname, pax, devmajor, devminor } = header;
  const attributes = Object.entries(pax ?? {})
    .filter(([key]) => key.startsWith('SCHILY.xattr.'))
    .sort();
  const time = type === 'file' && header.mtime ? new Date(header.mtime).getTime() : 0;
  return JSON.stringify([type, mode, uid, gid, linkname, devmajor, devminor, time, sha256, attributes]);
}
