/**
 * Reads the `:::notes` of a step: what a teacher who presents the lesson wants to be reminded of. They are no block of
 * the text: readers never see them, and the places of the other blocks, by which progress is kept, are as without them.
 */
import type { RootContent } from 'mdast';
import { isContainer, splitLabel } from './markdown.ts';
import type { Reading } from './reading.ts';

/** The HTML of the notes among `nodes`, '' without any, and the other nodes. */
export function splitNotes(nodes: RootContent[], reading: Reading): { notes: string; rest: RootContent[] } {
  const notes = nodes
    .filter((node) => isContainer(node, 'notes'))
    .map((node) => {
      const { label, content } = splitLabel(node);
      if (label !== '') reading.problems.add(node, 'expected :::notes without a title');
      const html = reading.html(content);
      if (html === '') reading.problems.add(node, 'expected text in the :::notes');
      return html;
    });
  return { notes: notes.join('\n'), rest: nodes.filter((node) => !isContainer(node, 'notes')) };
}
