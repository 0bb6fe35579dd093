/**
 * Recipes: what the images of the catalogue are made of. A folder under `recipes/` is a family of images, with its
 * `recipe.yaml` and the files beside it. Everything in a recipe that decides about an image's layer is in `ImageRecipe`;
 * tags, texts and the configuration are laid over the layers afterwards and rebuild nothing.
 *
 * An image is made in a *workshop*: a whole Debian in which packages can be installed and scripts can run. What is
 * published is that tree without what `drop` and `remove` name, so an image of a few megabytes still comes from the
 * plain `apt-get install` of its packages. The next image that builds on it starts in the same whole workshop.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { beside } from '../pipeline/step.ts';
import { z } from '../../worker/schema.ts';

const imageName = z.string().check(z.regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/));
const strings = z._default(z.array(z.string()), []);
const texts = z._default(z.record(z.string(), z.string()), {});
/** As in a Dockerfile's HEALTHCHECK; times in seconds. */
const healthcheck = z.strictObject({
  test: z.array(z.string()),
  interval: z._default(z.number(), 30),
  timeout: z._default(z.number(), 30),
  startPeriod: z._default(z.number(), 0),
  retries: z._default(z.int(), 3),
});

/** What `docker run` takes from the image; it inherits from the base as in a Dockerfile. */
const config = z.strictObject({
  entrypoint: z.optional(z.array(z.string())),
  cmd: z.optional(z.array(z.string())),
  env: texts,
  labels: texts,
  /** As in `80/tcp`. */
  ports: strings,
  volumes: strings,
  workdir: z.optional(z.string()),
  user: z.optional(z.string()),
  stopSignal: z.optional(z.string()),
  healthcheck: z.optional(healthcheck),
});

const image = z.strictObject({
  /**
   * The image below, or a new tree of Debian packages: `minbase` is a working Debian; `unpacked` has nothing but the
   * files of `packages`, which runs no program of the image and so works on every host.
   */
  base: z.union([
    imageName,
    z.strictObject({ debian: z.enum(['trixie', 'bookworm']), tree: z.enum(['minbase', 'unpacked']) }),
  ]),
  /** Whether the layer holds the difference to the base's, or the whole tree, with no other layer below. */
  layer: z._default(z.enum(['difference', 'whole']), 'difference'),
  /** What /etc/os-release calls it. */
  prettyName: z.optional(z.string().check(z.regex(/^[\w .,:()/+-]+$/))),
  /** What /etc/os-release has as ID; the base's where absent. */
  osId: z.optional(z.string().check(z.regex(/^[a-z]+$/))),
  /** Debian packages, without what they only recommend. */
  packages: strings,
  /** Folders beside the recipe that are laid over the tree, owned by root. */
  files: strings,
  /** Files of other images. */
  copy: z._default(z.array(z.strictObject({ image: imageName, paths: z.array(z.string()) })), []),
  /** A shell script, run as root in the workshop after all that. */
  run: z._default(z.string(), ''),
  /** Debian packages that are not published, this image and what builds on it. */
  drop: strings,
  /** Packages that a base drops, but that this image needs. */
  keep: strings,
  /** Paths that are not published, with `*` for anything in one segment. */
  remove: strings,
  /** Folder in which busybox stands in for each of its programs that the image has not got. */
  applets: z.optional(z.string()),
  config: z.prefault(config, {}),
  /** Under which repositories and tags the image is known. None: it only serves others. */
  tags: z._default(z.record(z.string(), z.array(z.string()).check(z.minLength(1))), {}),
  /** A script for the shell of a machine, which starts the image with Docker and fails unless it does its job. */
  proves: z.optional(z.string()),
});

/** As in the catalogue, which checks what is in the fields (see `worker/hub/catalogue.ts`). */
const repository = z.strictObject({
  name: z.string(),
  description: z.string(),
  about: z.string(),
  origin: z.enum(['stand-in', 'own']),
  keywords: strings,
  stars: z._default(z.int(), 0),
  licences: z.array(z.string()),
});

const recipe = z.strictObject({
  repositories: z._default(z.array(repository), []),
  images: z.record(imageName, image),
});

export type ImageConfig = z.infer<typeof config>;
export type Repository = z.infer<typeof repository>;

/** A recipe's image, with what it inherits from its bases. */
export interface ImageRecipe extends z.infer<typeof image> {
  name: string;
  /** Folder of the recipe. */
  folder: string;
}

export interface Recipes {
  repositories: Repository[];
  /** By name; a base comes before what builds on it. */
  images: Map<string, ImageRecipe>;
}

/** Reads one recipe. @throws Error that names the place of what is wrong */
export function parseRecipe(text: string, file: string): z.infer<typeof recipe> {
  let yaml: unknown;
  try {
    yaml = parse(text, { merge: true });
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
  const parsed = recipe.safeParse(yaml);
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Reads all recipes under `folder` and resolves what they say of each other. @throws Error */
export function readRecipes(folder = beside(import.meta.url, 'recipes')): Recipes {
  const found = new Map<string, ImageRecipe>();
  const repositories: Repository[] = [];
  for (const family of readdirSync(folder).sort()) {
    const file = join(folder, family, 'recipe.yaml');
    const { images, repositories: own } = parseRecipe(readFileSync(file, 'utf8'), file);
    repositories.push(...own);
    for (const [name, content] of Object.entries(images)) {
      if (found.has(name)) throw new Error(`${file}: there is another image "${name}".`);
      found.set(name, { ...content, name, folder: join(folder, family) });
    }
  }
  return { repositories, images: resolve(found, new Set(repositories.map(({ name }) => name))) };
}

function resolve(found: Map<string, ImageRecipe>, repositories: Set<string>): Map<string, ImageRecipe> {
  const resolved = new Map<string, ImageRecipe>();
  const taken = new Set<string>();
  const visit = (name: string, wantedBy: string[]): ImageRecipe => {
    const done = resolved.get(name);
    if (done) return done;
    const own = found.get(name);
    if (!own) throw new Error(`Image "${wantedBy.at(-1) ?? ''}" needs "${name}", which no recipe makes.`);
    if (wantedBy.includes(name))
      throw new Error(`Images build on each other: ${[...wantedBy, name].join(', ')}.`);
    for (const { image } of own.copy) visit(image, [...wantedBy, name]);
    const base = typeof own.base === 'string' ? visit(own.base, [...wantedBy, name]) : undefined;
    for (const [repository, tags] of Object.entries(own.tags)) {
      if (!repositories.has(repository))
        throw new Error(`Image "${name}": no recipe has repository ${repository}.`);
      for (const tag of tags) {
        const reference = `${repository}:${tag}`;
        if (taken.has(reference)) throw new Error(`Image "${name}": another image has ${reference}.`);
        taken.add(reference);
      }
    }
    const whole = base ? inherit(own, base) : own;
    resolved.set(name, whole);
    return whole;
  };
  for (const name of found.keys()) visit(name, []);
  return resolved;
}

function inherit(own: ImageRecipe, base: ImageRecipe): ImageRecipe {
  const applets = own.applets ?? base.applets;
  return {
    ...own,
    drop: [...base.drop, ...own.drop].filter((name) => !own.keep.includes(name)),
    remove: [...base.remove, ...own.remove],
    ...(applets !== undefined && { applets }),
    config: inheritConfig(own.config, base.config),
  };
}

/** As a Dockerfile inherits: a new entry point makes the old command void. */
export function inheritConfig(own: ImageConfig, base: ImageConfig): ImageConfig {
  const { cmd: baseCmd, ...rest } = base;
  return {
    ...rest,
    ...(baseCmd && !own.entrypoint && { cmd: baseCmd }),
    ...own,
    env: { ...base.env, ...own.env },
    labels: { ...base.labels, ...own.labels },
    ports: [...new Set([...base.ports, ...own.ports])],
    volumes: [...new Set([...base.volumes, ...own.volumes])],
  };
}
