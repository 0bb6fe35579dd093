import { session } from '../machine/session.svelte.ts';
import type { EditRequest } from './edit-request.ts';
import { openFiles } from './open-files.svelte.ts';
import { places } from './places.svelte.ts';

/** What is opened in so many milliseconds, at most: output of a container could ask without end. */
const LIMIT = { requests: 10, milliseconds: 5000 };

const taken: number[] = [];

/** Opens the file that a program in a terminal has asked for. @param focus whether the keyboard goes to it */
export function editFromTerminal({ node, path }: EditRequest, focus: 'editor' | 'stays'): void {
  if (!session.find(node)) return;
  const now = Date.now();
  while (taken[0] !== undefined && now - taken[0] > LIMIT.milliseconds) taken.shift();
  if (taken.length >= LIMIT.requests) return;
  taken.push(now);
  const place = { node, container: undefined };
  const tree = places.treeOf(place);
  openFiles.open(tree.files, path, focus);
  places.show(place);
  void tree.begin().then(() => tree.reveal(path, 'file'));
}
