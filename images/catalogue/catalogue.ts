/** The steps that make the images of the hub, and the one that puts them together. */
import { createHash } from 'node:crypto';
import { beside, step, type Step } from '../pipeline/step.ts';
import { imageSteps } from './image.ts';
import { importStep, readImported, readLock } from './import.ts';
import { readRecipes, type Recipes } from './recipe.ts';
import { builtImages, writeCatalogue } from './write.ts';

/** A hash over the texts that recipes add to their images. */
export function textHash({ repositories, images }: Recipes): string {
  const texts = [...images.values()].map(({ name, config, tags }) => ({ name, config, tags }));
  return createHash('sha256').update(JSON.stringify({ repositories, texts })).digest('hex');
}

export const recipes = readRecipes();

/** The steps that make the images, by name. */
export const images: Map<string, Step> = imageSteps(recipes.images);

/** The images that are copied from real registries, by reference. */
export const imports = new Map(
  [...readLock()].map(([reference, digest]) => [reference, importStep(reference, digest)]),
);

export const catalogue = step({
  name: 'catalogue',
  title: 'Putting the catalogue of images together',
  seconds: 5,
  source: import.meta.url,
  files: [
    ...['config.ts', 'layer.ts', 'write.ts'].map((file) => beside(import.meta.url, file)),
    beside(import.meta.url, '../../worker/hub/catalogue.ts'),
  ],
  settings: [textHash(recipes)],
  needs: Object.fromEntries([...images, ...imports]),
  run({ output, needs, report }) {
    const { built, skipped } = builtImages(recipes.images, (name) => needs[name] ?? '');
    const imported = [...imports.keys()].map((reference) => readImported(reference, needs[reference] ?? ''));
    writeCatalogue({ repositories: recipes.repositories, built: [...built.values()], imported }, output);
    if (skipped.length > 0)
      report(`This host cannot run i386 programs, so the hub is without these images: ${skipped.join(', ')}`);
    return Promise.resolve();
  },
});
