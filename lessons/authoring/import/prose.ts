/** Running text of other formats, line by line, in ours: what Markdown does not have goes, with a note. */
import { codeLanguages } from '../../format/html.ts';
import type { Notes } from './imported.ts';

/** Makes a line of `file` fit our format. */
export function plainLine(text: string, file: string, line: number, notes: Notes): string {
  const out = (what: string): string => {
    notes.add('left out', file, line, what);
    return '';
  };
  return (
    text
      // Pictures lie on the site that the lesson comes from.
      .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, (_, alt: string, url: string) => {
        notes.add(
          'to do',
          file,
          line,
          `picture ${url}: put the file into the lesson’s folder and show it again`,
        );
        return alt === '' ? '' : `_(Picture: ${alt})_`;
      })
      .replace(
        /<\/?(a|b|i|u|em|strong|code|pre|br|hr|p|div|span|sup|sub|img|iframe|details|summary|table|tr|td|th|ul|ol|li|center|kbd|script|style|video|button|input|h[1-6])(\s[^>]*)?\/?>/gi,
        (tag) => out(`HTML \`${tag}\``),
      )
      .replace(/\[([^\]]*)\]\((?!https?:|mailto:|#\/)([^)\s]*)[^)]*\)/g, (_, label: string, url: string) => {
        notes.add('left out', file, line, `link to \`${url}\`; its text stays`);
        return label;
      })
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
