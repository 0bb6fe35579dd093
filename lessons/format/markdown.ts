/** Reads the Markdown of a lesson into a syntax tree, and says what in it the format does not allow. */
import type { Code, Image, Nodes, Root, RootContent } from 'mdast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { isFilePath } from './file.ts';
import { codeLanguages } from './html.ts';
import type { Reading } from './reading.ts';

/** `:::name … :::` */
export type Container = Extract<RootContent, { type: 'containerDirective' }>;

/** Code blocks whose “language” says what they are for. */
const codeRoles = [
  'run',
  'output',
  'value',
  'fault',
  'init',
  'check',
  'solution',
  'mutation',
  'answer',
] as const;
export type CodeRole = (typeof codeRoles)[number];

/** Where links may lead: the web, or a page of the app. */
const LINK = /^(https?:|mailto:|#\/)/i;

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

export function isContainer(node: Nodes, name: string): node is Container {
  return node.type === 'containerDirective' && node.name === name;
}

/** The text of `node` without its mark-up. */
export function plainText(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(plainText).join('') : '';
}

/**
 * Takes the label of a container, as in `:::aside[Label]`, from its children.
 * @returns the label's text, '' if there is none, and the other children
 */
export function splitLabel({ children }: Container): { label: string; content: Container['children'] } {
  const [first, ...rest] = children;
  const isLabel = first?.type === 'paragraph' && first.data?.directiveLabel === true;
  return isLabel ? { label: plainText(first).trim(), content: rest } : { label: '', content: children };
}

/** Notes what running text may not contain, and its pictures. A block in a list or quotation is among the text. */
export function checkText(node: Nodes, reading: Pick<Reading, 'problems' | 'takePicture'>): void {
  const { problems } = reading;
  if (node.type === 'code') {
    const role = codeRole(node);
    if (role) problems.add(node, `a ${role} block cannot stand here`);
    else if (node.lang && !codeLanguages.includes(node.lang)) {
      const known = [...codeRoles, ...codeLanguages].join(', ');
      problems.add(node, `unknown kind of code block “${node.lang}”: expected one of ${known}`);
    }
  } else if (node.type === 'containerDirective' || node.type === 'leafDirective') {
    problems.add(node, `:::${node.name} cannot stand here`);
  } else if (node.type === 'html') {
    // Comments are for other authors.
    if (!/^<!--[^]*-->$/.test(node.value.trim()))
      problems.add(
        node,
        `HTML cannot be used, write Markdown in the place of ${node.value.split('\n')[0] ?? ''}`,
      );
  } else if (node.type === 'image') {
    checkPicture(node, reading);
  } else if (node.type === 'imageReference') {
    problems.add(node, 'expected the path of the picture right behind its text, as in ![text](path)');
  } else if ((node.type === 'link' || node.type === 'definition') && !LINK.test(node.url)) {
    problems.add(
      node,
      `expected a link to https://… or to a page of the app, as #/images, found “${node.url}”`,
    );
  } else if (node.type === 'text' && /^:{3,} +[a-z]/m.test(node.value)) {
    problems.add(node, 'expected no space between ::: and the name of a block, as in :::note');
  } else if (node.type === 'text' && /^:{3,}\s*$/m.test(node.value)) {
    problems.add(
      node,
      'a ::: here closes nothing: a block that holds others needs more colons than they have, as in ::::task',
    );
  }
  if ('children' in node) for (const child of node.children) checkText(child, reading);
}

/** A picture is a file of the lesson, and says in words what is on it. */
function checkPicture(
  node: Image,
  { problems, takePicture }: Pick<Reading, 'problems' | 'takePicture'>,
): void {
  const path = node.url.replace(/^\.\//, '');
  if (isFilePath(path)) takePicture(path, node);
  else
    problems.add(
      node,
      `expected a picture in the lesson’s folder, as ![text](network.svg), found “${node.url}”`,
    );
  if (!node.alt)
    problems.add(node, 'expected between [ and ] what is on the picture, for who does not see it');
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
