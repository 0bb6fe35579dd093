import { expect, test } from 'vitest';
import type { ShownRepository } from '../../worker/hub-host.ts';
import { keptImages } from './kept-images.ts';

const share = (keptBytes: number) => ({ bytes: 10, keptBytes, unpackedBytes: undefined });
const image = (tag: string, digest: string, keptBytes: number): ShownRepository['images'][number] => ({
  tag,
  digest,
  bytes: 10,
  pushed: undefined,
  state: 'complete',
  offline: share(keptBytes),
});
const repository = (
  name: string,
  origin: ShownRepository['origin'],
  ...images: ShownRepository['images']
): ShownRepository =>
  ({
    repository: `docker.io/library/${name}`,
    name,
    origin,
    images,
    offline: undefined,
  }) as unknown as ShownRepository;

test('an image of the catalogue that is kept whole stands once, with all its names', () => {
  const kept = keptImages([
    repository(
      'web',
      'catalogue',
      image('latest', 'sha256:a', 10),
      image('1', 'sha256:a', 10),
      image('0', 'sha256:b', 9),
    ),
    repository('other', 'catalogue', image('latest', 'sha256:a', 10)),
    repository('mine', 'pushed', image('latest', 'sha256:c', 10)),
  ]);
  expect(kept).toEqual([
    {
      name: 'web:latest',
      otherNames: ['1', 'other:latest'],
      set: { of: 'image', repository: 'docker.io/library/web', digest: 'sha256:a' },
      offline: share(10),
    },
  ]);
});
