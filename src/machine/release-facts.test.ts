import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readReleaseFacts } from './release-facts.ts';

const manifest = {
  firstVisitBytes: 22_700_000,
  profiles: [
    { name: 'small', memoryBytes: 1, pack: { bytes: 2 } },
    { name: 'standard', memoryBytes: 402_653_184, pack: { bytes: 51_700_000 } },
  ],
  somethingNew: true,
};

function answer(body: string, status = 200): typeof fetch {
  return () => Promise.resolve(new Response(body, { status }));
}

beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'https://example.org/drydock/' });
  vi.stubEnv('BASE_URL', './');
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

test('the facts are those of the usual machine', async () => {
  expect(await readReleaseFacts(answer(JSON.stringify(manifest)))).toEqual({
    downloadBytes: 22_700_000,
    packBytes: 51_700_000,
    memoryBytes: 402_653_184,
  });
});

test('the manifest is looked for beside the page', async () => {
  const fetcher = vi.fn(answer('{}'));
  await readReleaseFacts(fetcher);
  expect(fetcher.mock.calls[0]?.[0]).toBe('https://example.org/drydock/machine/manifest.json');
});

test.each([
  ['no release', answer('no such file', 404)],
  ['no manifest', answer('<!doctype html>')],
  ['another layout', answer('{"profiles":[]}')],
  ['no connection', () => Promise.reject(new TypeError('network'))],
])('nothing is said with %s', async (_name, fetcher) => {
  expect(await readReleaseFacts(fetcher)).toBeUndefined();
});
