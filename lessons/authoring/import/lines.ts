/**
 * A lesson being made out of lines: steps with titles of their own, and code blocks that stand in no list, as our format
 * wants them.
 */
import type { Notes } from './imported.ts';

export class LessonLines {
  readonly #lines: string[] = [];
  readonly #titles = new Map<string, number>();
  #hasStep = false;

  constructor(private readonly notes: Notes) {}

  get text(): string {
    return `${this.#lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()}\n`;
  }

  /** Begins a step. Steps have different titles: a second one of the same gets a number. */
  step(title: string): void {
    const plain = title.replace(/[#*_`]/g, '').trim() || 'Step';
    const count = (this.#titles.get(plain.toLowerCase()) ?? 0) + 1;
    this.#titles.set(plain.toLowerCase(), count);
    this.#lines.push('', `## ${count > 1 ? `${plain} (${count})` : plain}`, '');
    this.#hasStep = true;
  }

  /** A line of running text; text before the first heading gets a step of its own. */
  write(line: string): void {
    if (line.trim() !== '') this.#ensureStep();
    this.#lines.push(line);
  }

  /** A code block; `indent` is what it had in a list, which it leaves. */
  code(info: string, content: string[], indent: string, file: string, line: number): void {
    this.#ensureStep();
    if (indent !== '') this.notes.add('changed', file, line, 'a code block in a list stands behind it now');
    const dedented = content.map((each) =>
      each.startsWith(indent) ? each.slice(indent.length) : each.trimStart(),
    );
    const body = dedented.join('\n').replace(/^\n+|\s+$/g, '');
    const fence = body.includes('```') ? '````' : '```';
    this.#lines.push('', `${fence}${info}`, body, fence, '');
  }

  /** Lines as they are. */
  block(lines: string[]): void {
    this.#ensureStep();
    this.#lines.push('', ...lines, '');
  }

  #ensureStep(): void {
    if (!this.#hasStep) this.step('Before you begin');
  }
}
