/** The places whose files can be seen, and the one that is shown. */
import type { NodeName } from '../../worker/net/lan.ts';
import { session } from '../machine/session.svelte.ts';
import { ContainerFiles } from './container-files.ts';
import type { FileSystem } from './file-system.ts';
import { Guest } from './guest.ts';
import { NodeFiles } from './node-files.ts';
import { placeKey, type Place } from './place.ts';
import { FileTree } from './tree.svelte.ts';

class Places {
  #place = $state.raw<Place>();
  readonly #trees = new Map<string, FileTree>();

  constructor() {
    session.onFresh((name) => {
      for (const tree of this.#trees.values()) if (tree.files.place.node === name) tree.clear();
    });
    session.onNodes((names) => {
      for (const tree of this.#trees.values()) if (!names.includes(tree.files.place.node)) tree.clear();
      if (this.#place && !names.includes(this.#place.node)) this.#place = undefined;
    });
  }

  /** The place whose tree is shown: the first time that of the node in use. */
  get shown(): Place {
    return this.#place ?? { node: session.current.name, container: undefined };
  }

  /** The tree of the shown place. */
  get tree(): FileTree {
    return this.treeOf(this.shown);
  }

  /** Shows another place; from then on it stays when another node is used. */
  show(place: Place): void {
    this.#place = place;
  }

  /** The tree of a place, as it was when it was shown last. */
  treeOf(place: Place): FileTree {
    const key = placeKey(place);
    const existing = this.#trees.get(key);
    if (existing) return existing;
    const tree = new FileTree(fileSystemOf(place));
    this.#trees.set(key, tree);
    return tree;
  }
}

/** A node, to be asked about its files and its Engine. */
export function guestOf(name: NodeName): Guest {
  return new Guest(name, () => session.find(name));
}

function fileSystemOf(place: Place): FileSystem {
  const guest = guestOf(place.node);
  return place.container ? new ContainerFiles(place, place.container, guest) : new NodeFiles(place, guest);
}

export const places = new Places();
