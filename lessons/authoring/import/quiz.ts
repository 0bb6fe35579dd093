/** Quizzes of other formats as blocks of ours. */

/** What other formats know of a question. */
export interface ForeignQuiz {
  question: string[];
  options: { text: string; right: boolean }[];
  /** What may be typed, where there is nothing to choose from. */
  answers: string[];
}

/** `- [x] text`, `- (x) text`, also with the brackets escaped. */
export function readOption(line: string): { text: string; right: boolean } | undefined {
  const [, mark, text] = /^\s*[-*]\s*\\?[[(]\s*([xX]?)\s*\\?[\])]\s*(.*)$/.exec(line) ?? [];
  return text === undefined ? undefined : { text, right: mark !== '' };
}

/** The lines of the quiz in our format. */
export function quizBlock(id: string, { question, options, answers }: ForeignQuiz): string[] {
  return [
    `::::quiz{#${id}}`,
    ...(question.length > 0 ? question : ['Which is right?']),
    '',
    ...options.map(({ text, right }) => `- [${right ? 'x' : ' '}] ${text}`),
    ...(answers.length > 0 ? ['```answer', ...answers, '```'] : []),
    '',
    ':::explanation',
    'Say why.',
    ':::',
    '::::',
  ];
}

/** What an author must mend for our format to take the quiz. */
export function quizFault({ options, answers }: ForeignQuiz): string | undefined {
  const rights = options.filter(({ right }) => right).length;
  if (answers.length > 0) return undefined;
  if (options.length < 2) return 'has fewer than two options';
  if (rights === 0) return 'has no right option';
  return rights === options.length ? 'has no wrong option' : undefined;
}
