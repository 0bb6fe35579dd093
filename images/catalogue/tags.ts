/** What the hub has, by name, without building it. */
import { parseReference } from '../../worker/hub/names.ts';
import { recipes } from './catalogue.ts';
import { readLock } from './import.ts';

/** Tags of all images of the catalogue, by repository, as in `docker.io/library/nginx`. */
export function hubTags(): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  const add = (repository: string, more: string[]): void => {
    tags.set(repository, [...new Set([...(tags.get(repository) ?? []), ...more])]);
  };
  for (const image of recipes.images.values())
    for (const [repository, more] of Object.entries(image.tags)) add(repository, more);
  for (const reference of readLock().keys()) {
    const parsed = parseReference(reference);
    if (parsed) add(parsed.repository, [parsed.reference]);
  }
  return tags;
}
