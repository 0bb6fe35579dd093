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
    const terminal = terminalOf(words, file, line, notes);
    return [
      'run',
      ...(runs ? [] : ['copy']),
      ...(takes(/^interrupt$/) ? ['interrupt'] : []),
      ...(takes(/^no-newline$/) ? ['paste'] : []),
      ...(terminal === undefined ? [] : [`terminal=${terminal}`]),
    ].join(' ');
  }
  return undefined;
}

/** `T2` is a terminal, `HOST2` another machine, in whose place is a terminal of its own. */
function terminalOf(words: string[], file: string, line: number, notes: Notes): string | undefined {
  const [, kind = '', number = ''] = words.map((word) => /^(T|HOST)0?(\d)$/i.exec(word)).find(Boolean) ?? [];
  if (number === '' || (kind.length > 1 && number === '1')) return undefined;
  if (kind.length > 1)
    notes.add(
      'changed',
      file,
      line,
      `host ${number} is another machine there, here terminal ${number} of the same`,
    );
  if (Number(number) <= 3) return number;
  notes.add('left out', file, line, `terminal ${number}: there are three`);
  return undefined;
}
