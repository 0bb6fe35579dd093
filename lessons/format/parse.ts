/**
 * The parser of the lesson format. It reads the whole file before it complains, so that an author
 * sees all problems at once.
 */
import type { Code, RootContent } from 'mdast';
import { readFrontMatter } from './front-matter.ts';
import { toHtml } from './html.ts';
import { calloutTones, type Block, type Lesson, type Step } from './lesson.ts';
import { checkText, codeRole, parseMarkdown, plainText, type Container } from './markdown.ts';
import { ProblemList } from './problem.ts';
import { explainIssue, runAttributesSchema } from './schema.ts';
import { readTask } from './task.ts';

/** The lesson in `source`. Throws a `LessonError` with every problem; `file` is the name it gives them. */
export function parseLesson(source: string, file: string): Lesson {
  const problems = new ProblemList(file);
  const { children } = parseMarkdown(source);
  const frontMatter = readFrontMatter(children[0], problems);
  const content = children.filter((node) => node.type !== 'yaml');
  const steps = new StepReader(content, problems).read();
  if (!frontMatter || problems.error) throw problems.error ?? new Error('a problem went unnoted');
  return { ...frontMatter, steps };
}

class StepReader {
  readonly #content: RootContent[];
  readonly #definitions: RootContent[];
  readonly #problems: ProblemList;
  readonly #steps: Step[] = [];
  readonly #taskIds = new Set<string>();
  /** Running text that has not become a block yet. */
  #text: RootContent[] = [];

  constructor(content: RootContent[], problems: ProblemList) {
    this.#content = content.filter((node) => node.type !== 'definition');
    this.#definitions = content.filter((node) => node.type === 'definition');
    this.#problems = problems;
  }

  read(): Step[] {
    for (const node of this.#content) {
      if (node.type === 'heading' && node.depth === 1) {
        this.#problems.add(
          node,
          'the title stands in the front matter: expected ## for a step, ### within it',
        );
      } else if (node.type === 'heading' && node.depth === 2) {
        this.#beginStep(node);
      } else if (this.#steps.length === 0 && node.type !== 'html') {
        this.#problems.add(node, 'expected a step to begin first: ## and its title');
        this.#steps.push({ id: '', title: '', blocks: [] });
      } else {
        this.#readNode(node);
      }
    }
    this.#endText();
    if (this.#steps.length === 0) this.#problems.add({}, 'expected at least one step: ## and its title');
    return this.#steps;
  }

  #beginStep(node: RootContent): void {
    this.#endText();
    const title = plainText(node).trim();
    const id = slug(title);
    if (id === '') this.#problems.add(node, 'expected a title with letters or digits after ##');
    else if (this.#steps.some((step) => step.id === id))
      this.#problems.add(node, `expected another title: a step before has the same name “${id}”`);
    this.#steps.push({ id, title, blocks: [] });
  }

  #readNode(node: RootContent): void {
    const role = node.type === 'code' ? codeRole(node) : undefined;
    if (node.type === 'code' && role === 'run') this.#push(this.#readRun(node));
    else if (node.type === 'code' && role === 'output') this.#push({ kind: 'output', text: node.value });
    else if (node.type === 'code' && role) this.#problems.add(node, `a ${role} block belongs inside a task`);
    else if (node.type === 'containerDirective') this.#readContainer(node);
    else {
      checkText(node, this.#problems);
      this.#text.push(node);
    }
  }

  #readRun(node: Code): Block {
    if (node.value.trim() === '') this.#problems.add(node, 'expected a command in the run block');
    const attributes = Object.fromEntries(
      (node.meta ?? '')
        .split(/\s+/)
        .filter(Boolean)
        .map((word) => word.split('=', 2)),
    ) as Record<string, unknown>;
    const result = runAttributesSchema.safeParse(attributes);
    for (const issue of result.error?.issues ?? [])
      this.#problems.add(node, `run: ${explainIssue(runAttributesSchema, issue)}`);
    return { kind: 'run', command: node.value, ...result.data };
  }

  #readContainer(node: Container): void {
    const tone = calloutTones.find((name) => name === node.name);
    if (tone) {
      checkText({ type: 'root', children: node.children }, this.#problems);
      this.#push({ kind: 'callout', tone, html: toHtml(node.children, this.#definitions) });
    } else if (node.name === 'task') {
      const task = readTask(node, this.#definitions, this.#problems);
      if (this.#taskIds.has(task.id))
        this.#problems.add(node, `expected another name: a task before is {#${task.id}} too`);
      this.#taskIds.add(task.id);
      this.#push({ kind: 'task', task });
    } else if (node.name === 'hint') {
      this.#problems.add(node, 'a hint belongs inside a task');
    } else {
      const known = ['task', ...calloutTones].join(', ');
      this.#problems.add(node, `unknown block :::${node.name}: expected one of ${known}`);
    }
  }

  #push(block: Block): void {
    this.#endText();
    this.#steps.at(-1)?.blocks.push(block);
  }

  #endText(): void {
    const html = toHtml(this.#text, this.#definitions);
    this.#text = [];
    if (html !== '') this.#push({ kind: 'html', html });
  }
}

function slug(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
