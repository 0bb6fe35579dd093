/**
 * Proves the images of the catalogue: each is pulled from the hub by the Engine in the machine, started, and asked to do
 * its job, as its recipe's `proves` says. All of them take half an hour. So `proved.json` beside a recipe says of which
 * text its images were proved, and a test runs when that is another one, or with DRYDOCK_PROVE=all.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject, test } from 'vitest';
import { recipes } from '../../images/catalogue/catalogue.ts';
import type { ImageRecipe } from '../../images/catalogue/recipe.ts';
import { hashInputs } from '../../images/pipeline/cache.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';

/** Seconds for one image: the largest are pulled in three minutes. */
const TIMEOUT = 900;

/** Ends what the proof before left running. */
const CLEAN = `docker ps -aq | xargs -r docker rm -f >/dev/null
docker network prune -f >/dev/null; docker volume prune -af >/dev/null
cd && rm -rf /tmp/*`;

/** Of the images of a family, by name: the hash of what was proved. */
type Proved = Record<string, string>;

const provedFile = ({ folder }: ImageRecipe): string => join(folder, 'proved.json');

function readProved(image: ImageRecipe): Proved {
  const file = provedFile(image);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Proved) : {};
}

/** Changes with all that recipes say of an image and of those that it is made from. */
function hashOf({ folder, ...content }: ImageRecipe): string {
  const { base, copy, files } = content;
  const parts = [...(typeof base === 'string' ? [base] : []), ...copy.map(({ image }) => image)];
  const hashes = parts.map((name) => hashOf(recipes.images.get(name) as ImageRecipe));
  return hashInputs(
    [JSON.stringify(content), ...hashes],
    files.map((file) => join(folder, file)),
  );
}

/** Declares a test for each image of every second family; machines run two at a time. */
export function proveImages(half: 0 | 1): void {
  const machine = new Machine({ source: new FolderSource(inject('release')) });
  afterAll(() => machine.destroy());

  const images = [...recipes.images.values()].filter(({ proves }) => proves !== undefined);
  const families = [...new Set(images.map(({ folder }) => folder))];
  for (const image of images.filter(({ folder }) => families.indexOf(folder) % 2 === half)) {
    const hash = hashOf(image);
    const proved = readProved(image)[image.name] === hash && process.env.DRYDOCK_PROVE !== 'all';
    test.skipIf(proved)(`${image.name} does its job`, { timeout: TIMEOUT * 1000 }, async () => {
      if (machine.state === 'created') await machine.load();
      await machine.exec(CLEAN);
      const script = `set -eux\n${image.proves}`;
      const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: TIMEOUT });
      if (exitCode !== 0) throw new Error(`exit code ${exitCode}\n${stdout}\n${stderr}`);
      const all = { ...readProved(image), [image.name]: hash };
      writeFileSync(provedFile(image), `${JSON.stringify(all, null, 2)}\n`);
    });
  }
}
