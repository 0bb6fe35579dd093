/** What stands behind a piece of code in Killercoda's Markdown and says what a click does; also Katacoda's older words. */
import type { Notes } from './imported.ts';

/** `{{exec}}`, `{{copy}}`, `{{exec interrupt}}`, `{{execute T2}}`, or several of them. */
export const ACTIONS = /(?:\{\{[^{}]*\}\})+/;

/** Code within a line, with its backticks, and what a click on it does. */
export const INLINE = new RegExp(`(\`+)(?!\`)(.*?[^\`])\\1(?!\`)(${ACTIONS.source})?`, 'g');

/** What stands behind `run` for these actions; undefined for code that is only read. */
export function runWords(
  actions: string,
  code: string,
  file: string,
  line: number,
  notes: Notes,
): string | undefined {
  const words = actions.split(/[{}\s]+/).filter(Boolean);
  const takes = (word: RegExp): boolean => words.some((each) => word.test(each));
  const note = (text: string): void => {
    notes.add(
      'left out',
      file,
      line,
      `\`{{${words.join(' ')}}}\` of \`${code.split('\n')[0] ?? ''}\`: ${text}`,
    );
  };
  const runs = takes(/^exec(ute)?$/);
  if (takes(/^ctrl-seq$/)) note('a key, which is to be pressed in the terminal');
  else if (takes(/^open$/)) note('there is no editor');
  else if (words.length === 0) notes.add('left out', file, line, '`{{}}`: code can be copied everywhere');
  else if (!runs && !takes(/^copy$/)) note('no action of ours');
  else {
    return [
      'run',
      ...(runs ? [] : ['copy']),
      ...(takes(/^interrupt$/) ? ['interrupt'] : []),
      ...(takes(/^no-newline$/) ? ['paste'] : []),
      ...placeOf(words, file, line, notes),
    ].join(' ');
  }
  return undefined;
}

/** Where a command runs: `T2` is a terminal, `HOST2` another machine. */
function placeOf(words: string[], file: string, line: number, notes: Notes): string[] {
  return words.flatMap((word) => {
    const [, kind = '', number = ''] = /^(T|HOST)0?(\d)$/i.exec(word) ?? [];
    if (number === '') return [];
    const isTerminal = kind.length === 1;
    if (Number(number) >= 1 && Number(number) <= (isTerminal ? 3 : 5))
      return [isTerminal ? `terminal=${number}` : `node=node${number}`];
    const most = isTerminal ? `terminal ${number}: there are three` : `host ${number}: there are five nodes`;
    notes.add('left out', file, line, most);
    return [];
  });
}
