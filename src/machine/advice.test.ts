import { expect, test } from 'vitest';
import { DrydockError } from '../../worker/error.ts';
import { adviceFor, errorReport } from './advice.ts';

test('the step that failed is named, and the best remedy comes first', () => {
  const advice = adviceFor(new DrydockError('out-of-memory', 'no'), 'restore', 'standard');
  expect(advice.title).toBe('This step failed: restore its memory');
  expect(advice.remedies).toEqual(['small', 'retry']);
});

test('who has the smaller machine is not offered it', () => {
  for (const code of ['out-of-memory', 'restore-failed', 'timeout'] as const) {
    const advice = adviceFor(new DrydockError(code, 'no'), 'restore', 'small');
    expect(advice.remedies).toEqual(['retry']);
    expect(advice.text).not.toContain('smaller machine');
    expect(advice.text).toMatch(/\.$/);
  }
});

test('a session that is damaged can be left, and its disk booted from', () => {
  const error = new DrydockError('damaged-file', 'gone', { file: 'a' });
  const advice = adviceFor(error, 'manifest', 'standard', 'continue');
  expect(advice.title).toBe('The saved session cannot be opened');
  expect(advice.text).toContain('stays in the list');
  expect(advice.remedies).toEqual(['boot', 'rewind', 'fresh', 'retry']);
  expect(adviceFor(error, 'manifest', 'standard', 'boot').remedies).toEqual(['rewind', 'fresh', 'retry']);
});

test('a machine of a session that fails for another reason is tried again first, with the memory that it had', () => {
  const released = new DrydockError('damaged-file', 'arrived damaged', { path: 'chunks/a' });
  expect(adviceFor(released, 'snapshot', 'standard', 'boot').remedies).toEqual(['retry', 'rewind', 'fresh']);
  const failed = adviceFor(new DrydockError('out-of-memory', 'no'), 'restore', 'standard', 'continue');
  expect(failed.remedies).toEqual(['retry', 'boot', 'rewind', 'fresh']);
});

test('an error that is not ours is a fault of ours', () => {
  expect(adviceFor(new TypeError('x is undefined'), undefined, 'standard')).toMatchObject({
    title: 'The machine failed',
    remedies: ['retry', 'reload'],
  });
});

test('a report has the code, the details and the causes', () => {
  const error = new DrydockError(
    'download-failed',
    'HTTP 404',
    { path: 'v86.wasm' },
    { cause: new Error('gone') },
  );
  const report = errorReport(error);
  expect(report).toContain('DrydockError [download-failed]: HTTP 404');
  expect(report).toContain('{"path":"v86.wasm"}');
  expect(report).toContain('caused by Error: gone');
});
