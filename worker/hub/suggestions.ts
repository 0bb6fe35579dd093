/** What the hub has in the place of an image that it does not have, for a line under a failed `docker pull`. */
import { familiarName, parseReference, withReference } from './names.ts';
import type { Repositories } from './repositories.ts';

/** How many of each are named at most. */
const MOST = 5;

/** What there is instead of an image. */
export interface Suggestions {
  /** The name as people write it: `mongo`, `ubuntu:18.04`. */
  asked: string;
  /** Tags of the same repository, those most like the wanted one first; empty if there is no such repository. */
  tags: string[];
  /** Other repositories, as people write them, best first; empty if the repository is there. */
  repositories: { name: string; description: string }[];
}

/** @param reference as `docker pull` takes it, or with the registry */
export async function suggest(repositories: Repositories, reference: string): Promise<Suggestions> {
  const parsed = parseReference(reference);
  if (!parsed) return { asked: reference, tags: [], repositories: [] };
  const { repository, reference: tag } = parsed;
  const name = familiarName(repository);
  const asked = tag === 'latest' ? name : withReference(name, tag);
  if (await repositories.exists(repository)) {
    const tags = (await repositories.tags(repository)).sort((a, b) => likeness(b, tag) - likeness(a, tag));
    return { asked, tags: tags.slice(0, MOST), repositories: [] };
  }
  const wanted = lastPart(repository);
  const similar: { name: string; description: string; score: number }[] = [];
  for (const name of await repositories.allNames()) {
    const published = repositories.catalogue.repositories.get(name);
    const score = similarity(wanted, lastPart(name), published?.keywords ?? []);
    if (score > 0)
      similar.push({ name: familiarName(name), description: published?.description ?? '', score });
  }
  similar.sort((a, b) => b.score - a.score);
  return {
    asked,
    tags: [],
    repositories: similar.slice(0, MOST).map(({ name, description }) => ({ name, description })),
  };
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Length of what two words begin with in common. */
function likeness(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** How near a repository is to a wanted name; 0 if not at all. */
function similarity(wanted: string, name: string, keywords: readonly string[]): number {
  if (name === wanted) return 4;
  if (keywords.some((keyword) => keyword.toLowerCase() === wanted)) return 3;
  if (Math.min(name.length, wanted.length) >= 3 && (name.includes(wanted) || wanted.includes(name))) return 2;
  // One slip in a short name, two in a longer one.
  return distance(name, wanted) <= (wanted.length < 5 ? 1 : 2) ? 1 : 0;
}

/** Levenshtein's distance of two words. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
