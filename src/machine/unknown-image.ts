/** What the status bar says of a pull that found no image. */
import type { Suggestions } from '../../worker/hub/suggestions.ts';
import { familiarName, parseReference } from '../../worker/hub/names.ts';

export interface UnknownImageLine {
  /** Before the names. */
  text: string;
  /** What there is instead, each as `docker pull` takes it. */
  instead: { label: string; reference: string }[];
}

/** How many are named: more do not fit a line. */
const NAMED = 3;

export function unknownImageLine({ asked, tags, repositories }: Suggestions): UnknownImageLine {
  const repository = parseReference(asked)?.repository;
  if (tags.length > 0 && repository) {
    const name = familiarName(repository);
    const instead = tags.slice(0, NAMED).map((tag) => ({ label: tag, reference: `${name}:${tag}` }));
    return { text: `The hub has no ${asked}. Its tags:`, instead };
  }
  if (repositories.length > 0) {
    const instead = repositories.slice(0, NAMED).map(({ name }) => ({ label: name, reference: name }));
    return { text: `The hub has no ${asked}. Instead:`, instead };
  }
  return { text: `The hub has no ${asked}.`, instead: [] };
}
