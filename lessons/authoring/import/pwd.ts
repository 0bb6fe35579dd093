/**
 * Imports a lab of Play with Docker: Jekyll's front matter, kramdown with `.term1` to `.term3` as the language of what is
 * clicked, `{:data-term}` and `{:data-port}` links, `{:.quiz}` lists and Liquid around what looks like a template.
 * The format is that of github.com/play-with-docker/play-with-docker.github.io.
 */
import { parse } from 'yaml';
import { frontMatter, idOf, Notes, type Imported } from './imported.ts';
import { LessonLines } from './lines.ts';
import { languageOf, plainLine } from './prose.ts';
import { Scan, type HubTags } from './scan.ts';

/** A fence, with its indentation and what follows it. */
const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;

/** The text of the lab in `source`, whose file is named `file`. */
export function importPwd(source: string, file: string, hub: HubTags): Imported {
  const notes = new Notes();
  const { fields, body, offset } = splitFrontMatter(source, file, notes);
  const lines = new LessonLines(notes);
  const scan = new Scan(hub, notes);
  new PwdReader(body, offset, file, { lines, notes, scan }).read();
  const title = textField(fields, 'title') ?? file;
  const id = idOf(
    file
      .replace(/^.*\//, '')
      .replace(/^\d{4}-\d{2}-\d{2}-/, '')
      .replace(/\.\w+$/, ''),
  );
  notes.add('to do', file, 1, 'summary, minutes and licence in the front matter');
  const head = frontMatter({
    id,
    title,
    summary: textField(fields, 'description') ?? `${title}, a lab of Play with Docker.`,
    minutes: 30,
    author: textField(fields, 'author') ?? 'Play with Docker',
    licence: 'Apache-2.0',
    images: [...scan.images].sort(),
  });
  return { id, lesson: `${head}\n${lines.text}`, notes: notes.all };
}

function textField(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
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
  const taken = ['title', 'author', 'description'];
  for (const name of Object.keys(fields).filter((field) => !taken.includes(field)))
    notes.add('left out', file, 1, `front matter \`${name}: ${JSON.stringify(fields[name])}\``);
  return { fields, body: lines.slice(end + 1), offset: end + 2 };
}

interface Output {
  lines: LessonLines;
  notes: Notes;
  scan: Scan;
}

class PwdReader {
  #at = 0;
  #quizzes = 0;

  constructor(
    private readonly body: string[],
    /** The line of the file at which the body begins. */
    private readonly offset: number,
    private readonly file: string,
    private readonly out: Output,
  ) {}

  get #line(): number {
    return this.#at + this.offset;
  }

  read(): void {
    for (; this.#at < this.body.length; this.#at++) {
      const text = this.body[this.#at] ?? '';
      const fence = FENCE.exec(text);
      const heading = /^#{1,2}\s+(.*)$/.exec(text);
      if (fence) this.#readFence(fence);
      else if (/^\s*\{:\s*\.quiz\s*\}/.test(text)) this.#readQuiz();
      else if (heading)
        this.out.lines.step(this.#prose((heading[1] ?? '').replace(/\s*\{#[\w-]+\}\s*$/, '')));
      else this.out.lines.write(this.#prose(text));
    }
  }

  #readFence([, indent = '', ticks = '', info = '']: RegExpExecArray): void {
    const begun = this.#line;
    const content: string[] = [];
    for (this.#at++; this.#at < this.body.length; this.#at++) {
      const text = this.body[this.#at] ?? '';
      if (text.trim().startsWith(ticks)) break;
      if (!/^\s*\{%-?\s*(end)?raw\s*-?%\}\s*$/.test(text)) content.push(this.#code(text));
    }
    // kramdown may say the class after the block.
    const after = /^\s*\{:\s*\.(term\d)\s*\}/.exec(this.body[this.#at + 1] ?? '')?.[1];
    if (after !== undefined) this.#at++;
    const terminal = /\.?term(\d)/.exec(after ?? info)?.[1];
    const { lines, notes, scan } = this.out;
    scan.script(content.join('\n'), this.file, begun + 1);
    if (terminal !== undefined && Number(terminal) >= 1 && Number(terminal) <= 3) {
      lines.code(`run terminal=${terminal}`, content, indent, this.file, begun);
      return;
    }
    if (terminal !== undefined)
      notes.add('left out', this.file, begun, `terminal ${terminal}: there are three`);
    lines.code(languageOf(info, this.file, begun, notes), content, indent, this.file, begun);
  }

  /** Liquid keeps Jekyll from taking Go's templates for its own. */
  #code(text: string): string {
    return text
      .replace(/\{%-?\s*(end)?raw\s*-?%\}/g, '')
      .replace(/\{\{\s*(['"])(.*?)\1\s*\}\}/g, '$2')
      .replace(/\\\{\\\{/g, '{{')
      .replace(/\\\}\\\}/g, '}}')
      .replaceAll('\\{', '{')
      .replaceAll('\\}', '}');
  }

  #prose(text: string): string {
    const { notes } = this.out;
    const unescaped = this.#code(text)
      .replace(
        /\[([^\]]+)\]\(([^)]*)\)\s*((?:\{:[^}]*\}\s*)+)/g,
        (link, label: string, _url: string, attributes: string) => {
          const port = /data-port="?(\d+)"?/.exec(attributes)?.[1];
          if (port === undefined) return link;
          notes.add('changed', this.file, this.#line, `link to port ${port}: said as a command`);
          return `${label} (port ${port}: \`curl http://localhost:${port}\`)`;
        },
      )
      .replace(/\{:[^}]*\}/g, (list) => {
        notes.add('left out', this.file, this.#line, `kramdown \`${list}\``);
        return '';
      })
      .replace(/\{%[^%]*%\}|\{\{\s*(site|page)\.[^}]*\}\}/g, (tag) => {
        notes.add('left out', this.file, this.#line, `Liquid \`${tag}\``);
        return '';
      })
      .replace(/^\s*[*-]\s+TOC\s*$/i, '');
    return plainLine(unescaped, this.file, this.#line, notes);
  }

  /** Questions with `- [ ]` and `- [x]`, or `( )` and `(x)`, up to the next heading. */
  #readQuiz(): void {
    let question: string[] = [];
    let options: { text: string; right: boolean }[] = [];
    const end = (): void => {
      if (options.length > 0) this.#writeQuiz(question, options);
      else for (const text of question) this.out.lines.write(text);
      question = [];
      options = [];
    };
    for (this.#at++; this.#at < this.body.length; this.#at++) {
      const text = this.body[this.#at] ?? '';
      const option = /^\s*[-*]\s*[[(]([ xX]?)[\])]\s*(.*)$/.exec(text);
      if (/^#{1,6}\s/.test(text) || FENCE.test(text)) {
        this.#at--;
        break;
      }
      if (/^\s*\{:\s*\.quiz\s*\}/.test(text)) end();
      else if (option)
        options.push({ text: this.#prose(option[2] ?? ''), right: /x/i.test(option[1] ?? '') });
      else if (text.trim() !== '') {
        if (options.length > 0) end();
        question.push(this.#prose(text).trim());
      }
    }
    end();
  }

  #writeQuiz(question: string[], options: { text: string; right: boolean }[]): void {
    const { lines, notes } = this.out;
    this.#quizzes++;
    notes.add('to do', this.file, this.#line, `the explanation of quiz-${this.#quizzes}`);
    lines.block([
      `::::quiz{#quiz-${this.#quizzes}}`,
      ...(question.length > 0 ? question : ['Which is right?']),
      '',
      ...options.map(({ text, right }) => `- [${right ? 'x' : ' '}] ${text}`),
      '',
      ':::explanation',
      'Say why.',
      ':::',
      '::::',
    ]);
  }
}
