/**
 * Everything an author writes that is data rather than text: the front matter of a lesson and the attributes of its
 * blocks. The descriptions are the reference for authors: FORMAT.md and the editors' JSON Schema are made from them, and
 * errors quote them.
 */
import { z } from 'zod';
import { IDENTIFIER, IDENTIFIER_RULE } from './identifier.ts';
import { nodeNames } from './node.ts';

const identifier = z.string().regex(IDENTIFIER, IDENTIFIER_RULE);

const line = z.string().trim().min(1, 'must not be empty');

/** An attribute that is there or not, as in `{#id optional}`; the directive syntax gives it the value ''. */
const flag = z
  .literal('', 'takes no value')
  .optional()
  .transform((value) => value !== undefined);

/** Names in one attribute, with spaces between them. */
const identifiers = z
  .string()
  .default('')
  .transform((text) => text.split(/\s+/).filter(Boolean))
  .pipe(z.array(identifier));

const node = z.enum(nodeNames, `must be one of ${nodeNames.join(', ')}`);

/** Domains of the Docker Certified Associate exam, as its study guide names them. */
export const examDomains = [
  'orchestration',
  'images',
  'installation',
  'networking',
  'security',
  'storage',
] as const;

export const frontMatterSchema = z.strictObject({
  id: identifier.describe('the name of the lesson’s folder, for example first-container'),
  title: line.describe('the title as readers see it'),
  summary: line.describe('one or two sentences that say what the reader will learn'),
  version: z
    .int()
    .positive()
    .default(1)
    .describe('raised when the lesson changes so much that progress in an older one means nothing'),
  track: line
    .default('Labs')
    .describe('the heading under which the lesson is listed, for example Containers'),
  domain: z.enum(examDomains).optional().describe('the domain of the DCA exam that it prepares for'),
  minutes: z.int().positive().max(240).describe('whole minutes that a beginner needs for the lesson'),
  prerequisites: z.array(identifier).default([]).describe('the lessons that should be known, each by its id'),
  author: line.describe('who wrote the lesson'),
  licence: line.describe('the SPDX identifier of the text’s licence, for example MIT or CC-BY-4.0'),
  images: z
    .array(z.string().regex(/^[a-z0-9][\w./-]*:[\w.-]+$/, 'must be name:tag'))
    .default([])
    .describe('the images that the lesson needs, each as name:tag'),
  nodes: z
    .int()
    .min(1)
    .max(nodeNames.length)
    .default(1)
    .describe('how many machines the lesson needs, 1 to 5: node1, node2 and so on, on one network'),
  memory: z
    .enum(['standard', 'small'])
    .default('standard')
    .describe(
      'the memory of each machine: standard (384 MB), or small (256 MB), so that more of them fit on a small device',
    ),
});

/** What a click on a command does. */
export const runModes = ['run', 'paste', 'interrupt', 'copy'] as const;

/** What becomes of a command that does not simply succeed. */
export const runOutcomes = ['fails', 'stays'] as const;

export const runAttributesSchema = z.strictObject({
  mode: z
    .enum(runModes)
    .default('run')
    .describe(
      'what a click does, written as a word of its own: run it (that is so without a word), paste it without Enter, interrupt (press Ctrl-C first, then run it), or copy it only',
    ),
  outcome: z
    .enum(runOutcomes)
    .optional()
    .describe(
      'written as a word of its own: fails, for a command that is meant to fail, or stays, for one that keeps the terminal, so that the next is typed into it or ends it',
    ),
  terminal: z.coerce
    .number()
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe('the terminal in which the command runs, 1 to 3; without it, the one in use'),
  node: node
    .optional()
    .describe(
      'the node on which the command runs, as in node=node2; without it, node1 in a lesson with several nodes, and else the one in use',
    ),
});

export const valueAttributesSchema = z.strictObject({
  name: identifier.describe('the word after “value”, by which commands use it as @{name}'),
  node: node.optional().describe('the node that is asked, as in node=node2; without it, node1'),
});

export const scriptAttributesSchema = z.strictObject({
  node: node
    .optional()
    .describe(
      'the node on which the bash runs, as in node=node2; without it, that of the task, and without that node1',
    ),
  fault: flag.describe(
    'written as a word of its own: the block has faults in the place of bash, and a check has conditions',
  ),
});

export const taskAttributesSchema = z.strictObject({
  id: identifier.describe('the task’s name, unique in the lesson, written {#name}'),
  needs: identifiers.describe(
    'the tasks that must be done before this one opens, by their names, as in needs="build run"',
  ),
  optional: flag.describe('the lesson is finished without it'),
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .optional()
    .describe(
      'makes a timed challenge: it begins when the reader says so, and should be done in so many minutes',
    ),
  node: node.optional().describe('the node of those blocks that name none; without it, node1'),
});

export const hintAttributesSchema = z.strictObject({
  when: line
    .optional()
    .describe('words of the check’s message: the hint is shown only while the message contains them'),
});

export const quizAttributesSchema = z.strictObject({
  id: identifier.describe('the quiz’s name, unique in the lesson, written {#name}'),
  multiple: flag.describe('several answers may be ticked even though only one of them is right'),
});

export type FrontMatter = z.output<typeof frontMatterSchema>;
export type RunMode = (typeof runModes)[number];
export type RunOutcome = (typeof runOutcomes)[number];
export type ScriptAttributes = z.output<typeof scriptAttributesSchema>;

/** What to tell an author whose input failed `schema` at `issue`: the field, the fault, and what it is for. */
export function explainIssue(schema: z.ZodObject, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = Object.keys(schema.shape);
    const expected = names.length > 0 ? `expected one of ${names.join(', ')}` : 'expected none';
    return `unknown name ${issue.keys.map((key) => `“${key}”`).join(', ')}: ${expected}`;
  }
  const [field] = issue.path;
  const type = schema.shape[String(field)] as z.ZodType | undefined;
  const purpose = type?.description ? ` (${type.description})` : '';
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `“${issue.path.join('.')}” is missing${purpose}`;
  return `“${issue.path.join('.')}”: ${issue.message}${purpose}`;
}
