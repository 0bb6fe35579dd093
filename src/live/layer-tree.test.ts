import { expect, test } from 'vitest';
import { layerTrees, type LayerNode } from './layer-tree.ts';
import type { ImageView } from './picture.ts';

const image = (name: string, ...layers: string[]): ImageView => ({
  id: name,
  names: [name],
  tags: [name],
  bytes: 1,
  layers,
  containers: [],
});

const shape = ({ digest, tops, above }: LayerNode): unknown => [
  digest,
  tops.map(({ id }) => id),
  above.map(shape),
];

test('what images share is there once', () => {
  const trees = layerTrees([
    image('base', 'a'),
    image('app', 'a', 'b', 'c'),
    image('web', 'a', 'b', 'd'),
    image('other', 'x', 'b'),
    image('unknown'),
  ]);
  expect(trees.map(shape)).toEqual([
    [
      'a',
      ['base'],
      [
        [
          'b',
          [],
          [
            ['c', ['app'], []],
            ['d', ['web'], []],
          ],
        ],
      ],
    ],
    ['x', [], [['b', ['other'], []]]],
  ]);
  expect(trees[0]?.above[0]?.images.map(({ id }) => id)).toEqual(['app', 'web']);
});

test('two tags of the same layers stand on one stack', () => {
  expect(layerTrees([image('one', 'a'), image('two', 'a')]).map(shape)).toEqual([['a', ['one', 'two'], []]]);
});
