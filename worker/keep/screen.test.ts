import { expect, it } from 'vitest';
import { screenText } from './screen.ts';

it.each<[string, string, string[]]>([
  ['lines as they are', 'one\r\ntwo\n\n  three', ['one', 'two', '  three']],
  ['no colours', '\x1b[1;32mroot@node1\x1b[0m:\x1b[38;2;1;2;3m~\x1b[m#', ['root@node1:~#']],
  ['blanks where the cursor was moved right', 'a\x1b[3Cb\x1b[Cc', ['a   b c']],
  ['no titles', '\x1b]0;a title\x07x\x1b]8;;https://x\x1b\\y', ['xy']],
  ['no two-character sequences', '\x1b(Bx\x1b=y\x1b7', ['xy']],
  ['nothing of nothing', '', []],
])('has %s', (_, screen, lines) => {
  expect(screenText(screen)).toEqual(lines);
});

it('makes no endless blanks, and no time of what is hostile', () => {
  expect(screenText('a\x1b[999999999Cb')[0]).toHaveLength(202);
  const begun = performance.now();
  screenText('\x1b['.repeat(200_000));
  screenText(`\x1b]${'x'.repeat(500_000)}`);
  expect(performance.now() - begun).toBeLessThan(5000);
});
