/** The proof of lessons, proved itself: each lesson in `bad` has one fault, and must be refused for that reason. */
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import type { PartProof } from '../../lessons/authoring/proof-job.ts';
import { proveLessons } from '../../lessons/authoring/prove.ts';
import { lessonIds } from '../../lessons/folder.ts';

const folder = join(import.meta.dirname, 'bad');

/** What is wrong in each: situation and message. */
const FAULTS: Record<string, [situation: string, message: string | RegExp][]> = {
  'always-true': [
    ['fresh machine', 'the check passed, though it said: Well done.'],
    ['wrong answer: another name', 'Well done.'],
    ['wrong answer, 4 s later: another name', 'Well done.'],
  ],
  'else-passes': [['fresh machine', 'Does it lack an “exit 1” at its end?']],
  'any-other-line': [
    ['fresh machine', 'the check passed'],
    ['wrong answer: another name', 'the check passed'],
    ['wrong answer, 4 s later: another name', 'the check passed'],
  ],
  'only-text': [
    ['wrong answer: written, but not built', 'the check passed'],
    ['wrong answer, 4 s later: written, but not built', 'the check passed'],
  ],
  'another-container': [
    ['wrong answer: another name', 'the check passed'],
    ['wrong answer, 4 s later: another name', 'the check passed'],
  ],
  'always-running': [
    ['fresh machine', 'the check passed'],
    ['wrong answer: another name', 'the check passed'],
    ['wrong answer, 4 s later: another name', 'the check passed'],
  ],
  'says-nothing': [
    ['fresh machine', 'the check does not say what is missing'],
    ['wrong answer: another name', 'the check does not say what is missing'],
    ['wrong answer, 4 s later: another name', 'the check does not say what is missing'],
  ],
  'broken-solution': [
    ['solved', 'There is no volume named notes.'],
    ['asked again', 'There is no volume named notes.'],
  ],
  'broken-command': [
    ['Step: docker volume inspect notes', /^exit code 1\n[^]*no such volume/i],
    ['Step: docker volume ls', /^it succeeded, and was meant to fail\n[^]*DRIVER/],
  ],
};

let proofs: PartProof[];

beforeAll(async () => {
  proofs = await proveLessons({
    folder,
    ids: lessonIds(folder),
    release: inject('release'),
    trust: 'nothing',
  });
}, 900_000);

test('each bad lesson is known here', () => {
  expect(proofs.map(({ lesson }) => lesson).sort()).toEqual(Object.keys(FAULTS).sort());
});

test.each(Object.keys(FAULTS))('%s is refused for its fault', (id) => {
  const wrong = proofs.find(({ lesson }) => lesson === id)?.findings.filter(({ ok }) => !ok) ?? [];
  const expected = FAULTS[id] ?? [];
  expect(wrong.map(({ situation }) => situation)).toEqual(expected.map(([situation]) => situation));
  wrong.forEach(({ message }, i) => {
    expect(message).toMatch(expected[i]?.[1] ?? '');
  });
});
