/**
 * Everything an author writes that is data rather than text: the front matter of a lesson and the
 * attributes of its blocks. The descriptions are the reference for authors, and errors quote them.
 */
import { z } from 'zod';

/** How an author may name a lesson or a task: it is used in addresses and in saved progress. */
const identifier = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens');

const line = z.string().trim().min(1, 'must not be empty');

export const frontMatterSchema = z.strictObject({
  id: identifier.describe('the name of the lesson’s folder, for example first-container'),
  title: line.describe('the title as readers see it'),
  summary: line.describe('one or two sentences that say what the reader will learn'),
  minutes: z.int().positive().max(240).describe('whole minutes that a beginner needs for the lesson'),
  author: line.describe('who wrote the lesson'),
  licence: line.describe('the SPDX identifier of the text’s licence, for example MIT or CC-BY-4.0'),
  images: z
    .array(z.string().regex(/^[a-z0-9][\w./-]*:[\w.-]+$/, 'must be name:tag'))
    .default([])
    .describe('the images that the lesson needs, each as name:tag'),
});

export const runAttributesSchema = z.strictObject({
  terminal: z.coerce
    .number()
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe('the terminal in which the command runs, 1 to 3; without it, the one in use'),
});

export const taskAttributesSchema = z.strictObject({
  id: identifier.describe('the task’s name, unique in the lesson, written {#name}'),
});

export type FrontMatter = z.output<typeof frontMatterSchema>;

/** What to tell an author whose input failed `schema` at `issue`: the field, the fault, and what it is for. */
export function explainIssue(schema: z.ZodObject, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ');
    return `unknown name ${issue.keys.map((key) => `“${key}”`).join(', ')}: expected one of ${known}`;
  }
  const [field] = issue.path;
  const type = schema.shape[String(field)] as z.ZodType | undefined;
  const purpose = type?.description ? ` (${type.description})` : '';
  return `“${issue.path.join('.')}”: ${issue.message}${purpose}`;
}
