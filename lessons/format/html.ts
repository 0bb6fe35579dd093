/**
 * Turns Markdown nodes into HTML that is safe to show: raw HTML is dropped, what is left goes through
 * an allow-list, and only then our own parts are added (colours of code, links that leave the page).
 */
import type { Element, ElementContent, Root as HtmlRoot } from 'hast';
import type { Paragraph, Root, RootContent } from 'mdast';
import rehypeSanitize from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkRehype from 'remark-rehype';
import { createHighlighterCoreSync } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import bash from 'shiki/langs/bash.mjs';
import dockerfile from 'shiki/langs/dockerfile.mjs';
import json from 'shiki/langs/json.mjs';
import yaml from 'shiki/langs/yaml.mjs';
import dark from 'shiki/themes/github-dark-default.mjs';
import light from 'shiki/themes/github-light-default.mjs';
import { unified } from 'unified';
import { fileMark } from './file.ts';

const highlighter = createHighlighterCoreSync({
  themes: [light, dark],
  langs: [bash, dockerfile, json, yaml],
  engine: createJavaScriptRegexEngine(),
});

/** The languages that a plain code block may have. */
export const codeLanguages = ['bash', 'dockerfile', 'json', 'yaml', 'text'];

const processor = unified()
  .use(remarkRehype)
  .use(rehypeSanitize)
  .use(() => decorate)
  .use(rehypeStringify);

/** HTML of `nodes`; `definitions` are the link definitions of the document, to which they may refer. */
export function toHtml(nodes: RootContent[], definitions: RootContent[] = []): string {
  const root: Root = { type: 'root', children: [...definitions, ...nodes] };
  return processor.stringify(processor.runSync(root)).trim();
}

/** HTML of the content of one paragraph, for a place where a paragraph cannot stand. */
export function toInlineHtml(paragraph: Paragraph, definitions: RootContent[]): string {
  return toHtml([paragraph], definitions).replace(/^<p>|<\/p>$/g, '');
}

/**
 * Colours code, makes links open a new tab, since leaving this one would end the machine, and marks pictures as files of
 * the lesson; `checkText` has seen that they are.
 */
function decorate(node: HtmlRoot | Element): void {
  node.children.forEach((child, index) => {
    if (child.type !== 'element') return;
    if (child.tagName === 'pre') {
      node.children[index] = highlight(child);
      return;
    }
    if (child.tagName === 'img') {
      const path = String(child.properties.src).replace(/^\.\//, '');
      Object.assign(child.properties, { src: fileMark(path), loading: 'lazy' });
    }
    if (child.tagName === 'a') Object.assign(child.properties, { target: '_blank', rel: ['noopener'] });
    decorate(child);
  });
}

/** A code block with its colours for both themes in the CSS variables --shiki-light and --shiki-dark. */
function highlight(pre: Element): Element {
  const [code] = pre.children;
  if (code?.type !== 'element') return pre;
  const classes = code.properties.className;
  const language = Array.isArray(classes) ? String(classes[0]).replace('language-', '') : 'text';
  const [coloured] = highlighter.codeToHast(plainText(code).trimEnd(), {
    lang: codeLanguages.includes(language) ? language : 'text',
    themes: { light: light.name ?? '', dark: dark.name ?? '' },
    defaultColor: false,
  }).children;
  return coloured?.type === 'element' ? coloured : pre;
}

function plainText(node: ElementContent): string {
  if (node.type === 'text') return node.value;
  return node.type === 'element' ? node.children.map(plainText).join('') : '';
}
