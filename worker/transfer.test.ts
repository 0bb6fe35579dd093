import { expose, releaseProxy, wrap } from 'comlink';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { DrydockError } from './error.ts';
import { installErrorTransfer } from './transfer.ts';

const service = {
  add: (a: number, b: number) => a + b,
  refuse(): never {
    const cause = new DrydockError('damaged-file', 'Other bytes.', { path: 'files/a.zst' });
    throw new DrydockError('restore-failed', 'Not restored.', { attempt: 2 }, { cause });
  },
  stumble(): never {
    throw new RangeError('out of range');
  },
  throwText(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- a library may do this to us
    throw 'just text';
  },
  uncloneable: () => () => 1,
  returnError: () => new DrydockError('timeout', 'Only told, not thrown.'),
};

let close: () => void;

/** The service as seen from the other end of a channel. */
function connect() {
  const { port1, port2 } = new MessageChannel();
  expose(service, port1);
  const remote = wrap<typeof service>(port2);
  close = () => {
    remote[releaseProxy]();
    port1.close();
    port2.close();
  };
  return remote;
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it should have been refused'),
    (error: unknown) => error,
  );

beforeAll(installErrorTransfer);
afterEach(() => {
  close();
});

it('lets ordinary values pass', async () => {
  await expect(connect().add(2, 3)).resolves.toBe(5);
});

it('brings a DrydockError that was thrown with code, details and cause', async () => {
  const error = await caught(connect().refuse());
  expect(error).toBeInstanceOf(DrydockError);
  expect(error).toMatchObject({
    code: 'restore-failed',
    message: 'Not restored.',
    details: { attempt: 2 },
    cause: { name: 'DrydockError', code: 'damaged-file', details: { path: 'files/a.zst' } },
  });
  expect((error as DrydockError).stack).toContain('refuse');
});

it('brings a plain error', async () => {
  const error = await caught(connect().stumble());
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(DrydockError);
  expect(error).toMatchObject({ name: 'RangeError', message: 'out of range' });
});

it('makes an error of what was thrown and is none', async () => {
  expect(await caught(connect().throwText())).toMatchObject({ name: 'Error', message: 'just text' });
});

it('answers a result that cannot be cloned with an error', async () => {
  expect(await caught(connect().uncloneable())).toMatchObject({ name: 'TypeError' });
});

it('does not throw an error that was only returned', async () => {
  await expect(connect().returnError()).resolves.toMatchObject({ message: 'Only told, not thrown.' });
});

it('may be installed twice', async () => {
  installErrorTransfer();
  expect(await caught(connect().refuse())).toMatchObject({ code: 'restore-failed' });
});
