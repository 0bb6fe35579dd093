import { describe, expect, it, vi } from 'vitest';
import { sha256 } from './digest.ts';
import { HttpSource, readVerified, verify, type ReleaseSource } from './source.ts';

const BASE = 'https://drydock.test/machine/';

/** A source whose server answers every request with `answer`. */
function served(answer: () => Response | Promise<Response>) {
  const request = vi.fn<typeof fetch>(async () => answer());
  return { request, source: new HttpSource(BASE, request) };
}

/** A response whose body comes in the given parts and then, if `broken`, ends in an error. */
function streamed(parts: number[][], broken = false): Response {
  const left = parts.map((part) => Uint8Array.from(part));
  return new Response(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const part = left.shift();
        if (part) controller.enqueue(part);
        else if (broken) controller.error(new TypeError('terminated'));
        else controller.close();
      },
    }),
  );
}

describe('HttpSource', () => {
  it('reads a file under its base', async () => {
    const { source, request } = served(() => streamed([[1, 2], [3]]));
    expect(await source.read('files/a.zst')).toEqual(Uint8Array.of(1, 2, 3));
    expect(request).toHaveBeenCalledOnce();
    const [url, init] = request.mock.calls[0] ?? [];
    expect(url).toEqual(new URL(`${BASE}files/a.zst`));
    expect(init?.cache).toBe('default');
  });

  it.each(['no-cache', 'reload'] as const)('passes on the cache mode %s', async (cache) => {
    const { source, request } = served(() => streamed([[1]]));
    await source.read('manifest.json', { cache });
    expect(request.mock.calls[0]?.[1]?.cache).toBe(cache);
  });

  it('reports progress as bytes arrive, and gives them in order', async () => {
    const { source } = served(() => streamed([[1, 2], [3], [4, 5, 6]]));
    const onProgress = vi.fn();
    expect(await source.read('a', { onProgress })).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(onProgress.mock.calls).toEqual([[2], [3], [6]]);
  });

  it('gives up a server that falls silent, and not one that is slow', async () => {
    vi.useFakeTimers();
    try {
      let server: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
      const request = vi.fn<typeof fetch>((_, init) => {
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
          start(controller) {
            server = controller;
            init?.signal?.addEventListener('abort', () => {
              controller.error(init.signal?.reason);
            });
          },
        });
        return Promise.resolve(new Response(body));
      });
      const read = new HttpSource(BASE, request).read('a');
      const refused = expect(read).rejects.toMatchObject({
        code: 'download-failed',
        cause: { code: 'timeout' },
      });
      for (let i = 0; i < 5; i++) {
        await vi.advanceTimersByTimeAsync(20_000);
        server?.enqueue(Uint8Array.of(i));
      }
      expect(request.mock.calls[0]?.[1]?.signal?.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(31_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives what was expected', async () => {
    const { source } = served(() => streamed([[1, 2], [3]]));
    const whole = Uint8Array.of(1, 2, 3);
    const expected = { bytes: 3, sha256: await sha256(whole) };
    expect(await source.read('a', { onProgress: () => undefined, expected })).toEqual(whole);
  });

  it.each([
    ['less than was expected', [[1, 2]]],
    [
      'more than was expected',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['other bytes than were expected', [[1, 2, 4]]],
  ])('refuses %s', async (_, parts) => {
    const { source } = served(() => streamed(parts));
    const expected = { bytes: 3, sha256: await sha256(Uint8Array.of(1, 2, 3)) };
    await expect(source.read('a', { onProgress: () => undefined, expected })).rejects.toMatchObject({
      code: 'damaged-file',
      details: { path: 'a' },
    });
  });

  it('refuses what the server refuses, with the status', async () => {
    const { source } = served(() => new Response('no', { status: 404 }));
    await expect(source.read('files/gone')).rejects.toMatchObject({
      code: 'download-failed',
      details: { path: 'files/gone', status: 404 },
    });
  });

  it('says which host there is no connection to', async () => {
    const cause = new TypeError('fetch failed');
    const { source } = served(() => Promise.reject(cause));
    const reading = expect(source.read('files/a')).rejects;
    await reading.toMatchObject({ code: 'download-failed', details: { path: 'files/a' }, cause });
    await expect(source.read('files/a')).rejects.toThrow('drydock.test');
  });

  it.each([
    ['with progress', () => undefined],
    ['without progress', undefined],
  ])('reports a connection that breaks in the middle, %s', async (_, onProgress) => {
    const { source } = served(() => streamed([[1, 2]], true));
    await expect(source.read('files/a', { onProgress })).rejects.toMatchObject({
      code: 'download-failed',
      details: { path: 'files/a' },
      cause: { message: 'terminated' },
    });
  });

  it('gives the reason of its signal when it is aborted before the answer', async () => {
    const abort = new AbortController();
    const reason = new Error('the machine was destroyed');
    const { source, request } = served(() => {
      abort.abort(reason);
      throw new DOMException('aborted', 'AbortError');
    });
    await expect(source.read('files/a', { signal: abort.signal })).rejects.toBe(reason);
    expect(request.mock.calls[0]?.[1]?.signal?.reason).toBe(abort.signal.reason);
  });

  it('gives the reason of its signal when it is aborted in the middle', async () => {
    const abort = new AbortController();
    const reason = new Error('the machine was destroyed');
    const { source } = served(() => streamed([[1], [2]], true));
    const reading = source.read('files/a', {
      signal: abort.signal,
      onProgress: () => {
        abort.abort(reason);
      },
    });
    await expect(reading).rejects.toBe(reason);
  });

  describe('compiles', () => {
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const file = async () => ({ path: 'files/a.wasm', bytes: module.length, sha256: await sha256(module) });
    const answer = (bytes: Uint8Array<ArrayBuffer>, type: string) => () =>
      new Response(bytes, { headers: { 'Content-Type': type } });

    it('what the browser has proved to be the published file', async () => {
      const { source, request } = served(answer(module, 'application/wasm'));
      expect(await source.compile(await file())).toBeInstanceOf(WebAssembly.Module);
      const [url, init] = request.mock.calls[0] ?? [];
      expect(url).toEqual(new URL(`${BASE}files/a.wasm`));
      const digest = Buffer.from(await crypto.subtle.digest('SHA-256', module)).toString('base64');
      expect(init?.integrity).toBe(`sha256-${digest}`);
      expect(request).toHaveBeenCalledOnce();
    });

    it('also from a server that does not know what WebAssembly is', async () => {
      const { source } = served(answer(module, 'application/octet-stream'));
      expect(await source.compile(await file())).toBeInstanceOf(WebAssembly.Module);
    });

    it.each([
      ['damaged', answer(Uint8Array.of(0, 1), 'application/octet-stream'), 'damaged-file'],
      ['missing', () => new Response('no', { status: 404 }), 'download-failed'],
    ])('nothing that is %s', async (_, response, code) => {
      const { source } = served(response);
      await expect(source.compile(await file())).rejects.toMatchObject({
        code,
        details: { path: 'files/a.wasm' },
      });
    });
  });
});

describe('readVerified', () => {
  it('expects of the source what the manifest says', async () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const file = { path: 'files/a', bytes: 4, sha256: await sha256(bytes) };
    const read = vi.fn<ReleaseSource['read']>(() => Promise.resolve(bytes));
    expect(await readVerified({ read }, file, { cache: 'reload' })).toBe(bytes);
    expect(read).toHaveBeenCalledExactlyOnceWith('files/a', { cache: 'reload', expected: file });
  });
});

describe('verify', () => {
  const published = Uint8Array.of(1, 2, 3, 4);
  const expected = async () => ({ bytes: published.length, sha256: await sha256(published) });

  it('gives the bytes that were published', async () => {
    expect(await verify('files/a', published, await expected())).toBe(published);
  });

  it('gives any bytes where none are expected', async () => {
    expect(await verify('files/a', published, undefined)).toBe(published);
  });

  it.each([
    ['too short', Uint8Array.of(1, 2, 3)],
    ['too long', Uint8Array.of(1, 2, 3, 4, 5)],
    ['of the right size but different', Uint8Array.of(1, 2, 3, 5)],
  ])('refuses bytes that are %s', async (_, bytes) => {
    await expect(verify('files/a', bytes, await expected())).rejects.toMatchObject({
      code: 'damaged-file',
      details: { path: 'files/a' },
    });
  });
});
