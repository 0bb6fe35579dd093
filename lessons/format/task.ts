/** Reads a `::::task{#id}` with its title, check, hints, solution and mutations. */
import type { Code } from 'mdast';
import type { NodeName } from '../../worker/net/lan.ts';
import type { Action, Hint, Mutation, Question, Task } from './lesson.ts';
import { codeRole, type Container } from './markdown.ts';
import { nodeNames } from './node.ts';
import type { Reading } from './reading.ts';
import {
  hintAttributesSchema,
  scriptAttributesSchema,
  taskAttributesSchema,
  type ScriptAttributes,
} from './schema.ts';

export function readTask(node: Container, reading: Reading): Task {
  const { problems } = reading;
  const [title, ...parts] = node.children;
  const attributes = reading.attributes(taskAttributesSchema, node.attributes ?? {}, node, 'task');
  const id = attributes?.id ?? '';
  reading.takeName(id, node);
  reading.useNode(attributes?.node, node);
  const hints: Hint[] = [];
  const scripts = new ScriptReader(reading, attributes?.node ?? nodeNames[0]);

  if (title?.type !== 'paragraph')
    problems.add(title ?? node, 'expected a task to begin with a line that says what to do');
  for (const part of parts) {
    if (part.type === 'code') scripts.read(part);
    else if (part.type === 'containerDirective') {
      if (part.name === 'hint') hints.push(readHint(part, reading));
      else problems.add(part, `unknown block :::${part.name} in a task: expected :::hint`);
    } else if (part.type === 'heading')
      problems.add(part, 'a heading inside a task: is the line of colons that closes the task missing?');
    else
      problems.add(
        part,
        'expected only hints and init, check, solution and mutation blocks after a task’s title',
      );
  }
  if (hints.every(({ when }) => when !== undefined))
    problems.add(node, 'expected at least one :::hint in the task, without “when”');
  for (const role of ['check', 'solution'] as const)
    if (scripts[role].length === 0) problems.add(node, `expected a ${role} block in the task, found none`);

  const { init, check, solution, mutations } = scripts;
  const task: Task = {
    id,
    title: title?.type === 'paragraph' ? reading.inlineHtml(title) : '',
    needs: attributes?.needs ?? [],
    optional: attributes?.optional ?? false,
    ...(attributes?.minutes !== undefined && { minutes: attributes.minutes }),
    ...{ init, check, hints, solution, mutations },
  };
  reading.noteTask(task, node);
  return task;
}

/** The blocks of a task with bash or faults in them. */
class ScriptReader {
  readonly init: Action[] = [];
  readonly check: Question[] = [];
  readonly solution: Action[] = [];
  readonly mutations: Mutation[] = [];

  /** @param node where a block runs that names none */
  constructor(
    private readonly reading: Reading,
    private readonly node: NodeName,
  ) {}

  read(code: Code): void {
    const { problems } = this.reading;
    const role = codeRole(code);
    if (role !== 'init' && role !== 'check' && role !== 'solution' && role !== 'mutation') {
      problems.add(code, 'expected an init, check, solution or mutation block in a task');
      return;
    }
    if (code.value.trim() === '') problems.add(code, 'expected bash in this block, but it is empty');
    else if (role === 'mutation') this.#readMutation(code);
    else {
      const { attributes, words } = this.#readWords(code, role);
      for (const word of words)
        problems.add(code, `${role}: unknown word “${word}”: expected fault, or node=NAME`);
      if (role === 'check') this.check.push(this.#question(code, attributes));
      else this[role].push(this.#action(code, attributes));
    }
  }

  /** Blocks of one name are the steps of one wrong answer. */
  #readMutation(code: Code): void {
    const { attributes, words } = this.#readWords(code, 'mutation');
    const name = words.join(' ');
    if (name === '')
      this.reading.problems.add(
        code,
        'expected after “mutation” a few words on what is wrong with this answer',
      );
    const action = this.#action(code, attributes);
    const same = this.mutations.find((mutation) => mutation.name === name);
    if (same) same.actions.push(action);
    else this.mutations.push({ name, actions: [action] });
  }

  /** What stands behind a role: `fault` comes first, `node=NAME` where it likes; other words may be a name. */
  #readWords(code: Code, what: string): { attributes: ScriptAttributes | undefined; words: string[] } {
    const all = (code.meta ?? '').split(/\s+/).filter(Boolean);
    const isFault = all[0] === 'fault';
    const words = isFault ? all.slice(1) : all;
    const place = words.find((word) => word.startsWith('node='));
    const given = {
      ...(isFault && { fault: '' }),
      ...(place !== undefined && { node: place.slice('node='.length) }),
    };
    const attributes = this.reading.attributes(scriptAttributesSchema, given, code, what);
    this.reading.useNode(attributes?.node, code);
    if (isFault && place !== undefined)
      this.reading.problems.add(code, `${what}: the lines of a fault block name their nodes themselves`);
    return { attributes, words: words.filter((word) => word !== place) };
  }

  #action(code: Code, attributes: ScriptAttributes | undefined): Action {
    if (attributes?.fault) return { kind: 'faults', faults: this.reading.faults(code) };
    return { kind: 'script', node: attributes?.node ?? this.node, script: code.value };
  }

  #question(code: Code, attributes: ScriptAttributes | undefined): Question {
    if (attributes?.fault) return { kind: 'conditions', conditions: this.reading.conditions(code) };
    return { kind: 'script', node: attributes?.node ?? this.node, script: code.value };
  }
}

function readHint(node: Container, reading: Reading): Hint {
  const when = reading.attributes(hintAttributesSchema, node.attributes ?? {}, node, 'hint')?.when;
  return { html: reading.html(node.children), ...(when !== undefined && { when }) };
}
