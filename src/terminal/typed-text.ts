/** Reads off a terminal's rows what was typed there. Pure. */

/** The rows of a terminal's buffer, as far as they are read here. */
export interface Rows {
  getLine(y: number):
    | {
        readonly isWrapped: boolean;
        readonly length: number;
        translateToString(trimRight?: boolean, startColumn?: number, endColumn?: number): string;
      }
    | undefined;
}

/** Where the text of a line begins that a shell asks for. */
export interface Position {
  line: number;
  column: number;
}

/** A prompt ends with one of these and a space; arrows are no prompts. */
const PROMPT = /^.*?(?:[#$]|(?<![=-])>) /;

/** What bash puts before each further line of a command. */
const CONTINUATION = '> ';

/**
 * The command that was typed from `start` on, and stands above row `end`. Rows that only the width broke are one line;
 * lines of one command stay lines.
 */
export function typedText(rows: Rows, start: Position, end: number): string {
  const lines: string[] = [];
  let isFull = false;
  for (let y = start.line; y < end; y++) {
    const row = rows.getLine(y);
    if (!row) break;
    const text = row.translateToString(false, y === start.line ? start.column : 0);
    const last = lines.length - 1;
    // Not every program that fills a row lets the terminal wrap it.
    const goesOn = row.isWrapped || (isFull && !text.startsWith(CONTINUATION));
    if (last >= 0 && goesOn) lines[last] = `${lines[last] ?? ''}${text}`;
    else lines.push(last >= 0 && text.startsWith(CONTINUATION) ? text.slice(CONTINUATION.length) : text);
    isFull = row.translateToString(true).length >= row.length;
  }
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

/** The whole line that ends with row `y`, up to `column` in that row, with the rows that it was wrapped over. */
export function lineAt(rows: Rows, y: number, column?: number): string {
  let text = rows.getLine(y)?.translateToString(false, 0, column) ?? '';
  for (let above = y; above > 0 && rows.getLine(above)?.isWrapped; above--)
    text = (rows.getLine(above - 1)?.translateToString(false) ?? '') + text;
  return text;
}

/** The prompt that `line` begins with, with the space at its end; undefined where there is none. */
export function promptOf(line: string): string | undefined {
  return PROMPT.exec(line)?.[0];
}
