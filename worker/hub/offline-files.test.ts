import { describe, expect, it } from 'vitest';
import type { Catalogue } from './catalogue.ts';
import { availability, droppable, filesOf, type ImageSet } from './offline-files.ts';

/** `base` has one layer; `web` and `api` build on it; `other/web` is `web` under another name. */
const layers = { base: 100, web: 20, api: 3 };

const digestOf = (name: string): string => `sha256:${name}`;
const repository = (name: string, tags: string[], layersOfIt: string[], image = name) => ({
  name,
  description: '',
  about: '',
  origin: 'own' as const,
  keywords: [],
  stars: 0,
  licences: [],
  tags: Object.fromEntries(
    tags.map((tag) => [tag, { digest: digestOf(`${image}-manifest`), blobs: layersOfIt.map(digestOf) }]),
  ),
});

const catalogue: Catalogue = {
  format: 1,
  repositories: [
    repository('base', ['latest'], ['base']),
    repository('web', ['latest', '1'], ['base', 'web']),
    repository('api', ['latest'], ['base', 'api']),
    repository('other/web', ['v1'], ['base', 'web'], 'web'),
  ],
  blobs: Object.fromEntries([
    ...Object.entries(layers).map(([name, bytes]) => [digestOf(name), { bytes, unpackedBytes: 3 * bytes }]),
    ...['base', 'web', 'api'].map((name) => [digestOf(`${name}-manifest`), { bytes: 1 }]),
  ]) as Catalogue['blobs'],
};

const of = (name: string): ImageSet => ({ of: 'repository', repository: name });
const everything: ImageSet = { of: 'everything' };
const keptOf = (...sets: ImageSet[]): Set<string> =>
  new Set(sets.flatMap((set) => [...filesOf(catalogue, set).keys()]));

describe('what images need', () => {
  it('counts layers that tags and images share once', () => {
    expect(availability(catalogue, of('web'), new Set())).toEqual({
      bytes: 121,
      keptBytes: 0,
      unpackedBytes: 360,
    });
    expect(availability(catalogue, everything, new Set()).bytes).toBe(126);
  });

  it('counts what is kept for another image', () => {
    expect(availability(catalogue, of('api'), keptOf(of('base'))).keptBytes).toBe(100);
    const image: ImageSet = { of: 'image', repository: 'web', digest: digestOf('web-manifest') };
    expect(availability(catalogue, image, keptOf(of('other/web')))).toMatchObject({
      bytes: 121,
      keptBytes: 121,
    });
  });

  it('finds images by the names that docker pull takes, those that there are', () => {
    const { repositories, blobs } = catalogue;
    const hosted = {
      repositories: repositories.map((each) => ({ ...each, name: `docker.io/library/${each.name}` })),
      blobs,
      format: 1 as const,
    };
    const named: ImageSet = {
      of: 'named',
      names: ['web:1', 'api', 'web:2', 'redis', 'base:constructor', '!'],
    };
    expect(availability(hosted, named, new Set()).bytes).toBe(125);
  });
});

describe('what can be forgotten', () => {
  it('is all of an image that stands alone', () => {
    expect(droppable(catalogue, of('api'), keptOf(of('api')))).toEqual([
      'catalogue/blobs/api-manifest',
      'catalogue/blobs/base',
      'catalogue/blobs/api',
    ]);
  });

  it('leaves what another image needs that is kept whole', () => {
    expect(droppable(catalogue, of('api'), keptOf(of('api'), of('web')))).toEqual([
      'catalogue/blobs/api-manifest',
      'catalogue/blobs/api',
    ]);
  });

  it('takes an image that has another name too', () => {
    expect(droppable(catalogue, of('web'), keptOf(of('web')))).toContain('catalogue/blobs/web');
  });

  it('does not spare files for an image that is not kept whole', () => {
    expect(
      droppable(catalogue, of('base'), new Set([...keptOf(of('base')), 'catalogue/blobs/api'])),
    ).toContain('catalogue/blobs/base');
  });

  it('is everything, if everything is meant', () => {
    expect(droppable(catalogue, everything, keptOf(everything))).toHaveLength(6);
  });
});
