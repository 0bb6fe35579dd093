/**
 * The images that every machine starts with. They are pulled from a hub that has nothing else, so a later
 * `docker pull` of them finds that they are up to date.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createHub, type Hub } from '../../worker/hub/hub.ts';
import { openMemoryStore } from '../../worker/hub/memory-store.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { images, recipes, textHash } from './catalogue.ts';
import type { Recipes } from './recipe.ts';
import { builtImages, writeCatalogue } from './write.ts';
import type { Step } from '../pipeline/step.ts';

/** Recipes of images, by name; what they build on comes before them. */
const FIRST = ['busybox', 'hello-world'] as const;

type FirstImage = (typeof FIRST)[number];

const isFirst = (name: string): boolean => FIRST.some((first) => first === name);

const firstRecipes: Recipes = {
  repositories: recipes.repositories,
  images: new Map([...recipes.images].filter(([name]) => isFirst(name))),
};

/** The steps that make them. */
export const firstImages = Object.fromEntries([...images].filter(([name]) => isFirst(name))) as Record<
  FirstImage,
  Step
>;

/** Changes with what the recipes say of them. */
export const firstImagesHash = textHash({
  ...firstRecipes,
  repositories: recipes.repositories.filter(({ name }) =>
    [...firstRecipes.images.values()].some(({ tags }) => name in tags),
  ),
});

/** A hub with them. `outputs` has the folders of their steps by name; `folder`, which is empty, gets the files. */
export function openFirstHub(outputs: Record<FirstImage, string>, folder: string): Hub {
  const target = join(folder, 'catalogue');
  mkdirSync(target);
  const { built } = builtImages(firstRecipes.images, (name) => outputs[name as FirstImage]);
  const content = { repositories: recipes.repositories, built: [...built.values()], imported: [] };
  const index = writeCatalogue(content, target);
  return createHub({
    store: openMemoryStore(),
    catalogue: { index, source: new FolderSource(folder) },
  });
}
