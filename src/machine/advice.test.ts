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
