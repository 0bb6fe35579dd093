/** The catalogue's images that work without a network. */
import type { OfflineSet, ShownRepository } from '../../worker/hub-host.ts';
import type { Availability } from '../../worker/hub/offline-files.ts';
import { missingBytes, versionsOf } from '../images/catalogue-view.ts';

export interface KeptImage {
  /** As `docker pull` takes it. */
  name: string;
  /** Its other tags, and its names in other repositories. */
  otherNames: string[];
  set: OfflineSet;
  offline: Availability;
}

/** Each image that is kept whole, once, however many names it has. */
export function keptImages(repositories: readonly ShownRepository[]): KeptImage[] {
  const images = new Map<string, KeptImage>();
  for (const { origin, name, repository, ...shown } of repositories) {
    if (origin !== 'catalogue') continue;
    for (const { digest, tags, offline } of versionsOf(shown)) {
      if (!offline || offline.bytes === 0 || missingBytes(offline) > 0) continue;
      const [tag = 'latest', ...otherTags] = tags;
      const known = images.get(digest);
      if (known) known.otherNames.push(`${name}:${tag}`);
      else
        images.set(digest, {
          name: `${name}:${tag}`,
          otherNames: otherTags,
          set: { of: 'image', repository, digest },
          offline,
        });
    }
  }
  return [...images.values()];
}
