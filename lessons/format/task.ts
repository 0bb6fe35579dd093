/** Reads a `::::task{#id}` with its title, check, hints, solution and mutations. */
import type { Code } from 'mdast';
import type { Hint, Mutation, Task } from './lesson.ts';
import { codeRole, type Container } from './markdown.ts';
import type { Reading } from './reading.ts';
import { hintAttributesSchema, taskAttributesSchema } from './schema.ts';

export function readTask(node: Container, reading: Reading): Task {
  const { problems } = reading;
  const [title, ...parts] = node.children;
  const hints: Hint[] = [];
  const mutations: Mutation[] = [];
  const scripts: Record<'init' | 'check' | 'solution', string[]> = { init: [], check: [], solution: [] };

  const code = (part: Code): void => {
    const role = codeRole(part);
    if (part.value.trim() === '') problems.add(part, 'expected bash in this block, but it is empty');
    else if (role === 'init' || role === 'check' || role === 'solution') scripts[role].push(part.value);
    else if (role === 'mutation' && part.meta) mutations.push({ name: part.meta, script: part.value });
    else if (role === 'mutation')
      problems.add(part, 'expected after “mutation” a few words on what is wrong with this answer');
    else problems.add(part, 'expected an init, check, solution or mutation block in a task');
  };

  if (title?.type !== 'paragraph')
    problems.add(title ?? node, 'expected a task to begin with a line that says what to do');
  for (const part of parts) {
    if (part.type === 'code') code(part);
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
  for (const role of ['check', 'solution'] as const) {
    const found = scripts[role].length;
    if (found !== 1) problems.add(node, `expected one ${role} block in the task, found ${found}`);
  }
  if (scripts.init.length > 1) problems.add(node, `expected at most one init block in the task`);

  const attributes = reading.attributes(taskAttributesSchema, node.attributes ?? {}, node, 'task');
  const id = attributes?.id ?? '';
  reading.takeName(id, node);
  const [init] = scripts.init;
  const task: Task = {
    id,
    title: title?.type === 'paragraph' ? reading.inlineHtml(title) : '',
    needs: attributes?.needs ?? [],
    optional: attributes?.optional ?? false,
    ...(attributes?.minutes !== undefined && { minutes: attributes.minutes }),
    ...(init !== undefined && { init }),
    check: scripts.check[0] ?? '',
    hints,
    solution: scripts.solution[0] ?? '',
    mutations,
  };
  reading.noteTask(task, node);
  return task;
}

function readHint(node: Container, reading: Reading): Hint {
  const when = reading.attributes(hintAttributesSchema, node.attributes ?? {}, node, 'hint')?.when;
  return { html: reading.html(node.children), ...(when !== undefined && { when }) };
}
