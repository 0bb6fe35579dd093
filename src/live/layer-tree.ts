/**
 * Images as stacks of layers, with what they share drawn once: a tree whose root is at the bottom, in which each path
 * from the root up to a leaf is an image.
 */
import type { ImageView } from './picture.ts';

export interface LayerNode {
  /** Digest; of all layers below it too, since the same layer on another one is not shared. */
  key: string;
  digest: string;
  /** Images that have this layer, and all below it. */
  images: ImageView[];
  /** Images of which it is the uppermost layer. */
  tops: ImageView[];
  above: LayerNode[];
}

/** The trees of `images`: one for each lowest layer. Images of which no layers are known are left out. */
export function layerTrees(images: readonly ImageView[]): LayerNode[] {
  const roots: LayerNode[] = [];
  for (const image of images) {
    let level = roots;
    let key = '';
    for (const [i, digest] of image.layers.entries()) {
      key += digest;
      let node = level.find((each) => each.digest === digest);
      if (!node) {
        node = { key, digest, images: [], tops: [], above: [] };
        level.push(node);
      }
      node.images.push(image);
      if (i === image.layers.length - 1) node.tops.push(image);
      level = node.above;
    }
  }
  return roots;
}
