/** Reads the Markdown of a lesson into a syntax tree, and says what in it the format does not allow. */
import type { Code, Nodes, Root, RootContent } from 'mdast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { codeLanguages } from './html.ts';
import type { ProblemList } from './problem.ts';

/** `:::name … :::` */
export type Container = Extract<RootContent, { type: 'containerDirective' }>;

/** Code blocks whose “language” says what they are for. */
const codeRoles = ['run', 'output', 'check', 'solution', 'mutation'] as const;
export type CodeRole = (typeof codeRoles)[number];

const reader = unified().use(remarkParse).use(remarkFrontmatter).use(remarkGfm).use(remarkDirective);

export function parseMarkdown(source: string): Root {
  const root = reader.parse(source);
  restoreColons(root, source);
  return root;
}

/** The role of a code block, or undefined when it is only code to read. */
export function codeRole({ lang }: Code): CodeRole | undefined {
  return codeRoles.find((role) => role === lang);
}

/** The text of `node` without its mark-up. */
export function plainText(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(plainText).join('') : '';
}

/** Notes what running text may not contain. A block that stands in a list or quotation is among it. */
export function checkText(node: Nodes, problems: ProblemList): void {
  if (node.type === 'code') {
    const role = codeRole(node);
    if (role) problems.add(node, `a ${role} block cannot stand here`);
    else if (node.lang && !codeLanguages.includes(node.lang)) {
      const known = [...codeRoles, ...codeLanguages].join(', ');
      problems.add(node, `unknown kind of code block “${node.lang}”: expected one of ${known}`);
    }
  } else if (node.type === 'containerDirective' || node.type === 'leafDirective') {
    problems.add(node, `:::${node.name} cannot stand here`);
  } else if (node.type === 'image' || node.type === 'imageReference') {
    problems.add(node, 'images cannot be used in lessons yet');
  } else if (node.type === 'text' && /^:{3,}\s*$/m.test(node.value)) {
    problems.add(
      node,
      'a ::: here closes nothing: a block that holds others needs more colons than they have, as in ::::task',
    );
  }
  if ('children' in node) for (const child of node.children) checkText(child, problems);
}

/**
 * The directive syntax takes `:latest` in “busybox:latest” for a directive within the line. The format
 * has none of those, so each becomes the text again that its author wrote.
 */
function restoreColons(node: Nodes, source: string): void {
  if (!('children' in node)) return;
  const children = node.children as Nodes[];
  children.forEach((child, index) => {
    if (child.type === 'textDirective') {
      const { position } = child;
      const value = source.slice(position?.start.offset, position?.end.offset);
      children[index] = { type: 'text', value, ...(position && { position }) };
    } else {
      restoreColons(child, source);
    }
  });
}
