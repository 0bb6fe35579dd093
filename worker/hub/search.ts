/**
 * Search as Docker's index answers it (`GET /v1/search?q=&n=&page=`, the one call of the old index API that the Engine
 * still makes; moby `registry/search.go`). Words are looked for in names, descriptions and keywords.
 */
import type { CatalogueRepository } from './catalogue.ts';
import { familiarName } from './names.ts';
import type { Repositories } from './repositories.ts';

export interface SearchResult {
  /** As `docker pull` takes it, without the registry's host. */
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
  is_automated: false;
}

/** All repositories of a registry that fit, the best first. */
export async function search(
  repositories: Repositories,
  registry: string,
  term: string,
): Promise<SearchResult[]> {
  const wanted = term.trim().toLowerCase();
  const { catalogue } = repositories;
  const found: { result: SearchResult; rank: number }[] = [];
  for (const repository of await repositories.names(registry)) {
    const published = catalogue.repositories.get(repository);
    const rank = rankOf(wanted, repository, published);
    if (rank === undefined) continue;
    const result: SearchResult = {
      name: registry === 'docker.io' ? familiarName(repository) : repository.slice(registry.length + 1),
      description: published?.description ?? 'Pushed in this browser',
      star_count: published?.stars ?? 0,
      is_official: repository.startsWith('docker.io/library/'),
      is_automated: false,
    };
    found.push({ result, rank });
  }
  found.sort((one, other) => one.rank - other.rank || other.result.star_count - one.result.star_count);
  return found.map(({ result }) => result);
}

/** How well a repository fits, 0 the best; undefined if it does not. */
function rankOf(term: string, repository: string, published?: CatalogueRepository): number | undefined {
  const name = familiarName(repository);
  if (name === term || name.endsWith(`/${term}`)) return 0;
  if (name.includes(term)) return 1;
  if (published?.keywords.some((keyword) => keyword.toLowerCase() === term)) return 2;
  const text = [published?.description ?? '', ...(published?.keywords ?? [])].join(' ').toLowerCase();
  return term.split(/\s+/).every((word) => name.includes(word) || text.includes(word)) ? 3 : undefined;
}
