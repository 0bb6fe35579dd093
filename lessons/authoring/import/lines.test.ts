import { expect, test } from 'vitest';
import { Notes } from './imported.ts';
import { LessonLines } from './lines.ts';

function written(write: (lines: LessonLines) => void): string {
  const lines = new LessonLines(new Notes());
  write(lines);
  return lines.text;
}

test('titles keep their signs, and those of one name get a number', () => {
  const text = written((lines) => {
    for (const title of ['Part #1: my_file', 'A + B', 'A B', '終わり']) lines.step(title);
  });
  expect(text).toBe('## Part #1: my_file\n\n## A + B\n\n## A B (2)\n\n## Step 4 終わり\n');
});

test('a part without text of its own is no empty step', () => {
  const text = written((lines) => {
    lines.part('One');
    lines.step('Begin');
    lines.part('Two');
    lines.write('Text.');
    lines.step('Go on');
    lines.part('End');
  });
  expect(text).toBe('## One: Begin\n\n## Two\n\nText.\n\n## Go on\n\n## End\n');
});

test('text behind a code block that has left its list is no code', () => {
  const text = written((lines) => {
    lines.write('1. One');
    lines.code('run', ['ls'], '    ', 'a.md', 2);
    lines.write('    See?');
    lines.write('    * so');
    lines.write('2. Two');
    lines.write('    more');
  });
  expect(text).toContain('```\n\nSee?\n* so\n2. Two\n    more\n');
});

test('an aside ends with its step, and holds no other', () => {
  const notes = new Notes();
  const lines = new LessonLines(notes);
  lines.step('One');
  lines.aside('Tip', 'a.md', 1);
  lines.aside('More', 'a.md', 2);
  lines.write('Text.');
  lines.step('Two');
  expect(lines.text).toBe('## One\n\n:::aside[Tip]\n\n**More**\n\nText.\n\n:::\n\n## Two\n');
  expect(notes.all).toMatchObject([{ line: 2, kind: 'changed' }]);
});

test('code that shows a code block has a longer fence, and an empty one is left out', () => {
  const notes = new Notes();
  const lines = new LessonLines(notes);
  lines.code('text', ['````', 'x', '````'], '', 'a.md', 1);
  lines.code('run', ['', ' '], '', 'a.md', 9);
  expect(lines.text).toContain('`````text\n````\nx\n````\n`````\n');
  expect(notes.all).toMatchObject([{ line: 9, text: 'a code block with nothing in it' }]);
});
