import { expect, test } from 'vitest';
import { parseLesson } from '../format/parse.ts';
import { proofInputs } from './proof-inputs.ts';

const source = `---
id: try
title: Try it
summary: A lesson for tests.
minutes: 5
author: Nobody
licence: MIT
---

## One

\`\`\`run
docker ps
\`\`\`
`;

test('what was proved of a lesson is proved still when speaker notes are added', () => {
  const noted = `${source}\n:::notes\nAsk first.\n:::\n`;
  expect(proofInputs(parseLesson(noted, 'try.md'), 'commands')).toBe(
    proofInputs(parseLesson(source, 'try.md'), 'commands'),
  );
});
