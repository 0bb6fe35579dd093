/**
 * Files beside a lesson's text. The HTML of a lesson names a picture as `lesson-file:PATH`; whoever shows the lesson puts
 * the address there at which the file can be had: Vite for the lessons of the app, a `data:` URL for those of a pack.
 */

const SCHEME = 'lesson-file:';

/** How the HTML of a lesson names the file at `path`. */
export const fileMark = (path: string): string => `${SCHEME}${path}`;

/** Whether `path` stays within the lesson's folder, and is plain enough for any server and archive. */
export function isFilePath(path: string): boolean {
  return /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path);
}

/** `lesson` as JSON, with the addresses of its files (by path) in the place of their marks. */
export function placeFiles(lesson: string, addresses: ReadonlyMap<string, string>): string {
  return lesson.replace(/lesson-file:([\w./-]+)/g, (mark, path: string) => addresses.get(path) ?? mark);
}
