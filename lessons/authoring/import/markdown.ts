/**
 * Takes the Markdown of other formats apart, line by line, into what the importers tell from each other. A parser of
 * Markdown would not do: what stands behind a fence (`{{exec}}`, `{:.term1}`) is none to it, and every note names a line.
 */

interface Placed {
  /** The line in its file. */
  line: number;
}

/** A line of running text, or an empty one. */
export interface Text extends Placed {
  kind: 'text';
  text: string;
}

export interface Heading extends Placed {
  kind: 'heading';
  depth: number;
  text: string;
}

export interface Code extends Placed {
  kind: 'code';
  /** The line on which it ends. */
  end: number;
  /** What stands behind the fence that begins it. */
  info: string;
  /** What stands behind the fence that ends it. */
  after: string;
  /** Without the indentation. */
  content: string[];
  /** What it is indented by as a part of a list or quotation. */
  indent: string;
}

/** `<pre>` with its content, which is HTML; `tag` is the tag that begins it. */
export interface Pre extends Placed {
  kind: 'pre';
  tag: string;
  content: string[];
}

/** `<details>` with its summary begins here. */
export interface Details extends Placed {
  kind: 'details';
  title: string;
}

export interface DetailsEnd extends Placed {
  kind: 'details end';
}

/** A comment of several lines. */
export interface Comment extends Placed {
  kind: 'comment';
  lines: string[];
}

export type Part = Text | Heading | Code | Pre | Details | DetailsEnd | Comment;

/** A fence: where it stands in a list or quotation, its ticks, and what follows them. */
const FENCE = /^((?:\s|>|[-*+]\s|\d+[.)]\s)*)(`{3,}|~{3,})\s*([^`]*)$/;

const LIST_ITEM = /^\s*([-*+]|\d+[.)])\s/;

const RULE = /^ {0,3}(=+|-{2,})\s*$/;

/** The parts of a text whose first line is line `first` of its file. */
export function partsOf(lines: readonly string[], first: number): Part[] {
  return new Splitter([...lines], first).read();
}

class Splitter {
  readonly #parts: Part[] = [];
  #at = 0;
  #inList = false;

  constructor(
    private readonly lines: string[],
    private readonly first: number,
  ) {}

  read(): Part[] {
    for (; this.#at < this.lines.length; this.#at++) this.#readLine(this.#current);
    return this.#parts;
  }

  get #current(): string {
    return this.lines[this.#at] ?? '';
  }

  get #line(): number {
    return this.#at + this.first;
  }

  /** Whether the line before is empty, or there is none. */
  get #afterGap(): boolean {
    return (this.lines[this.#at - 1] ?? '').trim() === '';
  }

  #readLine(text: string): void {
    const fence = FENCE.exec(text);
    const heading = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(text);
    if (fence) this.#readFence(fence);
    else if (!this.#inList && this.#afterGap && /^(\t| {4})\s*\S/.test(text)) this.#readIndented();
    else if (heading) this.#addHeading((heading[1] ?? '').length, heading[2] ?? '');
    else if (/^\s*<pre\b/i.test(text)) this.#readPre();
    else if (/^\s*<!--/.test(text) && !text.includes('-->')) this.#readComment();
    else if (/^\s*<details\b/i.test(text)) this.#readDetails();
    else if (/<\/details>\s*$/i.test(text)) this.#endDetails(text);
    else if (this.#isUnderlined(text)) this.#readUnderlined(text);
    else this.#readText(text);
  }

  #addText(text: string): void {
    this.#parts.push({ kind: 'text', line: this.#line, text });
  }

  #addHeading(depth: number, text: string): void {
    this.#inList = false;
    this.#parts.push({ kind: 'heading', line: this.#line, depth, text });
  }

  #readText(text: string): void {
    if (LIST_ITEM.test(text)) this.#inList = true;
    else if (/^\S/.test(text) && this.#afterGap) this.#inList = false;
    // Right below a paragraph it would make a heading of the paragraph.
    if (RULE.test(text) && !this.#afterGap) this.#addText('');
    this.#addText(text);
  }

  #readFence([, place = '', ticks = '', info = '']: RegExpExecArray): void {
    const line = this.#line;
    const indent = place.replace(/[^\s>]/g, ' ');
    const end = new RegExp(`^[\\s>]*${ticks}${ticks.slice(0, 1)}*\\s*(\\{.*)?$`);
    const content: string[] = [];
    let after = '';
    for (this.#at++; this.#at < this.lines.length; this.#at++) {
      const ending = end.exec(this.#current);
      if (ending) {
        after = ending[1] ?? '';
        break;
      }
      content.push(dedented(this.#current, indent));
    }
    this.#parts.push({ kind: 'code', line, end: this.#line, info: info.trim(), after, content, indent });
  }

  /** Code by indentation alone. */
  #readIndented(): void {
    const line = this.#line;
    const content: string[] = [];
    for (; this.#at < this.lines.length && /^(\t| {4}|\s*$)/.test(this.#current); this.#at++)
      content.push(this.#current.replace(/^(\t| {1,4})/, ''));
    this.#at--;
    this.#parts.push({ kind: 'code', line, end: this.#line, info: '', after: '', content, indent: '' });
    this.#addText('');
  }

  #readPre(): void {
    const line = this.#line;
    const [, tag = '', begun = ''] = /^\s*(<pre[^>]*>)(.*)$/i.exec(this.#current) ?? [];
    const content = [begun];
    while (!/<\/pre>/i.test(content.at(-1) ?? '') && this.#at + 1 < this.lines.length) {
      this.#at++;
      content.push(this.#current);
    }
    const [last = '', rest = ''] = (content.pop() ?? '').split(/<\/pre>/i);
    this.#parts.push({ kind: 'pre', line, tag, content: [...content, last] });
    if (rest.trim() !== '') this.#addText(rest);
  }

  #readComment(): void {
    const line = this.#line;
    const lines = [this.#current];
    while (!this.#current.includes('-->') && this.#at + 1 < this.lines.length) {
      this.#at++;
      lines.push(this.#current);
    }
    this.#parts.push({ kind: 'comment', line, lines });
  }

  /** The summary stands on the same line or on the next. */
  #readDetails(): void {
    const line = this.#line;
    let text = this.#current.replace(/^\s*<details[^>]*>/i, '');
    if (text.trim() === '') {
      this.#at++;
      text = this.#current;
    }
    const [, summary = '', rest = text] = /^\s*<summary[^>]*>(.*?)<\/summary>(.*)$/i.exec(text) ?? [];
    const title = summary
      .replace(/<[^>]*>/g, '')
      .replace(/[[\]]/g, '')
      .trim();
    this.#parts.push({ kind: 'details', line, title: title || 'More' });
    if (rest.trim() !== '') this.#readLine(rest);
  }

  #endDetails(text: string): void {
    const before = text.replace(/<\/details>\s*$/i, '');
    if (before.trim() !== '') this.#readText(before);
    this.#parts.push({ kind: 'details end', line: this.#line });
  }

  /** Whether the line below makes a heading of this one. */
  #isUnderlined(text: string): boolean {
    return this.#afterGap && /^[^\s>|<]/.test(text) && !LIST_ITEM.test(text) && RULE.test(this.#next);
  }

  get #next(): string {
    return this.lines[this.#at + 1] ?? '';
  }

  #readUnderlined(text: string): void {
    this.#addHeading(this.#next.trim().startsWith('=') ? 1 : 2, text.trim());
    this.#at++;
  }
}

/** A line of code in a list or quotation without what sets it off. */
function dedented(text: string, indent: string): string {
  const unquoted = indent.includes('>') ? text.replace(/^\s*>\s?/, '') : text;
  const wide = indent.replace(/^.*>\s?/, '').length;
  return unquoted.replace(new RegExp(`^\\s{0,${wide}}`), '');
}
