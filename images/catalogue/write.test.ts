import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportedImage } from './import.ts';
import type { Layer } from './layer.ts';
import { readRecipes, type ImageRecipe } from './recipe.ts';
import { blobFile } from '../../worker/hub/catalogue.ts';
import { builtImages, writeCatalogue, type BuiltImage } from './write.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
const recipes = readRecipes();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-catalogue-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What image steps leave, with a file in the place of each layer. */
function outputs(images: Iterable<ImageRecipe>, skipped: string[] = []): (name: string) => string {
  for (const { name } of images) {
    mkdirSync(join(folder, name));
    const layer: Layer = {
      digest: `sha256:${sha256(name)}`,
      bytes: name.length,
      diffId: `sha256:${sha256(`tar of ${name}`)}`,
      unpackedBytes: 1000,
    };
    if (skipped.includes(name)) writeFileSync(join(folder, name, 'skipped.txt'), 'no i386');
    else {
      writeFileSync(join(folder, name, 'layer.json'), JSON.stringify(layer));
      writeFileSync(join(folder, name, 'layer.zst'), name);
    }
  }
  return (name) => join(folder, name);
}

function write(built: Iterable<BuiltImage>, imported: ImportedImage[] = []) {
  const output = join(folder, 'output');
  mkdirSync(output);
  return {
    output,
    catalogue: writeCatalogue({ repositories: recipes.repositories, built: [...built], imported }, output),
  };
}

const repository = (catalogue: ReturnType<typeof write>['catalogue'], name: string) => {
  const found = catalogue.repositories.find((other) => other.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('the catalogue of all recipes', () => {
  it('is one that the hub can read, with every blob in a file of its hash', () => {
    const { catalogue, output } = write(
      builtImages(recipes.images, outputs(recipes.images.values())).built.values(),
    );
    expect(catalogue.repositories).toHaveLength(recipes.repositories.length);
    const files = new Set(readdirSync(join(output, 'blobs')));
    for (const [digest, blob] of Object.entries(catalogue.blobs)) {
      const { path } = blobFile(digest, blob);
      const content = readFileSync(join(output, 'blobs', basename(path)), 'utf8');
      expect(digest).toBe(`sha256:${sha256(content)}`);
      expect(Buffer.byteLength(content)).toBe(blob.bytes);
      files.delete(basename(path));
    }
    expect([...files]).toEqual([]);
    for (const { tags } of catalogue.repositories)
      for (const { digest, blobs } of Object.values(tags))
        for (const needed of [digest, ...blobs]) expect(catalogue.blobs).toHaveProperty([needed]);
  });

  it('shares the layers of a base, and one manifest among the tags of an image', () => {
    const { catalogue } = write(builtImages(recipes.images, outputs(recipes.images.values())).built.values());
    const nginx = repository(catalogue, 'docker.io/library/nginx').tags;
    const redis = repository(catalogue, 'docker.io/library/redis').tags;
    expect(nginx.latest).toEqual(nginx['1.26']);
    expect(nginx['1.22']?.digest).not.toBe(nginx['1.26']?.digest);
    expect(nginx.latest?.blobs[1]).toBe(redis.latest?.blobs[1]);
    expect(repository(catalogue, 'docker.io/library/mysql').tags.latest?.digest).toBe(
      repository(catalogue, 'docker.io/library/mariadb').tags.latest?.digest,
    );
  });

  it('labels stand-ins as such', () => {
    const { catalogue, output } = write(
      builtImages(recipes.images, outputs(recipes.images.values())).built.values(),
    );
    const [config = ''] = repository(catalogue, 'docker.io/library/alpine').tags.latest?.blobs ?? [];
    const text = readFileSync(join(output, 'blobs', config.replace('sha256:', '')), 'utf8');
    expect(JSON.parse(text)).toHaveProperty(
      ['config', 'Labels', 'org.opencontainers.image.description'],
      expect.stringMatching(/^Stand-in for docker\.io\/library\/alpine, made by Drydock/),
    );
  });

  it('is without the images that the host could not make', () => {
    const chroot = [...recipes.images.keys()].filter(
      (name) => !['busybox', 'hello-world', 'musl', 'alpine'].includes(name),
    );
    const { built, skipped } = builtImages(recipes.images, outputs(recipes.images.values(), chroot));
    const { catalogue } = write(built.values());
    expect(skipped).toEqual(chroot);
    expect(catalogue.repositories.map(({ name }) => name).sort()).toEqual([
      'docker.io/library/alpine',
      'docker.io/library/busybox',
      'docker.io/library/hello-world',
    ]);
  });
});

describe('an imported image', () => {
  const imported = (name: string, tag: string): ImportedImage => {
    const file = (content: string) => {
      writeFileSync(join(folder, sha256(content)), content);
      return { digest: `sha256:${sha256(content)}`, file: join(folder, sha256(content)) };
    };
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    return {
      repository: name,
      tag,
      manifest: { ...file('manifest'), mediaType },
      blobs: [file('config'), file('layer')],
      labels: { 'org.opencontainers.image.licenses': 'MIT' },
    };
  };

  it('takes the place of the stand-in with its tag, and keeps its digest', () => {
    const { built } = builtImages(recipes.images, outputs(recipes.images.values()));
    const { catalogue } = write(built.values(), [imported('docker.io/library/alpine', '3')]);
    const { tags, about, origin } = repository(catalogue, 'docker.io/library/alpine');
    const digest = `sha256:${sha256('manifest')}`;
    expect(tags['3']).toEqual({ digest, blobs: [`sha256:${sha256('config')}`, `sha256:${sha256('layer')}`] });
    expect(catalogue.blobs[digest]?.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect(tags.latest?.digest).not.toBe(digest);
    expect(origin).toBe('stand-in');
    expect(about).toContain(digest);
  });

  it('adds its repository where the hub has none', () => {
    const { catalogue } = write(
      [],
      [imported('quay.io/someone/tool', '1'), imported('quay.io/someone/tool', '2')],
    );
    expect(catalogue.repositories).toMatchObject([
      { name: 'quay.io/someone/tool', origin: 'imported', licences: ['MIT'], tags: { 1: {}, 2: {} } },
    ]);
  });
});
