/**
 * A lesson being made out of lines: steps with titles of their own, and code blocks that stand in no list, as our format
 * wants them.
 */
import { identifierOf } from '../../format/identifier.ts';
import type { Notes } from './imported.ts';

/** A code block around `body`, which may show code blocks itself. */
export function fenced(info: string, body: string): string[] {
  const ticks = Math.max(3, ...[...body.matchAll(/`{3,}/g)].map(([found]) => found.length + 1));
  const fence = '`'.repeat(ticks);
  return [`${fence}${info}`, body, fence];
}

export class LessonLines {
  readonly #lines: string[] = [];
  /** How often each name of a step was used. */
  readonly #names = new Map<string, number>();
  #steps = 0;
  /** The title of a part that has no text of its own yet. */
  #part: string | undefined;
  #inAside = false;
  /** What text is still indented by after a code block has left its list. */
  #left = '';

  constructor(private readonly notes: Notes) {}

  get text(): string {
    this.#beginPart();
    this.endAside();
    return `${this.#lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()}\n`;
  }

  /** How many machines the text names: those of its blocks, and those in addresses. */
  get nodes(): number {
    const named = this.text.matchAll(/^`{3,}\w.*\bnode=node([1-5])\b|http:\/\/node([1-5]):/gm);
    return Math.max(1, ...[...named].map(([, block, address]) => Number(block ?? address)));
  }

  /** Begins a part of several steps. It is one itself if text follows, else the first of them has its title, too. */
  part(title: string): void {
    this.#beginPart();
    this.#part = title;
  }

  /** Begins a step. Steps have different names: a second one of the same gets a number. */
  step(title: string): void {
    this.endAside();
    this.#steps++;
    const whole = this.#part === undefined ? title.trim() : `${this.#part}: ${title.trim()}`;
    this.#part = undefined;
    const plain = identifierOf(whole) === '' ? `Step ${this.#steps} ${whole}`.trim() : whole;
    const name = identifierOf(plain);
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    this.#block([`## ${count > 1 ? `${plain} (${count})` : plain}`]);
  }

  /** A heading within a step. */
  heading(depth: number, title: string): void {
    this.#ensureStep();
    this.#block([`${'#'.repeat(Math.max(depth, 3))} ${title}`]);
  }

  get inAside(): boolean {
    return this.#inAside;
  }

  /** Text from here to `endAside` is folded away. An aside within one is not folded by itself. */
  aside(title: string, file: string, line: number): void {
    this.#ensureStep();
    if (this.#inAside) {
      this.notes.add(
        'changed',
        file,
        line,
        `“${title}”, folded away within what is folded away, stands open`,
      );
      this.#block([`**${title}**`]);
      return;
    }
    this.#block([`:::aside[${title}]`]);
    this.#inAside = true;
  }

  endAside(): void {
    if (this.#inAside) this.#block([':::']);
    this.#inAside = false;
  }

  /** A line of running text; text before the first heading gets a step of its own. */
  write(line: string): void {
    if (line.trim() !== '') this.#ensureStep();
    const [indent = ''] = /^\s*/.exec(line) ?? [];
    if (line.trim() !== '' && indent === '') this.#left = '';
    this.#lines.push(line.slice(Math.min(indent.length, this.#left.length)).replace(/^\s+$/, ''));
  }

  /** A code block; `indent` is what it had in a list, which it leaves. */
  code(info: string, content: string[], indent: string, file: string, line: number): void {
    this.#ensureStep();
    const body = content.join('\n').replace(/^(\s*\n)+|\s+$/g, '');
    if (body === '') {
      this.notes.add('left out', file, line, 'a code block with nothing in it');
      return;
    }
    if (indent !== '')
      this.notes.add('changed', file, line, 'a code block in a list or quotation stands behind it now');
    this.#left = indent;
    this.#block(fenced(info, body));
  }

  /** Lines as they are. */
  block(lines: string[]): void {
    this.#ensureStep();
    this.#block(lines);
  }

  #block(lines: string[]): void {
    this.#lines.push('', ...lines, '');
  }

  #beginPart(): void {
    const title = this.#part;
    this.#part = undefined;
    if (title !== undefined) this.step(title);
  }

  #ensureStep(): void {
    this.#beginPart();
    if (this.#steps === 0) this.step('Before you begin');
  }
}
