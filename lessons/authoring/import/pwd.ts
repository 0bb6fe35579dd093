/**
 * Imports a lab of Play with Docker: Jekyll's front matter, kramdown with `.term1` to `.term5`, each a machine of its own,
 * as the language of what is clicked, `{:data-term}` and `{:data-port}` links, `{:.quiz}` lists and Liquid around what looks like a template.
 * The format is that of github.com/play-with-docker/play-with-docker.github.io.
 */
import { parse } from 'yaml';
import { frontMatter, idOf, Notes, type Imported } from './imported.ts';
import { LessonLines } from './lines.ts';
import { partsOf, type Code, type Heading, type Part } from './markdown.ts';
import { languageOf, plainLine, preText } from './prose.ts';
import { quizBlock, quizFault, readOption, type ForeignQuiz } from './quiz.ts';
import { Scan, type HubTags } from './scan.ts';

/** How many machines a lesson can have. */
const NODES = 5;

const QUIZ = /^\s*\{:\s*\.quiz\s*\}/;

/** The text of the lab in `source`, whose file is named `file`. */
export function importPwd(source: string, file: string, hub: HubTags): Imported {
  const notes = new Notes();
  const { fields, body, offset } = splitFrontMatter(source, file, notes);
  const lines = new LessonLines(notes);
  const scan = new Scan(hub, notes);
  new PwdReader(partsOf(body.map(withFences), offset), file, { lines, notes, scan }).read();
  const title = textField(fields, 'title') ?? file;
  const id = idOf(
    file
      .replace(/^.*\//, '')
      .replace(/^\d{4}-\d{1,2}-\d{1,2}-/, '')
      .replace(/\.\w+$/, ''),
  );
  const nodes = Math.max(lines.nodes, termsIn(fields));
  notes.add('to do', file, 1, 'summary, minutes and licence in the front matter');
  const head = frontMatter({
    id,
    title,
    summary: textField(fields, 'description') ?? `${title}, a lab of Play with Docker.`,
    minutes: 30,
    author: textField(fields, 'author') ?? 'Play with Docker',
    licence: 'Apache-2.0',
    images: [...scan.images].sort(),
    ...(nodes > 1 && { nodes }),
  });
  return { id, lesson: `${head}\n${lines.text}`, notes: notes.all };
}

function textField(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** How many machines the lab says that it has. */
function termsIn({ terms }: Record<string, unknown>): number {
  return typeof terms === 'number' && terms >= 1 ? Math.min(Math.floor(terms), NODES) : 1;
}

function splitFrontMatter(
  source: string,
  file: string,
  notes: Notes,
): { fields: Record<string, unknown>; body: string[]; offset: number } {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const end = lines.indexOf('---', 1);
  if (lines[0] !== '---' || end < 0) return { fields: {}, body: lines, offset: 1 };
  const fields = (parse(lines.slice(1, end).join('\n')) ?? {}) as Record<string, unknown>;
  const taken = ['title', 'author', 'description', 'terms'];
  for (const name of Object.keys(fields).filter((field) => !taken.includes(field)))
    notes.add('left out', file, 1, `front matter \`${name}: ${JSON.stringify(fields[name])}\``);
  return { fields, body: lines.slice(end + 1), offset: end + 2 };
}

/** Whether there can be a machine for the terminal of that number. */
function isNode(terminal: string): boolean {
  return Number(terminal) >= 1 && Number(terminal) <= NODES;
}

/** Jekyll's own way to set off code. */
function withFences(line: string): string {
  return line
    .replace(/^(\s*)\{%-?\s*highlight\s+(\w+).*%\}\s*$/, '$1```$2')
    .replace(/^(\s*)\{%-?\s*endhighlight\s*-?%\}\s*$/, '$1```');
}

/** Liquid keeps Jekyll from taking Go's templates for its own. */
function withoutEscapes(text: string): string {
  return text
    .replace(/\{%-?\s*(end)?raw\s*-?%\}/g, '')
    .replace(/\{\{\s*(['"])(.*?)\1\s*\}\}/g, '$2')
    .replace(/\\([{}])/g, '$1');
}

interface Output {
  lines: LessonLines;
  notes: Notes;
  scan: Scan;
}

class PwdReader {
  #at = 0;
  #quizzes = 0;
  /** The line on which the last command ended. */
  #commandEnd = -1;

  constructor(
    private readonly parts: readonly Part[],
    private readonly file: string,
    private readonly out: Output,
  ) {}

  read(): void {
    for (; this.#at < this.parts.length; this.#at++) {
      const part = this.parts[this.#at];
      if (part) this.#readPart(part);
    }
  }

  #readPart(part: Part): void {
    const { lines, notes } = this.out;
    switch (part.kind) {
      case 'heading':
        this.#readHeading(part);
        break;
      case 'code':
        this.#readCode(part);
        break;
      case 'pre':
        lines.code('text', preText(part.content, this.file, part.line, notes), '', this.file, part.line);
        break;
      case 'comment':
        lines.block(part.lines);
        break;
      case 'details':
        lines.aside(part.title, this.file, part.line);
        break;
      case 'details end':
        lines.endAside();
        break;
      case 'text':
        if (QUIZ.test(part.text)) this.#readQuiz(part.line);
        else if (!this.#isPlaceOfContents()) lines.write(this.#prose(part.text, part.line));
    }
  }

  /** `{:toc}` makes a table of contents in the place of the list item before it. */
  #isPlaceOfContents(): boolean {
    const next = this.#textAt(this.#at + 1);
    return next !== undefined && /^[\s>]*\{:\s*toc\s*\}/.test(next);
  }

  #textAt(index: number): string | undefined {
    const part = this.parts[index];
    return part?.kind === 'text' ? part.text : undefined;
  }

  #readHeading({ depth, text, line }: Heading): void {
    const { lines, notes } = this.out;
    const anchor = /\s*\{#[^}]*\}\s*$/;
    if (anchor.test(text))
      notes.add('left out', this.file, line, `the name \`${text.match(anchor)?.[0].trim() ?? ''}\``);
    const title = this.#prose(text.replace(anchor, ''), line);
    if (depth > 2 || lines.inAside) lines.heading(depth, title);
    else if (depth === 1) lines.part(title);
    else lines.step(title);
  }

  #readCode({ line, end, info, after: sameLine, content, indent }: Code): void {
    const { lines, notes, scan } = this.out;
    const code = content
      .filter((text) => !/^\s*\{%-?\s*(end)?raw\s*-?%\}\s*$/.test(text))
      .map((text) => withoutEscapes(text));
    // kramdown may say the class after the block.
    const after = /^\s*\{:\s*\.(term\d)\s*\}/.exec(this.#textAt(this.#at + 1) ?? '')?.[1];
    if (after !== undefined) this.#at++;
    if (sameLine !== '') notes.add('left out', this.file, end, `\`${sameLine}\` behind a code block`);
    const terminal = /\.?term(\d)/.exec(after ?? info)?.[1];
    const isOutput = info === '' && terminal === undefined && this.#commandEnd === line - 1;
    if (!isOutput) scan.script(code.join('\n'), this.file, line + 1);
    if (terminal !== undefined && isNode(terminal)) {
      scan.command(code.join('\n'), this.file, line);
      this.#commandEnd = end;
      lines.code(`run node=node${terminal}`, code, indent, this.file, line);
      return;
    }
    if (terminal !== undefined)
      notes.add('left out', this.file, line, `terminal ${terminal}: there are five machines`);
    const language = isOutput
      ? 'output'
      : languageOf(terminal === undefined ? info : '', this.file, line, notes);
    lines.code(language, code, indent, this.file, line);
  }

  #prose(text: string, line: number): string {
    const { notes } = this.out;
    const unescaped = withoutEscapes(text)
      .replace(
        /\[([^\]]*)\]\(([^)]*)\)((?:\s*\{:[^}]*\})+)/g,
        (link, label: string, _url: string, attributes: string) => {
          const port = /data-port="?(\d+)"?/.exec(attributes)?.[1];
          if (port === undefined) return link;
          const terminal = /data-term="?\.?term(\d)/.exec(attributes)?.[1] ?? '1';
          const host = terminal !== '1' && isNode(terminal) ? `node${terminal}` : 'localhost';
          notes.add('changed', this.file, line, `link to port ${port}: said as a command`);
          return `${label} (port ${port}: \`curl http://${host}:${port}\`)`;
        },
      )
      .replace(/\{:[^}]*\}/g, (list) => {
        notes.add('left out', this.file, line, `kramdown \`${list}\``);
        return '';
      })
      .replace(/\{%[^%]*%\}|\{\{\s*(site|page)\.[^}]*\}\}/g, (tag) => {
        notes.add('left out', this.file, line, `Liquid \`${tag}\``);
        return '';
      });
    return plainLine(unescaped, this.file, line, notes);
  }

  /** A question with what to choose from or, behind `>`, what is to be typed. */
  #readQuiz(line: number): void {
    const quiz: ForeignQuiz = { question: [], options: [], answers: [] };
    const isAnswered = (): boolean => quiz.options.length + quiz.answers.length > 0;
    for (this.#at++; this.#at < this.parts.length; this.#at++) {
      const part = this.parts[this.#at];
      if (part?.kind !== 'text') break;
      const { text } = part;
      const option = readOption(text);
      const answer = /^\s*>\s*(.*)$/.exec(text)?.[1];
      if (option) quiz.options.push({ ...option, text: this.#prose(option.text, part.line) });
      else if (answer !== undefined && quiz.options.length === 0) quiz.answers.push(withoutEscapes(answer));
      else if (QUIZ.test(text) || (isAnswered() && text.trim() !== '')) break;
      else if (text.trim() !== '') quiz.question.push(this.#prose(text, part.line).trim());
    }
    this.#at--;
    if (isAnswered()) this.#writeQuiz(quiz, line);
    else {
      this.out.notes.add('left out', this.file, line, 'a quiz without answers; its text stays');
      this.out.lines.block(quiz.question);
    }
  }

  #writeQuiz(quiz: ForeignQuiz, line: number): void {
    const { lines, notes } = this.out;
    this.#quizzes++;
    const id = `quiz-${this.#quizzes}`;
    const fault = quizFault(quiz);
    if (fault !== undefined) notes.add('to do', this.file, line, `${id} ${fault}`);
    notes.add('to do', this.file, line, `the explanation of ${id}`);
    lines.block(quizBlock(id, quiz));
  }
}
