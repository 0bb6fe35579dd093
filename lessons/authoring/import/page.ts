/** Takes over the text of a page of a Killercoda scenario. */
import { ACTIONS, INLINE, runWords } from './actions.ts';
import { localCode, localText } from './addresses.ts';
import type { Notes } from './imported.ts';
import type { LessonLines } from './lines.ts';
import { partsOf, type Part, type Pre } from './markdown.ts';
import { languageOf, plainLine, preText } from './prose.ts';
import { bashProblem } from '../bash.ts';
import type { Scan } from './scan.ts';

/** What a click on a page runs. */
export interface Command {
  text: string;
  /** Whether it stands where the solution is told. */
  solves: boolean;
  /** Where it runs, if it says so. */
  node: string | undefined;
}

/** A heading of what a reader should try without. */
const SOLUTION = /\b(solutions?|answers?)\b/i;

export class PageReader {
  readonly #commands: Command[] = [];
  /** Commands of a paragraph that is not at its end. */
  #waiting: (() => void)[] = [];
  #solves = false;

  constructor(
    private readonly file: string,
    private readonly lines: LessonLines,
    private readonly notes: Notes,
    private readonly scan: Scan,
  ) {}

  /** Takes over `source`; returns the commands in it. */
  read(source: string): Command[] {
    for (const part of partsOf(source.split('\n'), 1)) this.#readPart(part);
    this.#endParagraph();
    this.lines.endAside();
    return this.#commands;
  }

  #readPart(part: Part): void {
    const { file, lines, notes } = this;
    if (part.kind !== 'text' || part.text.trim() === '') this.#endParagraph();
    switch (part.kind) {
      case 'text':
        this.#readLine(part.text, part.line);
        break;
      case 'heading':
        this.#solves = SOLUTION.test(part.text);
        lines.heading(part.depth, plainLine(part.text, file, part.line, notes));
        break;
      case 'code': {
        if (part.after !== '' && !ACTIONS.test(part.after))
          notes.add('left out', file, part.end, `\`${part.after}\` behind a code block`);
        const actions = ACTIONS.exec(part.after)?.[0];
        this.#writeCode(part.content, actions, part.info, part.indent, part.line);
        break;
      }
      case 'pre':
        this.#readPre(part);
        break;
      case 'comment':
        lines.block(part.lines);
        break;
      case 'details':
        this.#solves = SOLUTION.test(part.title);
        lines.aside(part.title, file, part.line);
        break;
      case 'details end':
        this.#solves = false;
        lines.endAside();
    }
  }

  /** With the class `file` it is what a click writes into Katacoda's editor. */
  #readPre({ tag, content, line }: Pre): void {
    const name = /data-filename="([^"]*)"/.exec(tag)?.[1];
    if (name !== undefined)
      this.notes.add(
        'left out',
        this.file,
        line,
        `\`${tag}\`: there is no editor for ${name}; its text stays`,
      );
    this.lines.code('text', preText(content, this.file, line, this.notes), '', this.file, line);
  }

  /** A line of text; a command in it goes behind its paragraph, since ours are blocks. */
  #readLine(text: string, line: number): void {
    const { file, lines, notes, scan } = this;
    if (/^\s*>>.*<<\s*$/.test(text))
      notes.add('to do', file, line, 'a question of Katacoda: write it as a ::::quiz block');
    const commands: (() => void)[] = [];
    const prose = text.replace(INLINE, (span: string, _ticks: string, code: string, actions?: string) => {
      if (actions === undefined) return span;
      const command = localCode(code.trim(), file, line, notes);
      const info = runWords(actions, command, file, line, notes);
      scan.script(command, file, line);
      if (info !== undefined)
        commands.push(() => {
          this.#writeCommand([command], info, '', line);
        });
      return span.slice(0, -actions.length);
    });
    if (commands.length > 0 && /^[\s>*+\-\d.):]*$/.test(prose.replace(INLINE, ''))) {
      this.#endParagraph();
      for (const write of commands) write();
      return;
    }
    for (const write of commands)
      this.#waiting.push(() => {
        notes.add('changed', file, line, 'a command within the line stands behind its paragraph now');
        write();
      });
    lines.write(plainLine(localText(prose, file, line, notes), file, line, notes));
  }

  #endParagraph(): void {
    for (const write of this.#waiting) write();
    this.#waiting = [];
  }

  #writeCode(
    content: string[],
    actions: string | undefined,
    language: string,
    indent: string,
    line: number,
  ): void {
    const { file, lines, notes, scan } = this;
    const code = content.map((text, i) => localCode(text, file, line + 1 + i, notes));
    const text = code.join('\n');
    const info = actions === undefined ? undefined : runWords(actions, text, file, line, notes);
    scan.script(text, file, line + 1);
    const isFile = info !== undefined && isCopied(info) && bashProblem(text) !== undefined;
    if (isFile) notes.add('left out', file, line, '`{{copy}}` of what is no command: its text stays');
    if (info === undefined || isFile)
      lines.code(languageOf(language, file, line, notes), code, indent, file, line);
    else this.#writeCommand(code, info, indent, line);
  }

  #writeCommand(code: string[], info: string, indent: string, line: number): void {
    const { file, lines, scan } = this;
    const text = code.join('\n');
    if (!isCopied(info)) {
      scan.command(text, file, line);
      this.#commands.push({ text, solves: this.#solves, node: /node=(\w+)/.exec(info)?.[1] });
    }
    lines.code(info, code, indent, file, line);
  }
}

/** Whether a click only copies it. */
function isCopied(info: string): boolean {
  return /\bcopy\b/.test(info);
}
