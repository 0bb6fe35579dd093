import { expect, test } from 'vitest';
import { DrydockError } from '../../worker/error.ts';
import { hubAdvice, needsAnotherName } from './hub-advice.ts';

test('a full browser: what to remove, and that nothing is lost', () => {
  expect(hubAdvice(new DrydockError('storage-full', ''), 'keep')).toMatch(
    /Remove images.*Nothing that was stored is lost/,
  );
});

test('a damaged file is the user’s in an upload, else the site’s', () => {
  const error = new DrydockError('damaged-file', '');
  expect(hubAdvice(error, 'import')).toContain('docker save');
  expect(hubAdvice(error, 'keep')).toContain('copy on the server');
});

test('only a name that the catalogue has asks for another one', () => {
  expect(needsAnotherName(new DrydockError('wrong-state', '', { reason: 'in-catalogue' }))).toBe(true);
  expect(needsAnotherName(new DrydockError('wrong-state', ''))).toBe(false);
  expect(needsAnotherName(new Error('x'))).toBe(false);
});
