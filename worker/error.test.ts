import { describe, expect, it } from 'vitest';
import { asDrydockError, DrydockError, fromWire, toWire } from './error.ts';

/** What structured cloning to another thread leaves of an error on the wire. */
const crossed = (thrown: unknown): Error => fromWire(structuredClone(toWire(thrown)));

describe('an error that crosses a boundary', () => {
  it('keeps code, message, details and stack', () => {
    const error = new DrydockError('download-failed', 'No such file.', { path: 'files/a.zst', status: 404 });
    const arrived = crossed(error);
    expect(arrived).toBeInstanceOf(DrydockError);
    expect(arrived).toMatchObject({
      name: 'DrydockError',
      code: 'download-failed',
      message: 'No such file.',
      details: { path: 'files/a.zst', status: 404 },
      stack: error.stack,
    });
    expect(arrived.cause).toBeUndefined();
  });

  it('keeps the chain of its causes, each with its own kind', () => {
    const connection = new TypeError('fetch failed');
    const download = new DrydockError('download-failed', 'No connection.', {}, { cause: connection });
    const arrived = crossed(new DrydockError('restore-failed', 'Not restored.', {}, { cause: download }));
    expect(arrived.cause).toBeInstanceOf(DrydockError);
    expect(arrived.cause).toMatchObject({ code: 'download-failed', message: 'No connection.' });
    expect((arrived.cause as Error).cause).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      stack: connection.stack,
    });
  });

  it('stays a plain error where it was one', () => {
    const arrived = crossed(new RangeError('out of range'));
    expect(arrived).not.toBeInstanceOf(DrydockError);
    expect(arrived).toMatchObject({ name: 'RangeError', message: 'out of range' });
  });

  it('survives JSON as well as structured cloning', () => {
    const cause = new Error('why');
    const wire = toWire(new DrydockError('timeout', 'Too late.', { seconds: 3, last: true }, { cause }));
    expect(fromWire(JSON.parse(JSON.stringify(wire)) as typeof wire)).toMatchObject({
      code: 'timeout',
      details: { seconds: 3, last: true },
      cause: { message: 'why' },
    });
  });

  it.each([
    ['a string', 'broken', 'broken'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['something without a string form', Object.create(null), '[object Object]'],
  ])('is made of %s that was thrown', (_, thrown, message) => {
    expect(crossed(thrown)).toMatchObject({ name: 'Error', message });
  });

  it('keeps a cause that is no error as one', () => {
    expect(crossed(new Error('outer', { cause: 'inner' })).cause).toMatchObject({ message: 'inner' });
  });

  it('ends a chain of causes that bites its own tail', () => {
    const error = new Error('round');
    error.cause = error;
    let depth = 0;
    for (let next: unknown = crossed(error); next instanceof Error; next = next.cause) depth++;
    expect(depth).toBe(9);
  });
});

describe('asDrydockError', () => {
  it('leaves a DrydockError as it is', () => {
    const error = new DrydockError('timeout', 'Too late.');
    expect(asDrydockError(error, 'internal', 'Other.')).toBe(error);
  });

  it('wraps anything else', () => {
    const cause = new Error('low level');
    const error = asDrydockError(cause, 'restore-failed', 'Not restored.');
    expect(error).toMatchObject({ code: 'restore-failed', message: 'Not restored.', details: {} });
    expect(error.cause).toBe(cause);
  });
});
