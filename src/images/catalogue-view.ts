/** The hub's images in the order and the words in which people look at them. */
import type { ShownImage, ShownRepository } from '../../worker/hub-host.ts';
import type { Availability } from '../../worker/hub/offline-files.ts';
import type { KeptShare } from '../../worker/kept-files.ts';

/** An image of the catalogue under all its tags. */
export interface Version {
  digest: string;
  /** `latest` first. */
  tags: string[];
  bytes: number;
  offline: Availability | undefined;
}

export type Origin = NonNullable<ShownRepository['about']>['origin'];

/** What an image really is. */
export const ORIGINS: Record<Origin, { badge: string; sentence: string }> = {
  'stand-in': {
    badge: 'Stand-in',
    sentence:
      'Made by Drydock in the place of the well-known image of this name, from Debian packages for a 32-bit PC.',
  },
  own: { badge: 'Made for Drydock', sentence: 'Made for Drydock; no other registry has it.' },
  imported: { badge: 'Original', sentence: 'The image of this name as its registry has it, copied.' },
};

const natural = new Intl.Collator('en', { numeric: true });

function byTag(one: string, other: string): number {
  if (one === 'latest' || other === 'latest') return one === other ? 0 : one === 'latest' ? -1 : 1;
  return natural.compare(one, other);
}

/** The images of a repository, tags of the same one together: the one that is `latest`, then the newest first. */
export function versionsOf({ images }: Pick<ShownRepository, 'images'>): Version[] {
  const versions = new Map<string, Version>();
  for (const { tag, digest, bytes, offline } of images) {
    if (tag === undefined) continue;
    const version = versions.get(digest) ?? { digest, tags: [], bytes, offline };
    version.tags.push(tag);
    versions.set(digest, version);
  }
  for (const { tags } of versions.values()) tags.sort(byTag);
  const first = ({ tags }: Version): string => tags[0] ?? '';
  const isLatest = (version: Version): boolean => first(version) === 'latest';
  return [...versions.values()].sort((one, other) =>
    isLatest(one) || isLatest(other) ? byTag(first(one), first(other)) : -byTag(first(one), first(other)),
  );
}

/** What has to be downloaded to have something offline, in bytes. */
export function missingBytes({ bytes, keptBytes }: KeptShare): number {
  return bytes - keptBytes;
}

/**
 * The repositories that have every word of `query` in their name, description, keywords or tags: the best first, and of
 * those that fit alike, short names (`nginx`) before names of somebody's (`ann/web`).
 */
export function searchImages(repositories: readonly ShownRepository[], query: string): ShownRepository[] {
  const words = query.toLowerCase().match(/[^\s:]+/g) ?? [];
  return repositories
    .map((repository) => ({ repository, ranks: words.map((word) => rankOf(repository, word)) }))
    .filter(({ ranks }) => ranks.every((rank) => rank !== undefined))
    .map(({ repository, ranks }) => ({
      repository,
      rank: Math.min(...ranks.map((rank) => rank ?? 0)),
      owned: Number(repository.name.includes('/')),
    }))
    .sort((one, other) => (words.length > 0 ? one.rank - other.rank : 0) || one.owned - other.owned)
    .map(({ repository }) => repository);
}

/** How well a repository fits a word, 0 the best; undefined if it does not. */
function rankOf({ name, about, images }: ShownRepository, word: string): number | undefined {
  if (name === word || name.endsWith(`/${word}`)) return 0;
  if (name.startsWith(word)) return 1;
  if (name.includes(word)) return 2;
  if (about?.keywords.some((keyword) => ` ${keyword.toLowerCase()}`.includes(` ${word}`))) return 3;
  if (images.some(({ tag }) => tag?.toLowerCase().startsWith(word))) return 4;
  return about?.description.toLowerCase().includes(word) ? 5 : undefined;
}

/** What is wrong with a pushed image, and what it means; undefined if nothing is. */
export function stateWords({ state }: Pick<ShownImage, 'state'>): { word: string; why: string } | undefined {
  switch (state) {
    case 'complete':
      return undefined;
    case 'hidden':
      return {
        word: 'Hidden',
        why: 'The catalogue has this tag now, and a pull gets the image of the catalogue. Download this one, and add it under another name.',
      };
    case 'incomplete':
      return {
        word: 'Incomplete',
        why: 'It was built on layers of the catalogue that are in it no more, so it cannot be pulled. Delete it and push it again.',
      };
  }
}

/** As Docker prints a digest where room is short: its first twelve digits. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
