/**
 * Real images for the hub, copied from their registry for linux/386 with skopeo. `npm run catalogue -- import` finds an
 * image's digest and writes it into `import.lock.json`; the pipeline copies exactly that, byte for byte, so that the image
 * has the digest here that it has there. Which registries to ask, and how, is skopeo's own configuration
 * (`containers-registries.conf`).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages, missingPackages } from '../host/debian-packages.ts';
import { command } from '../pipeline/command.ts';
import { beside, step, type Step } from '../pipeline/step.ts';
import { z } from '../../worker/schema.ts';

export const LOCK_FILE = beside(import.meta.url, 'import.lock.json');

/** The program that copies images, and its Debian package. */
export const SKOPEO = { skopeo: 'skopeo' };

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));

const lock = z.strictObject({
  /** Digest of the manifest for linux/386, by reference (`docker.io/library/alpine:3`). */
  images: z.record(z.string(), digest),
});

/** A manifest as `skopeo inspect --raw` prints it: of one image, or a list of them. */
const manifest = z.looseObject({
  mediaType: z.optional(z.string()),
  manifests: z.optional(
    z.array(
      z.looseObject({
        digest,
        platform: z.optional(z.looseObject({ os: z.string(), architecture: z.string() })),
      }),
    ),
  ),
  config: z.optional(z.looseObject({ digest })),
  layers: z.optional(z.array(z.looseObject({ digest }))),
});

const configuration = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  config: z.optional(
    z.nullable(z.looseObject({ Labels: z.optional(z.nullable(z.record(z.string(), z.string()))) })),
  ),
});

/** Name and tag of an image. */
export interface Reference {
  /** With the registry. */
  repository: string;
  tag: string;
}

/**
 * Reads a reference as Docker does: `alpine` is `docker.io/library/alpine:latest`.
 * @throws Error for what is none, or names a digest: the lock file has that
 */
export function parseReference(text: string): Reference {
  const match = /^((?:[a-z0-9._-]+(?::\d+)?\/)?[a-z0-9._/-]+?)(?::([\w][\w.-]{0,127}))?$/.exec(text);
  const name = match?.[1];
  if (!name) throw new Error(`"${text}" is no reference of an image such as docker.io/library/alpine:3.`);
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasRegistry ? first : 'docker.io';
  const path = hasRegistry ? rest.join('/') : name;
  const official = registry === 'docker.io' && !path.includes('/');
  return { repository: `${registry}/${official ? 'library/' : ''}${path}`, tag: match[2] ?? 'latest' };
}

export function readLock(file = LOCK_FILE): Map<string, string> {
  if (!existsSync(file)) return new Map();
  const parsed = lock.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return new Map(Object.entries(parsed.data.images));
}

export function writeLock(images: Map<string, string>, file = LOCK_FILE): void {
  const sorted = Object.fromEntries([...images].sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify({ images: sorted }, null, 2)}\n`);
}

/**
 * The digest of the manifest for linux/386.
 * @throws Error where the registry has no such image, or none for linux/386
 */
export async function findDigest({ repository, tag }: Reference): Promise<string> {
  const source = `docker://${repository}:${tag}`;
  const text = await output(['inspect', '--raw', source]);
  const { manifests } = z.parse(manifest, JSON.parse(text));
  if (!manifests) {
    const { os, architecture } = z.parse(
      configuration,
      JSON.parse(await output(['inspect', '--raw', '--config', source])),
    );
    if (os !== 'linux' || architecture !== '386') throw noVariant(source, [`${os}/${architecture}`]);
    return sha256(text);
  }
  const platforms = manifests.map(
    ({ platform }) => `${platform?.os ?? '?'}/${platform?.architecture ?? '?'}`,
  );
  const found = manifests[platforms.indexOf('linux/386')];
  if (!found) throw noVariant(source, platforms);
  return found.digest;
}

/** What skopeo prints. */
async function output(parameters: string[]): Promise<string> {
  return (await promisify(execFile)('skopeo', parameters, { timeout: 120_000 })).stdout;
}

function noVariant(source: string, platforms: string[]): Error {
  const known = [...new Set(platforms)].filter((platform) => !platform.includes('unknown'));
  return new Error(
    `${source.replace('docker://', '')} exists for no 386, which the machines in the browser are. It has: ${known.join(', ')}.`,
  );
}

function sha256(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** A step that copies one image of the lock file. */
export function importStep(reference: string, pinned: string): Step {
  return step({
    name: `import-${reference.replace(/[^\w.-]+/g, '-')}`,
    title: `Image ${reference} from its registry`,
    seconds: 30,
    source: import.meta.url,
    settings: [reference, pinned],
    needs: {},
    async run({ output: folder, report }) {
      const { repository } = parseReference(reference);
      await installPackages(missingPackages(SKOPEO), report);
      await command('skopeo', ['copy', `docker://${repository}@${pinned}`, `dir:${folder}`], {
        onLine: report,
      });
      const text = readFileSync(join(folder, 'manifest.json'));
      if (sha256(text) !== pinned) throw new Error(`${reference} did not arrive with the digest ${pinned}.`);
    },
  });
}

/** An image that an import step has copied. */
export interface ImportedImage extends Reference {
  manifest: { digest: string; mediaType: string; file: string };
  blobs: { digest: string; file: string }[];
  labels: Record<string, string>;
}

/** Reads what the step of `reference` left in `folder`. */
export function readImported(reference: string, folder: string): ImportedImage {
  const file = (name: string): string => join(folder, name.replace('sha256:', ''));
  const bytes = readFileSync(file('manifest.json'));
  const { mediaType, config, layers = [] } = z.parse(manifest, JSON.parse(bytes.toString()));
  if (!config) throw new Error(`${reference}: its manifest names no configuration.`);
  const { config: run } = z.parse(configuration, JSON.parse(readFileSync(file(config.digest), 'utf8')));
  return {
    ...parseReference(reference),
    manifest: {
      digest: sha256(bytes),
      // The OCI specification lets a manifest leave it out.
      mediaType: mediaType ?? 'application/vnd.oci.image.manifest.v1+json',
      file: file('manifest.json'),
    },
    blobs: [config, ...layers].map((blob) => ({ digest: blob.digest, file: file(blob.digest) })),
    labels: run?.Labels ?? {},
  };
}
