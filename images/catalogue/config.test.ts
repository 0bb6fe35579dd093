import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { configuration, manifest } from './config.ts';
import { parseRecipe, type ImageRecipe } from './recipe.ts';

const layer = {
  digest: `sha256:${'a'.repeat(64)}`,
  bytes: 7,
  diffId: `sha256:${'b'.repeat(64)}`,
  unpackedBytes: 70,
};

function imageWith(config: string): ImageRecipe {
  const { images } = parseRecipe(`images:\n  box:\n    base: other\n    config: ${config}`, 'recipe.yaml');
  const image = images.box;
  if (!image) throw new Error('no image');
  return { ...image, name: 'box', folder: '/' };
}

const read = (blob: { content: Buffer }): unknown => JSON.parse(blob.content.toString());

it('has in its configuration what docker run takes from it', () => {
  const image = imageWith(
    `{ entrypoint: [/start], cmd: [serve], env: { A: '1', B: 'x=y' }, ports: [80/tcp], volumes: [/data], workdir: /w, user: web,
      stopSignal: SIGQUIT, healthcheck: { test: [CMD, check], interval: 5 }, labels: { a: b } }`,
  );
  expect(read(configuration(image, [{ layer, name: 'box' }]))).toMatchObject({
    architecture: '386',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created_by: 'Drydock recipe box' }],
    config: {
      Entrypoint: ['/start'],
      Cmd: ['serve'],
      Env: ['A=1', 'B=x=y'],
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/data': {} },
      WorkingDir: '/w',
      User: 'web',
      StopSignal: 'SIGQUIT',
      Healthcheck: { Test: ['CMD', 'check'], Interval: 5e9, Timeout: 30e9, StartPeriod: 0, Retries: 3 },
      Labels: { a: 'b' },
    },
  });
});

it('leaves out what the recipe does not set', () => {
  const { config } = read(configuration(imageWith('{}'), [])) as { config: object };
  expect(Object.keys(config)).toEqual(['Env', 'Labels']);
});

it('is named by a manifest with the digests and sizes of its parts', () => {
  const config = configuration(imageWith('{}'), [{ layer, name: 'box' }]);
  const top = manifest(config, [layer]);
  expect(top.digest).toBe(`sha256:${createHash('sha256').update(top.content).digest('hex')}`);
  expect(read(top)).toMatchObject({
    schemaVersion: 2,
    config: { digest: config.digest, size: config.content.length },
    layers: [{ digest: layer.digest, size: 7 }],
  });
});
