/**
 * The parser of the lesson format. It reads the whole file before it complains, so that an author
 * sees all problems at once.
 */
import type { RootContent } from 'mdast';
import { readBlocks } from './blocks.ts';
import { readFrontMatter } from './front-matter.ts';
import { identifierOf } from './identifier.ts';
import type { Lesson, Step } from './lesson.ts';
import { parseMarkdown, plainText } from './markdown.ts';
import { nodeNames } from './node.ts';
import { splitNotes } from './notes.ts';
import { ProblemList } from './problem.ts';
import { Reading } from './reading.ts';

/**
 * The lesson in `source`.
 * @param file its name in problems
 * @param files paths of the files beside it, where they are known
 * @throws LessonError with every problem
 */
export function parseLesson(source: string, file: string, files?: ReadonlySet<string>): Lesson {
  const problems = new ProblemList(file);
  const { children } = parseMarkdown(source.replaceAll('\r\n', '\n'));
  const frontMatter = readFrontMatter(children[0], problems);
  const definitions = children.filter((node) => node.type === 'definition');
  const reading = new Reading(definitions, problems, frontMatter?.nodes ?? nodeNames.length, files);
  const content = children.filter((node) => node.type !== 'yaml' && node.type !== 'definition');
  const steps = readSteps(content, reading);
  reading.checkReferences();
  if (!frontMatter || problems.error) throw problems.error ?? new Error('a problem went unnoted');
  return { ...frontMatter, steps, values: reading.values, pictures: [...reading.pictures].sort() };
}

function readSteps(content: RootContent[], reading: Reading): Step[] {
  const { problems } = reading;
  const steps: Step[] = [];
  let nodes: RootContent[] = [];
  const endStep = (): void => {
    const { notes, rest } = splitNotes(nodes, reading);
    const blocks = readBlocks(rest, reading);
    nodes = [];
    const step = steps.at(-1);
    step?.blocks.push(...blocks);
    if (step && notes !== '') step.notes = notes;
  };
  for (const node of content) {
    if (node.type === 'heading' && node.depth === 1) {
      problems.add(node, 'the title stands in the front matter: expected ## for a step, ### within it');
    } else if (node.type === 'heading' && node.depth === 2) {
      endStep();
      steps.push(beginStep(node, steps, problems));
    } else {
      if (steps.length === 0 && node.type !== 'html') {
        problems.add(node, 'expected a step to begin first: ## and its title');
        steps.push({ id: '', title: '', blocks: [] });
      }
      nodes.push(node);
    }
  }
  endStep();
  if (steps.length === 0) problems.add({}, 'expected at least one step: ## and its title');
  return steps;
}

function beginStep(heading: RootContent, before: Step[], problems: ProblemList): Step {
  const title = plainText(heading).trim();
  const id = identifierOf(title);
  if (id === '') problems.add(heading, 'expected a title with letters or digits after ##');
  else if (before.some((step) => step.id === id))
    problems.add(heading, `expected another title: a step before has the same name “${id}”`);
  return { id, title, blocks: [] };
}
