import { describe, expect, test } from 'vitest';
import type { ShownImage, ShownRepository } from '../../worker/hub-host.ts';
import { missingBytes, searchImages, shortDigest, stateWords, versionsOf } from './catalogue-view.ts';

const image = (tag: string | undefined, digest: string): ShownImage => ({
  tag,
  digest,
  bytes: 1,
  pushed: undefined,
  state: 'complete',
  offline: undefined,
});

function repository(
  name: string,
  description = '',
  keywords: string[] = [],
  tags = ['latest'],
): ShownRepository {
  return {
    repository: `docker.io/library/${name}`,
    name,
    origin: 'catalogue',
    about: { description, about: '', origin: 'stand-in', keywords, stars: 0, licences: [] },
    images: tags.map((tag) => image(tag, tag)),
    offline: undefined,
  };
}

describe('versions', () => {
  test('put the tags of one image together: latest first, then the newest', () => {
    const images = [
      image('1', 'new'),
      image('1.9', 'old'),
      image('1.10', 'new'),
      image('latest', 'new'),
      image('0.8', 'older'),
      image(undefined, 'untagged'),
    ];
    expect(versionsOf({ images }).map(({ digest, tags }) => [digest, tags])).toEqual([
      ['new', ['latest', '1', '1.10']],
      ['old', ['1.9']],
      ['older', ['0.8']],
    ]);
  });
});

describe('the search', () => {
  const all = [
    repository('haproxy', 'A load balancer', ['proxy']),
    repository('nginx', 'A web server', ['proxy', 'load balancer'], ['latest', '1.26', '1.22']),
    repository('postgres', 'A database', ['sql', 'mongo'], ['17']),
    repository('web', 'Something'),
  ];
  const names = (query: string): string[] => searchImages(all, query).map(({ name }) => name);

  test('without words finds all, as they are', () => {
    expect(names(' ')).toEqual(['haproxy', 'nginx', 'postgres', 'web']);
  });

  test.each([
    ['NGIN', ['nginx']],
    ['nginx:1.2', ['nginx']],
    ['17', ['postgres']],
    ['mongo', ['postgres']],
    ['balancer load', ['nginx', 'haproxy']],
    ['oracle', []],
    ['.*', []],
  ])('finds by name, use and tag: %s', (query, found) => {
    expect(names(query).sort()).toEqual([...found].sort());
  });

  test('puts short names first', () => {
    const three = ['ann/web', 'nginx', 'bob/app'].map((name) => repository(name));
    expect(searchImages(three, '').map(({ name }) => name)).toEqual(['nginx', 'ann/web', 'bob/app']);
  });

  test('puts the image of that name first', () => {
    expect(names('web')).toEqual(['web', 'nginx']);
  });
});

test('what is missing, digests in short, and the words for a state', () => {
  expect(missingBytes({ bytes: 10, keptBytes: 4 })).toBe(6);
  expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab');
  expect(stateWords({ state: 'complete' })).toBeUndefined();
  expect(stateWords({ state: 'hidden' })?.why).toContain('another name');
  expect(stateWords({ state: 'incomplete' })?.word).toBe('Incomplete');
});
