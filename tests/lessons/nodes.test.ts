/** A lesson on two nodes, with faults, is proved on two machines. */
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { explain } from '../../lessons/authoring/report.ts';
import { proveLessons } from '../../lessons/authoring/prove.ts';

const folder = join(import.meta.dirname, 'good');

test('tasks and commands of two nodes are proved, faults included', async () => {
  const proofs = await proveLessons({
    folder,
    ids: ['two-nodes'],
    release: inject('release'),
    trust: process.env.DRYDOCK_PROVE === 'all' ? 'nothing' : 'notes',
  });
  const faults = proofs.flatMap(({ part, findings }) =>
    findings.filter(({ ok }) => !ok).map((finding) => `${part}: ${explain(finding)}`),
  );
  expect(faults).toEqual([]);
  expect(proofs.map(({ part }) => part)).toEqual(['note', 'dark', 'back', 'commands']);
});
