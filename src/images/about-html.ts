import { toHtml } from '../../lessons/format/html.ts';
import { parseMarkdown } from '../../lessons/format/markdown.ts';

/** Safe HTML of an image's description. In a module of its own: it brings a Markdown parser, which only few pages need. */
export function aboutHtml(markdown: string): string {
  return toHtml(parseMarkdown(markdown).children);
}
