/** Running text of other formats, line by line, in ours: what Markdown does not have goes, with a note. */
import { codeLanguages } from '../../format/html.ts';
import type { Notes } from './imported.ts';

/** Code within a line, with its backticks. */
const CODE_SPAN = /(`+)(?!`)(?:.*?[^`])\1(?!`)/;

/** What stands in a line for something that must stay as it is: its number between two characters of no script. */
const KEPT = /\uE000(\d+)\uE001/g;

/** Where links may lead; elsewhere is the site that the lesson comes from. */
const LINK = String.raw`https?:|mailto:|#\/`;

const TAG =
  /<(\/?)(a|b|i|u|em|strong|code|pre|br|hr|p|div|span|sup|sub|img|iframe|details|summary|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|center|font|small|mark|kbd|tt|blockquote|section|figure|script|style|video|audio|source|svg|button|input|form|label|select|option|h[1-6])(\s[^>]*)?\/?>/gi;

/** Applies `change` to a line but for the code within it. */
export function outsideCode(text: string, change: (prose: string) => string): string {
  return keeping(CODE_SPAN, text, change);
}

/** Applies `change` to a line but for what `kept` matches. */
function keeping(kept: RegExp, text: string, change: (rest: string) => string): string {
  const found: string[] = [];
  const rest = text.replace(new RegExp(kept.source, 'g'), (match) => `\uE000${found.push(match) - 1}\uE001`);
  return change(rest).replace(KEPT, (_, index: string) => found[Number(index)] ?? '');
}

/** Makes a line of `file` fit our format. */
export function plainLine(text: string, file: string, line: number, notes: Notes): string {
  const untouched = new RegExp(`${CODE_SPAN.source}|<!--.*?-->|<(?:https?:|mailto:)[^>\\s]*>`);
  return keeping(untouched, text, (prose) =>
    withoutHtml(withoutForeignLinks(prose, file, line, notes), file, line, notes),
  );
}

/** Pictures and pages lie on the site that the lesson comes from. */
function withoutForeignLinks(text: string, file: string, line: number, notes: Notes): string {
  const out = (url: string): void => {
    notes.add('left out', file, line, `link to \`${url}\`; its text stays`);
  };
  return text
    .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, (_, alt: string, url: string) => {
      notes.add(
        'to do',
        file,
        line,
        `picture ${url}: put the file into the lesson’s folder and show it again`,
      );
      return alt === '' ? '' : `_(Picture: ${alt})_`;
    })
    .replace(/<a\s[^>]*href=["'](https?:[^"']*)["'][^>]*>(.*?)<\/a>/gi, '[$2]($1)')
    .replace(
      new RegExp(String.raw`\[([^\]]*)\]\(\s*(?!${LINK})([^)\s]*)[^)]*\)`, 'g'),
      (_, label: string, url: string) => {
        out(url);
        return label;
      },
    )
    .replace(new RegExp(String.raw`^\s*\[[^\]]+\]:\s+(?!${LINK})(\S+).*$`), (_, url: string) => {
      out(url);
      return '';
    });
}

/** Tags that only Markdown's own marks say become those, others go, and what is no tag is not read as one. */
function withoutHtml(text: string, file: string, line: number, notes: Notes): string {
  return text
    .replace(/<(b|strong)>(.+?)<\/\1>/gi, '**$2**')
    .replace(/<(i|em)>(.+?)<\/\1>/gi, '*$2*')
    .replace(/<(code|kbd|tt)>([^`]+?)<\/\1>/gi, '`$2`')
    .replace(TAG, (tag, slash: string, name: string) => {
      if (slash === '') notes.add('left out', file, line, `HTML \`${tag}\``);
      return name.toLowerCase() === 'br' ? ' ' : '';
    })
    .replace(/<(?=[a-z/!?])/gi, '\\<');
}

/** The text of `<pre>`, in which HTML is told from text by what stands in the place of its `<` and `&`. */
export function preText(content: string[], file: string, line: number, notes: Notes): string[] {
  return content.map((text, i) =>
    withoutEntities(
      text.replace(
        /<(\/?)(a|b|i|u|em|strong|code|span|font|mark|br)(\s[^>]*)?\/?>/gi,
        (tag, slash: string) => {
          if (slash === '') notes.add('left out', file, line + i, `HTML \`${tag}\``);
          return '';
        },
      ),
    ),
  );
}

function withoutEntities(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&' };
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (entity, hex?: string, dec?: string, name = '') => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (dec !== undefined) return String.fromCodePoint(Number(dec));
      return named[String(name)] ?? entity;
    },
  );
}

/** The language of a block to read; another one is shown without colours. */
export function languageOf(info: string, file: string, line: number, notes: Notes): string {
  const [word = ''] = info
    .replace(/[{}.:]/g, ' ')
    .trim()
    .split(/\s+/);
  const known: Record<string, string> = {
    '': 'text',
    plain: 'text',
    plaintext: 'text',
    txt: 'text',
    none: 'text',
    sh: 'bash',
    shell: 'bash',
    console: 'text',
    yml: 'yaml',
    docker: 'dockerfile',
  };
  const language = known[word.toLowerCase()] ?? word.toLowerCase();
  if (codeLanguages.includes(language)) return language;
  notes.add('changed', file, line, `code in ${word} is shown without colours`);
  return 'text';
}
