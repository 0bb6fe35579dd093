import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DrydockError } from './error.ts';
import { downloadHost } from './downloads.ts';
import { RemoteSource } from './remote-source.ts';
import { installErrorTransfer } from './transfer.ts';
import { sha256 } from './vm/digest.ts';

const BASE = 'https://drydock.test/machine/';
const bytes = Uint8Array.of(1, 2, 3, 4);

let request: ReturnType<typeof vi.fn<typeof fetch>>;
let channel: MessageChannel;
let source: RemoteSource;

beforeAll(installErrorTransfer);
beforeEach(() => {
  request = vi.fn<typeof fetch>(() => Promise.resolve(new Response(bytes)));
  vi.stubGlobal('fetch', request);
  channel = new MessageChannel();
  downloadHost.serve(BASE, channel.port1);
  source = new RemoteSource(BASE, channel.port2);
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
  vi.unstubAllGlobals();
});

it('reads what the other side downloads, and tells the progress', async () => {
  const onProgress = vi.fn();
  const expected = { bytes: 4, sha256: await sha256(bytes) };
  expect(await source.read('files/a', { expected, onProgress })).toEqual(bytes);
  await vi.waitFor(() => {
    expect(onProgress).toHaveBeenLastCalledWith(4);
  });
  expect(request.mock.calls[0]?.[0]).toEqual(new URL('files/a', BASE));
});

it('passes on how the cache is to be used', async () => {
  await source.read('manifest.json', { cache: 'no-cache' });
  expect(request.mock.calls[0]?.[1]?.cache).toBe('no-cache');
});

it('refuses what is not what was expected', async () => {
  const expected = { bytes: 4, sha256: await sha256(Uint8Array.of(9)) };
  await expect(source.read('files/a', { expected })).rejects.toMatchObject({
    name: 'DrydockError',
    code: 'damaged-file',
    details: { path: 'files/a' },
  });
});

it('brings a failure whole', async () => {
  request.mockResolvedValue(new Response('no', { status: 404 }));
  const failure: unknown = await source.read('files/gone').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DrydockError);
  expect(failure).toMatchObject({ code: 'download-failed', details: { path: 'files/gone', status: 404 } });
});

it('ends the download when it is aborted, and rejects with the reason', async () => {
  const ended = vi.fn();
  request.mockImplementation(
    (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => {
          ended();
          reject(new DOMException('aborted', 'AbortError'));
        });
      }),
  );
  const abort = new AbortController();
  const reading = source.read('files/a', { signal: abort.signal });
  await vi.waitFor(() => {
    expect(request).toHaveBeenCalled();
  });
  const reason = new Error('the machine was destroyed');
  abort.abort(reason);
  await expect(reading).rejects.toBe(reason);
  expect(ended).toHaveBeenCalledOnce();
});

it('does not begin what is aborted already', async () => {
  await expect(source.read('files/a', { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
  expect(request).not.toHaveBeenCalled();
});

it('serves several machines, and aborts for each its own', async () => {
  const other = new MessageChannel();
  downloadHost.serve(BASE, other.port1);
  const second = new RemoteSource(BASE, other.port2);
  const answers: (() => void)[] = [];
  request.mockImplementation(
    (_, init) =>
      new Promise((resolve, reject) => {
        answers.push(() => {
          resolve(new Response(bytes));
        });
        init?.signal?.addEventListener('abort', () => {
          reject(new DOMException('aborted', 'AbortError'));
        });
      }),
  );
  const abort = new AbortController();
  const ended = source.read('files/a', { signal: abort.signal });
  const read = second.read('files/b');
  await vi.waitFor(() => {
    expect(answers).toHaveLength(2);
  });
  abort.abort('gone');
  await expect(ended).rejects.toBe('gone');
  for (const answer of answers) answer();
  expect(await read).toEqual(bytes);
  other.port1.close();
  other.port2.close();
});
