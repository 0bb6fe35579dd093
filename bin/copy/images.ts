/** Which of the hub's images a copy has, and the catalogue that is cut down to them. */
import type { Catalogue } from '../../worker/hub/catalogue.ts';
import { familiarName, parseReference } from '../../worker/hub/names.ts';
import { listed } from './listed.ts';

/** An image in a repository, under whatever tags it has there. */
export interface ChosenImage {
  repository: string;
  digest: string;
}

/** All images of the catalogue. */
export function allImages({ repositories }: Catalogue): ChosenImage[] {
  return repositories.flatMap(({ name, tags }) =>
    Object.values(tags).map(({ digest }) => ({ repository: name, digest })),
  );
}

/** The images that `references` name as `docker pull` reads them, and the references that name none. */
export function findImages(
  catalogue: Catalogue,
  references: readonly string[],
): { images: ChosenImage[]; missing: string[] } {
  const images = references.map((text) => {
    const tag = parseReference(text)?.reference;
    const repository = repositoryOf(catalogue, text);
    const digest = tag === undefined ? undefined : repository?.tags[tag]?.digest;
    return repository && digest !== undefined ? { repository: repository.name, digest } : undefined;
  });
  return {
    images: images.filter((image) => image !== undefined),
    missing: references.filter((_, i) => !images[i]),
  };
}

/** What to say of references that `findImages` has not found: the names that there are. */
export function describeMissing(catalogue: Catalogue, missing: readonly string[]): string[] {
  const problems = missing.flatMap((text) => {
    const repository = repositoryOf(catalogue, text);
    if (!repository) return [];
    const tags = listed(Object.keys(repository.tags), 'and');
    return [`The hub has no “${text}”. The tags of ${familiarName(repository.name)} are ${tags}.`];
  });
  const unknown = missing.filter((text) => !repositoryOf(catalogue, text));
  if (unknown.length === 0) return problems;
  const names = catalogue.repositories.map(({ name }) => familiarName(name)).toSorted();
  return [...problems, `The hub has no image ${listed(unknown, 'or')}. It has ${listed(names, 'and')}.`];
}

/** The catalogue with nothing but `images`, each under all tags that it has in its repository, and their blobs. */
export function cutCatalogue(catalogue: Catalogue, images: readonly ChosenImage[]): Catalogue {
  const chosen = new Set(images.map(({ repository, digest }) => `${repository}@${digest}`));
  const repositories = catalogue.repositories.flatMap((repository) => {
    const tags = Object.entries(repository.tags).filter(([, { digest }]) =>
      chosen.has(`${repository.name}@${digest}`),
    );
    return tags.length > 0 ? [{ ...repository, tags: Object.fromEntries(tags) }] : [];
  });
  const tags = repositories.flatMap((repository) => Object.values(repository.tags));
  const needed = new Set(tags.flatMap(({ digest, blobs }) => [digest, ...blobs]));
  const blobs = Object.entries(catalogue.blobs).filter(([digest]) => needed.has(digest));
  return { ...catalogue, repositories, blobs: Object.fromEntries(blobs) };
}

function repositoryOf(
  { repositories }: Catalogue,
  text: string,
): Catalogue['repositories'][number] | undefined {
  const reference = parseReference(text);
  return repositories.find(({ name }) => name === reference?.repository);
}
