import { expect, test } from 'vitest';
import { partsOf } from './markdown.ts';

/** The parts of `text` but for empty lines, without what the test does not ask. */
function kinds(text: string): unknown[] {
  return partsOf(text.split('\n'), 1)
    .filter((part) => part.kind !== 'text' || part.text.trim() !== '')
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return part.text;
        case 'heading':
          return `${'#'.repeat(part.depth)} ${part.text}`;
        case 'code':
          return { info: part.info, content: part.content, ...(part.after && { after: part.after }) };
        case 'pre':
          return { pre: part.content };
        case 'details':
          return `<${part.title}>`;
        case 'details end':
          return '</>';
        case 'comment':
          return { comment: part.lines };
      }
    });
}

test('a fence may have words behind it, and stand in a list or quotation', () => {
  expect(kinds('```yaml title="a.yml"\na: 1\n```{{copy}}\nafter')).toEqual([
    { info: 'yaml title="a.yml"', content: ['a: 1'], after: '{{copy}}' },
    'after',
  ]);
  expect(kinds('- ```sh\n  ls\n    -l\n  ```')).toEqual([{ info: 'sh', content: ['ls', '  -l'] }]);
  expect(kinds('> ```\n> one\n>   two\n> ```\n> three')).toEqual([
    { info: '', content: ['one', '  two'] },
    '> three',
  ]);
  expect(kinds('~~~\n```\n~~~')).toEqual([{ info: '', content: ['```'] }]);
});

test('three backticks around a word of the line begin no block', () => {
  expect(kinds('```ls``` lists\n\nmore')).toEqual(['```ls``` lists', 'more']);
});

test('a heading may be underlined, and a rule below text is none', () => {
  expect(kinds('First\n=====\n\nSecond\n---\n\n- item\n---')).toEqual([
    '# First',
    '## Second',
    '- item',
    '---',
  ]);
  expect(partsOf(['one', 'two', '---'], 1).map((part) => part.kind === 'text' && part.text)).toEqual([
    'one',
    'two',
    '',
    '---',
  ]);
});

test('a list item’s second paragraph is no code, indented text elsewhere is', () => {
  expect(kinds('Look:\n\n    <b>\n\n      x\n\nEnd')).toEqual([
    'Look:',
    { info: '', content: ['<b>', '', '  x', ''] },
    'End',
  ]);
  expect(kinds('1. one\n\n    two')).toEqual(['1. one', '    two']);
});

test('folded text, with the summary on the same line or the next', () => {
  expect(kinds('<details><summary><b>Tip</b> 1</summary>\nA\n</details>')).toEqual(['<Tip 1>', 'A', '</>']);
  expect(kinds('<details>\n<summary>Tip</summary>A\nB</details>')).toEqual(['<Tip>', 'A', 'B', '</>']);
  expect(kinds('<details>\nA\n</details>')).toEqual(['<More>', 'A', '</>']);
});

test('what is shown or left as a comment is not read', () => {
  expect(kinds('<pre>\n# a\n```\n</pre>rest')).toEqual([{ pre: ['', '# a', '```', ''] }, 'rest']);
  expect(kinds('<!-- old\n## Step\n-->\nnew')).toEqual([{ comment: ['<!-- old', '## Step', '-->'] }, 'new']);
});
