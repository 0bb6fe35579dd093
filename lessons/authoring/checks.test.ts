import { expect, test } from 'vitest';
import { looksVacuous } from './checks.ts';

test.each([
  ['echo done', true],
  ['docker ps\necho done', true],
  ['set -e\ndocker inspect web\necho done', false],
  ['docker inspect web || true', true],
  ['docker volume ls | grep -v old', true],
  ['docker image ls | grep -v old | grep new', false],
  ['docker inspect web', false],
])('%j: %s', (script, vacuous) => {
  expect(looksVacuous(script)).toBe(vacuous);
});
