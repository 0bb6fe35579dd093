/** Reads a `::::task{#id}` with its title, check, hints, solution and mutations. */
import type { Code, RootContent } from 'mdast';
import { toHtml, toInlineHtml } from './html.ts';
import type { Mutation, Task } from './lesson.ts';
import { checkText, codeRole, type Container } from './markdown.ts';
import type { ProblemList } from './problem.ts';
import { explainIssue, taskAttributesSchema } from './schema.ts';

export function readTask(node: Container, definitions: RootContent[], problems: ProblemList): Task {
  const [title, ...parts] = node.children;
  const hints: string[] = [];
  const checks: string[] = [];
  const solutions: string[] = [];
  const mutations: Mutation[] = [];

  const code = (part: Code): void => {
    const role = codeRole(part);
    if (part.value.trim() === '') problems.add(part, 'expected bash in this block, but it is empty');
    else if (role === 'check') checks.push(part.value);
    else if (role === 'solution') solutions.push(part.value);
    else if (role === 'mutation' && part.meta) mutations.push({ name: part.meta, script: part.value });
    else if (role === 'mutation')
      problems.add(part, 'expected after “mutation” a few words on what is wrong with this answer');
    else problems.add(part, `expected a check, solution or mutation block in a task`);
  };

  if (title?.type === 'paragraph') checkText(title, problems);
  else problems.add(title ?? node, 'expected a task to begin with a line that says what to do');
  for (const part of parts) {
    if (part.type === 'code') code(part);
    else if (part.type === 'containerDirective' && part.name === 'hint') {
      checkText({ type: 'root', children: part.children }, problems);
      hints.push(toHtml(part.children, definitions));
    } else if (part.type === 'heading')
      problems.add(part, 'a heading inside a task: is the line of colons that closes the task missing?');
    else
      problems.add(part, 'expected only hints and check, solution and mutation blocks after a task’s title');
  }
  if (hints.length === 0) problems.add(node, 'expected at least one :::hint in the task');
  if (checks.length !== 1) problems.add(node, `expected one check block in the task, found ${checks.length}`);
  if (solutions.length !== 1)
    problems.add(node, `expected one solution block in the task, found ${solutions.length}`);

  return {
    id: readId(node, problems),
    title: title?.type === 'paragraph' ? toInlineHtml(title, definitions) : '',
    check: checks[0] ?? '',
    hints,
    solution: solutions[0] ?? '',
    mutations,
  };
}

function readId(node: Container, problems: ProblemList): string {
  const result = taskAttributesSchema.safeParse(node.attributes ?? {});
  if (result.success) return result.data.id;
  for (const issue of result.error.issues)
    problems.add(node, `task: ${explainIssue(taskAttributesSchema, issue)}`);
  return '';
}
