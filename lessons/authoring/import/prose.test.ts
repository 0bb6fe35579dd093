import { expect, test } from 'vitest';
import { Notes } from './imported.ts';
import { languageOf, plainLine, preText } from './prose.ts';

function plain(text: string): { line: string; notes: string[] } {
  const notes = new Notes();
  return { line: plainLine(text, 'a.md', 1, notes), notes: notes.all.map((note) => note.text) };
}

test('code within the line stays as it is', () => {
  const line = 'Write `<a>`, ``[x](/y) ` z`` and `![p](q)`.';
  expect(plain(line)).toEqual({ line, notes: [] });
});

test('HTML that Markdown can say becomes Markdown', () => {
  expect(
    plain('<b>Bold</b>, <em>soft</em>, <kbd>Tab</kbd>, <a class="x" href="https://a.example">A</a>'),
  ).toEqual({
    line: '**Bold**, *soft*, `Tab`, [A](https://a.example)',
    notes: [],
  });
});

test('other HTML goes with a note for each element, and a break does not join words', () => {
  expect(plain('one<br>two <span class="n">three</span>')).toEqual({
    line: 'one two three',
    notes: ['HTML `<br>`', 'HTML `<span class="n">`'],
  });
});

test('what only looks like HTML is text', () => {
  expect(plain('Give it <your name>, or <https://a.example>. <!-- later -->').line).toBe(
    'Give it \\<your name>, or <https://a.example>. <!-- later -->',
  );
});

test('links within the site that a lab comes from become text', () => {
  expect(plain('[A `b`](/c), [D]( #e ), [F](https://f.example)')).toEqual({
    line: 'A `b`, D, [F](https://f.example)',
    notes: ['link to `/c`; its text stays', 'link to `#e`; its text stays'],
  });
  expect(plain('[ref]: ../other.md')).toEqual({ line: '', notes: ['link to `../other.md`; its text stays'] });
});

test('preformatted HTML is shown as it is read', () => {
  const notes = new Notes();
  expect(preText(['<b>x</b> &lt;y&gt; &#x26; &#38;'], 'a.md', 1, notes)).toEqual(['x <y> & &']);
  expect(notes.all.map(({ text }) => text)).toEqual(['HTML `<b>`']);
});

test('plain text needs no note', () => {
  const notes = new Notes();
  expect(languageOf('plain', 'a.md', 1, notes)).toBe('text');
  expect(languageOf('py', 'a.md', 1, notes)).toBe('text');
  expect(notes.all.map(({ text }) => text)).toEqual(['code in py is shown without colours']);
});
