/**
 * Proves the images of the catalogue: each is pulled from the hub by the Engine in the machine, started, and asked to do
 * its job, as its recipe's `proves` says. That takes long, so the proof of an image is kept with the build cache
 * until the image, its proof or the machine changes.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, test } from 'vitest';
import { recipes } from '../../images/catalogue/catalogue.ts';
import { hashInputs, outputFolder } from '../../images/pipeline/cache.ts';
import { parseCatalogue } from '../../worker/hub/catalogue.ts';
import { FolderSource } from '../../worker/node/folder-source.ts';
import { Machine } from '../../worker/vm/machine.ts';
import { parseManifest } from '../../worker/vm/release.ts';

/** Seconds for one image: the largest are pulled in three minutes. */
const TIMEOUT = 900;

/** Ends what the proof before left running. */
const CLEAN = `docker ps -aq | xargs -r docker rm -f >/dev/null
docker network prune -f >/dev/null; docker volume prune -af >/dev/null
cd && rm -rf /tmp/*`;

/** Declares a test for each image of this half; machines run two at a time. */
export function proveImages(half: 0 | 1): void {
  const release = inject('release');
  const machine = new Machine({ source: new FolderSource(release) });
  const manifest = parseManifest(readFileSync(join(release, 'manifest.json'), 'utf8'));
  const catalogue = parseCatalogue(readFileSync(join(release, manifest.catalogue.path), 'utf8'));
  const tags = new Map(catalogue.repositories.map((repository) => [repository.name, repository.tags]));

  beforeAll(() => machine.load());
  afterAll(() => machine.destroy());

  const images = [...recipes.images.values()].filter(({ proves }) => proves);
  for (const image of images.filter((_, index) => index % 2 === half)) {
    const [first] = Object.entries(image.tags);
    const digest = first && tags.get(first[0])?.[first[1][0] ?? '']?.digest;
    const proved = outputFolder(
      'proof',
      hashInputs([manifest.disk.index.sha256, digest ?? '', image.proves ?? ''], []),
    );
    test.skipIf(existsSync(proved))(`${image.name} does its job`, { timeout: TIMEOUT * 1000 }, async () => {
      await machine.exec(CLEAN);
      const script = `set -eux\n${image.proves}`;
      const { exitCode, stdout, stderr } = await machine.exec(script, { timeout: TIMEOUT });
      if (exitCode !== 0) throw new Error(`exit code ${exitCode}\n${stdout}\n${stderr}`);
      mkdirSync(proved, { recursive: true });
    });
  }
}
