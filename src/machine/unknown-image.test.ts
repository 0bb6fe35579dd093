import { expect, test } from 'vitest';
import { unknownImageLine } from './unknown-image.ts';

const described = (name: string) => ({ name, description: '' });

test('names at most three other images', () => {
  const repositories = ['postgres', 'redis', 'mariadb', 'memcached'].map(described);
  expect(unknownImageLine({ asked: 'mongo', tags: [], repositories })).toEqual({
    text: 'The hub has no mongo. Instead:',
    instead: ['postgres', 'redis', 'mariadb'].map((name) => ({ label: name, reference: name })),
  });
});

test('of an image that is there it names tags, which lead to them', () => {
  expect(unknownImageLine({ asked: 'ghcr.io/acme/tool:v9', tags: ['v1', 'v2'], repositories: [] })).toEqual({
    text: 'The hub has no ghcr.io/acme/tool:v9. Its tags:',
    instead: [
      { label: 'v1', reference: 'ghcr.io/acme/tool:v1' },
      { label: 'v2', reference: 'ghcr.io/acme/tool:v2' },
    ],
  });
});

test('says so when there is nothing like it', () => {
  expect(unknownImageLine({ asked: 'zzz', tags: [], repositories: [] })).toEqual({
    text: 'The hub has no zzz.',
    instead: [],
  });
});
