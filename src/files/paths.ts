/** Absolute paths of a machine's or a container's files. They are canonical: no `..`, no double slash, no slash at the end. */

/** The longest path that Linux takes (PATH_MAX), and the longest name (NAME_MAX), in bytes. */
const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/** Folders without which neither the machine nor a container goes on. */
const VITAL =
  /^\/(?:s?bin|boot|dev|etc|lib(?:32|64)?|proc|root|run|sys|usr(?:\/(?:s?bin|lib(?:32|64)?))?|var(?:\/lib(?:\/(?:docker|containerd))?)?)?$/;

/** The folder that `path` is in; that of `/` is `/`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** The last part of `path`; `/` for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || '/';
}

/** The path of `name` in `folder`. */
export function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** The folders that lead to `path`, from the root on, without itself. */
export function ancestorsOf(path: string): string[] {
  if (path === '/') return [];
  const folders = ['/'];
  for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1))
    folders.push(path.slice(0, at));
  return folders;
}

/** Whether `path` is `folder` or somewhere in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

/** Where `path` is after `from`, which it is in, was renamed to `to`. */
export function moved(path: string, from: string, to: string): string {
  return to + path.slice(from.length);
}

/** Whether nothing would go on without the folder at `path`. */
export function isVital(path: string): boolean {
  return VITAL.test(path);
}

/** Whether a path is one of the kernel's: such files have no size, and no time at which they changed. */
export function isOfKernel(path: string): boolean {
  return isWithin(path, '/proc') || isWithin(path, '/sys');
}

/** Why `name` cannot be one of a file; undefined if it can. */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'A name is needed.';
  if (name === '.' || name === '..') return `“${name}” means a folder already.`;
  if (name.includes('/')) return 'A name has no slash in it.';
  if (name.includes('\0')) return 'A name has no NUL in it.';
  if (bytesOf(name) > MAX_NAME_BYTES) return `A name has at most ${MAX_NAME_BYTES} bytes.`;
  return undefined;
}

/** Whether `path` is absolute, canonical and no longer than Linux takes. */
export function isSoundPath(path: string): boolean {
  return (
    path === '/' ||
    (/^(?:\/[^/\0]+)+$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path) && bytesOf(path) < MAX_PATH_BYTES)
  );
}

/** Whether a path came as UTF-8. Others reach us with replacement characters, and cannot be asked for. */
export function isLegible(path: string): boolean {
  return !path.includes('\ufffd');
}

/** `name` as it is shown: what has no form of its own, or would turn the order of what follows round, has a sign. */
export function visibleName(name: string): string {
  return name
    .replaceAll(/\p{Cc}/gu, (character) =>
      String.fromCharCode(0x2400 + ((character.codePointAt(0) ?? 0) & 0x1f)),
    )
    .replaceAll(/\p{Bidi_Control}/gu, '\u2426');
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
