/** What an importer makes of a lesson in another format: one in ours, and an account of all that is not as it was. */

import { identifierOf } from '../../format/identifier.ts';

/** Why a note is in the report; also its order there. */
export const noteKinds = {
  'left out': 'Left out, since the format has nothing for it',
  image: 'Images that the hub does not have',
  internet: 'Needs the internet, which the machine has not',
  vacuous: 'Checks that look as if they could not fail',
  sleep: 'Waits by sleep: a check is asked again and again, and must not wait',
  'to do': 'To be written',
  changed: 'Said in another way',
} as const;
export type NoteKind = keyof typeof noteKinds;

export interface Note {
  kind: NoteKind;
  /** The file that it is about, and the line in it. */
  file: string;
  line?: number;
  text: string;
}

export interface Imported {
  id: string;
  /** The text of `lesson.md`. */
  lesson: string;
  notes: Note[];
}

/** The notes of one import, as they are found. */
export class Notes {
  readonly all: Note[] = [];

  add(kind: NoteKind, file: string, line: number | undefined, text: string): void {
    this.all.push({ kind, file, ...(line !== undefined && { line }), text });
  }
}

/** The report of an import, as Markdown. */
export function compatibilityReport({ id, notes }: Imported, source: string): string {
  const sections = Object.entries(noteKinds).flatMap(([kind, title]) => {
    const lines = reportLines(notes.filter((note) => note.kind === kind));
    return lines.length > 0 ? [`## ${title}\n\n${lines.join('\n')}`] : [];
  });
  const summary = sections.length > 0 ? sections.join('\n\n') : 'Everything was taken over as it was.';
  return `# Import of ${source} as ${id}\n\n${summary}\n`;
}

/** A line for all notes that say the same of one file: labs have dozens of some. */
function reportLines(notes: Note[]): string[] {
  const places = new Map<string, { note: Note; lines: Set<number> }>();
  for (const note of notes) {
    const key = `${note.file}: ${note.text}`;
    const place = places.get(key) ?? { note, lines: new Set() };
    if (note.line !== undefined) place.lines.add(note.line);
    places.set(key, place);
  }
  return [...places.values()].map(
    ({ note, lines }) => `- ${note.file}${lines.size > 0 ? `:${[...lines].join(', ')}` : ''}: ${note.text}`,
  );
}

/** The id of a lesson that was known as `name`. */
export function idOf(name: string): string {
  return identifierOf(name) || 'imported';
}

/** Front matter for what the other format says nothing about. */
export function frontMatter(fields: Record<string, string | number | string[]>): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `---\n${lines.join('\n')}\n---\n`;
}
