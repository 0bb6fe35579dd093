/** What a terminal's serialised screen says, without what moves and colours it. */

/** Escape sequences: CSI (ECMA-48, 5.4), OSC up to its end, and those of two characters. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const ESCAPES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g;

/** The cursor going right: how the blanks in a line are written. */
// eslint-disable-next-line no-control-regex -- as above
const RIGHT = /\x1b\[(\d*)C/g;

/** Lines with anything in them, in order. */
export function screenText(screen: string): string[] {
  return screen
    .replace(RIGHT, (_, count: string) => ' '.repeat(Math.min(Number(count || 1), 200)))
    .replace(ESCAPES, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
