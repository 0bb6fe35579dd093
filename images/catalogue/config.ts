/** The configuration and manifest of an image (OCI image spec 1.1), with Docker's health check beside it. */
import { createHash } from 'node:crypto';
import { SOURCE_DATE_EPOCH } from '../rootfs/debian.ts';
import { LAYER_TYPE, type Layer } from './layer.ts';
import type { ImageConfig, ImageRecipe } from './recipe.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

const CREATED = new Date(Number(SOURCE_DATE_EPOCH) * 1000).toISOString().replace('.000', '');
const NANOSECONDS = 1e9;

/** A blob of JSON text. */
export interface JsonBlob {
  digest: string;
  content: Buffer;
}

/** The configuration of an image with `layers`, the lowest first, each with the name of the image that added it. */
export function configuration(image: ImageRecipe, layers: { layer: Layer; name: string }[]): JsonBlob {
  return jsonBlob({
    created: CREATED,
    author: 'Drydock',
    architecture: '386',
    os: 'linux',
    config: runConfig(image.config),
    rootfs: { type: 'layers', diff_ids: layers.map(({ layer }) => layer.diffId) },
    history: layers.map(({ name }) => ({ created: CREATED, created_by: `Drydock recipe ${name}` })),
  });
}

export function manifest(config: JsonBlob, layers: Layer[]): JsonBlob {
  return jsonBlob({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.content.length },
    layers: layers.map(({ digest, bytes }) => ({ mediaType: LAYER_TYPE, digest, size: bytes })),
  });
}

/** As Docker writes it: https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md and `Healthcheck`. */
function runConfig(config: ImageConfig): Record<string, unknown> {
  const { entrypoint, cmd, env, labels, ports, volumes, workdir, user, stopSignal, healthcheck } = config;
  const set = (names: string[]): Record<string, object> | undefined =>
    names.length > 0 ? Object.fromEntries(names.map((name) => [name, {}])) : undefined;
  return {
    User: user,
    ExposedPorts: set(ports),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Entrypoint: entrypoint,
    Cmd: cmd,
    Volumes: set(volumes),
    WorkingDir: workdir,
    Labels: labels,
    StopSignal: stopSignal,
    Healthcheck: healthcheck && {
      Test: healthcheck.test,
      Interval: healthcheck.interval * NANOSECONDS,
      Timeout: healthcheck.timeout * NANOSECONDS,
      StartPeriod: healthcheck.startPeriod * NANOSECONDS,
      Retries: healthcheck.retries,
    },
  };
}

function jsonBlob(value: unknown): JsonBlob {
  const content = Buffer.from(JSON.stringify(value));
  return { digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, content };
}
