/** What the readers of a lesson's parts share while one lesson is read. */
import type { Code, Paragraph, RootContent } from 'mdast';
import type { z } from 'zod';
import type { NodeName } from '../../worker/net/lan.ts';
import { readConditions, readFaults, type Condition, type Fault, type Lines } from './fault.ts';
import { toHtml, toInlineHtml } from './html.ts';
import { checkText } from './markdown.ts';
import type { Task, Value } from './lesson.ts';
import { nodesOf } from './node.ts';
import { placeholders } from './placeholder.ts';
import type { ProblemList } from './problem.ts';
import { explainIssue } from './schema.ts';

/** A node of the Markdown, as far as a problem needs it. */
type Placed = Parameters<ProblemList['add']>[0];

export class Reading {
  readonly values: Value[] = [];
  readonly pictures = new Set<string>();
  /** Names of tasks and quizzes, which share the addresses of the lesson. */
  readonly #names = new Set<string>();
  readonly #uses: { value: string; node: Placed }[] = [];
  readonly #tasks: { task: Task; node: Placed }[] = [];

  /**
   * `definitions` are those of the document's links, `nodes` the number of the lesson's machines, `files` the paths
   * beside the text where they are known.
   */
  constructor(
    private readonly definitions: RootContent[],
    readonly problems: ProblemList,
    readonly nodes: number,
    private readonly files?: ReadonlySet<string>,
  ) {
    for (const definition of definitions) checkText(definition, this);
  }

  /** HTML of running text. */
  html(nodes: RootContent[]): string {
    checkText({ type: 'root', children: nodes }, this);
    return toHtml(nodes, this.definitions);
  }

  /** HTML of one paragraph's content, for a place where a paragraph cannot stand. */
  inlineHtml(paragraph: Paragraph): string {
    checkText(paragraph, this);
    return toInlineHtml(paragraph, this.definitions);
  }

  /** The attributes of the block `what` at `node`; what is wrong with them is noted. */
  attributes<T extends z.ZodObject>(
    schema: T,
    given: unknown,
    node: Placed,
    what: string,
  ): z.output<T> | undefined {
    const result = schema.safeParse(given);
    for (const issue of result.error?.issues ?? [])
      this.problems.add(node, `${what}: ${explainIssue(schema, issue)}`);
    return result.data;
  }

  /** Notes a problem with a node that the lesson does not have. */
  useNode(name: NodeName | undefined, at: Placed): void {
    const own = nodesOf(this);
    if (name === undefined || own.includes(name)) return;
    const count = own.length === 1 ? 'one node' : `${own.length} nodes`;
    this.problems.add(
      at,
      `there is no ${name}: the lesson has ${count}, ${own.join(', ')}; expected a larger number under “nodes”`,
    );
  }

  /** The faults in a block. */
  faults(code: Code): Fault[] {
    return this.#lines(code, readFaults(code.value), 'a fault, as in cut-power node2');
  }

  /** The conditions in a block. */
  conditions(code: Code): Condition[] {
    return this.#lines(code, readConditions(code.value), 'a condition, as in node2 is off');
  }

  #lines<T extends { node: NodeName }>(code: Code, { items, problems }: Lines<T>, expected: string): T[] {
    const first = (code.position?.start.line ?? 0) + 1;
    const column = code.position?.start.column ?? 1;
    for (const { line, message } of problems) this.problems.add({ line: first + line, column }, message);
    for (const { node } of items) this.useNode(node, code);
    if (items.length + problems.length === 0) this.problems.add(code, `expected ${expected}, in the block`);
    return items;
  }

  readonly takePicture = (path: string, node: Placed): void => {
    if (this.files && !this.files.has(path))
      this.problems.add(node, `there is no picture ${path} in the lesson’s folder`);
    this.pictures.add(path);
  };

  /** Takes the name of a task or quiz, which no other may have. */
  takeName(name: string, node: Placed): void {
    if (name !== '' && this.#names.has(name))
      this.problems.add(node, `expected another name: {#${name}} stands for something before it`);
    this.#names.add(name);
  }

  /** Notes which values a command uses. */
  noteCommand(command: string, node: Placed): void {
    for (const value of placeholders(command)) this.#uses.push({ value, node });
  }

  noteTask(task: Task, node: Placed): void {
    this.#tasks.push({ task, node });
  }

  /** Once all is read: problems with what refers to other parts of the lesson. */
  checkReferences(): void {
    for (const { value, node } of this.#uses) {
      if (!this.values.some(({ name }) => name === value))
        this.problems.add(
          node,
          `@{${value}} stands for no value: expected a \`\`\`value ${value} block in the lesson`,
        );
    }
    for (const { task, node } of this.#tasks) {
      for (const need of task.needs) {
        if (!this.#tasks.some((other) => other.task.id === need))
          this.problems.add(node, `task: “needs”: there is no task {#${need}}`);
        else if (this.#leadsTo(need, task.id))
          this.problems.add(node, `task: “needs”: the task can never open, since {#${need}} waits for it`);
      }
    }
  }

  /** Whether the task `id` waits for `goal`, by itself or by others, or is it. */
  #leadsTo(id: string, goal: string, seen = new Set<string>()): boolean {
    if (id === goal) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    const needs = this.#tasks.find(({ task }) => task.id === id)?.task.needs ?? [];
    return needs.some((need) => this.#leadsTo(need, goal, seen));
  }
}
