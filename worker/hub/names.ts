/**
 * Names of images: the grammar of the OCI distribution spec 1.1 ("Pulling manifests") for names and tags, and Docker's
 * reading of the short names that people type (`nginx` is `docker.io/library/nginx:latest`; distribution/reference).
 */

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${component}(?:/${component})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HOST = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:))(?::\d+)?$/;

/** Whether `name` is a repository's name within a registry, as in `library/nginx`; less than 256 characters. */
export function isName(name: string): boolean {
  return name.length < 256 && NAME.test(name);
}

export function isTag(tag: string): boolean {
  return TAG.test(tag);
}

/** Whether `digest` is one that the hub keeps content under: SHA-256, as all tools compute. */
export function isDigest(digest: string): boolean {
  return DIGEST.test(digest);
}

/** An image's name, taken apart. */
export interface Reference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  registry: string;
  /** Within the registry: `library/nginx`. */
  name: string;
  /** With the registry: `docker.io/library/nginx`. */
  repository: string;
  /** A tag or a digest; `latest` where the text has none. */
  reference: string;
}

/** Reads a name as `docker pull` does, short ones too; undefined if it is none. */
export function parseReference(text: string): Reference | undefined {
  const [named = '', digest] = text.split('@', 2);
  const colon = named.lastIndexOf(':');
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : undefined;
  const path = tag === undefined ? named : named.slice(0, colon);
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  const hosted = HOST.test(first);
  const registry = hosted && first !== 'index.docker.io' ? first : 'docker.io';
  const rest = hosted ? path.slice(slash + 1) : path;
  const name = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (!isName(name) || (tag !== undefined && !isTag(tag)) || (digest !== undefined && !isDigest(digest)))
    return undefined;
  return { registry, name, repository: `${registry}/${name}`, reference: digest ?? tag ?? 'latest' };
}

/** A repository's name with a tag or digest (only digests have a colon), as `parseReference` reads it. */
export function withReference(repository: string, reference: string): string {
  return `${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

/** The name that people know: `docker.io/library/nginx` is `nginx`, `docker.io/ann/web` is `ann/web`. */
export function familiarName(repository: string): string {
  return repository.replace(/^docker\.io\/(?:library\/)?/, '');
}
