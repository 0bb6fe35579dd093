/** Manifests: distribution spec 1.1, "Pulling manifests", "Pushing manifests", "Deleting manifests" and "tags". */
import { sha256 } from '../vm/digest.ts';
import { readBounded } from '../bounded-body.ts';
import { imageFor386, INDEX_TYPES, MAX_MANIFEST_BYTES, newManifest, parseManifest } from './manifest.ts';
import { isDigest, isTag } from './names.ts';
import type { Exchange } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { FoundManifest } from './repositories.ts';

export async function getManifest(exchange: Exchange): Promise<Response> {
  const { request, repositories, repository, reference } = exchange;
  checkReference(reference, 'MANIFEST_UNKNOWN');
  const manifest = await repositories.manifest(repository, reference);
  if (!manifest) {
    const known = await repositories.exists(repository);
    throw known
      ? unknown(reference)
      : new RegistryError('NAME_UNKNOWN', 'repository name not known to registry');
  }
  const chosen = await negotiated(exchange, manifest);
  const headers = {
    'Content-Type': chosen.mediaType,
    'Content-Length': String(chosen.bytes),
    'Docker-Content-Digest': chosen.digest,
    ETag: `"${chosen.digest}"`,
  };
  if (request.headers.get('if-none-match')?.includes(chosen.digest) === true)
    return new Response(null, { status: 304, headers });
  return new Response(request.method === 'HEAD' ? null : await chosen.read(), { headers });
}

/**
 * What the client takes. Like CNCF Distribution: without an Accept header all is taken; who takes images but no index
 * gets the image for our platform under a tag; who does not take what there is gets 404.
 */
async function negotiated(exchange: Exchange, manifest: FoundManifest): Promise<FoundManifest> {
  const { request, repositories, repository, reference } = exchange;
  const accept = (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map((type) => type.split(';')[0]?.trim());
  const takes = (type: string): boolean =>
    accept.includes(type) || accept.includes('*/*') || accept.includes('application/*');
  if (takes(manifest.mediaType)) return manifest;
  if (INDEX_TYPES.some((type) => type === manifest.mediaType) && !isDigest(reference)) {
    const parsed = parseManifest(await manifest.read(), manifest.mediaType);
    const child =
      typeof parsed !== 'string' && parsed.kind === 'index' ? imageFor386(parsed.index) : undefined;
    const found = child && (await repositories.manifest(repository, child.digest));
    if (found && takes(found.mediaType)) return found;
  }
  throw new RegistryError(
    'MANIFEST_UNKNOWN',
    `The manifest is of type ${manifest.mediaType}, which the Accept header does not name.`,
  );
}

export async function putManifest(exchange: Exchange): Promise<Response> {
  const { request, repositories, repository, name, reference } = exchange;
  checkReference(reference, 'MANIFEST_INVALID');
  if (repositories.catalogue.repositories.has(repository))
    throw new RegistryError('DENIED', 'requested access to the resource is denied');
  const body = await readBounded(request.body, MAX_MANIFEST_BYTES);
  if (!body)
    throw new RegistryError('SIZE_INVALID', `A manifest has at most ${MAX_MANIFEST_BYTES} bytes.`, {
      status: 413,
    });
  const digest = `sha256:${await sha256(body)}`;
  if (isDigest(reference) && reference !== digest)
    throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { provided: reference, computed: digest },
    });
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim();
  const manifest = parseManifest(body, mediaType);
  if (typeof manifest === 'string') throw new RegistryError('MANIFEST_INVALID', manifest);

  const added = newManifest(manifest, body, digest);
  const result = await repositories.store.putManifest(
    repository,
    added,
    isDigest(reference) ? undefined : reference,
    (blob) => repositories.catalogue.anyBlob(blob)?.bytes,
  );
  if (result.state === 'incomplete') throw incomplete(result);
  return new Response(null, {
    status: 201,
    headers: {
      Location: `/v2/${name}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      ...(added.subject !== undefined && { 'OCI-Subject': added.subject }),
    },
  });
}

export async function deleteManifest({ repositories, repository, reference }: Exchange): Promise<Response> {
  checkReference(reference, 'MANIFEST_UNKNOWN');
  const { store } = repositories;
  const found = isDigest(reference)
    ? await store.deleteManifest(repository, reference)
    : await store.deleteTag(repository, reference, 'keep-manifest');
  if (!found) throw unknown(reference);
  return new Response(null, { status: 202 });
}

/** @throws RegistryError DIGEST_INVALID, or for what is no tag `otherwise` */
function checkReference(reference: string, otherwise: 'MANIFEST_UNKNOWN' | 'MANIFEST_INVALID'): void {
  if (reference.includes(':') && !isDigest(reference))
    throw new RegistryError('DIGEST_INVALID', 'This registry takes sha256 digests.', {
      detail: { reference },
    });
  if (!isDigest(reference) && !isTag(reference))
    throw new RegistryError(otherwise, `"${reference}" cannot be a tag`, { detail: { reference } });
}

function unknown(reference: string): RegistryError {
  return new RegistryError('MANIFEST_UNKNOWN', 'manifest unknown', { detail: { reference } });
}

function incomplete({ missing, wrongSize }: { missing: string[]; wrongSize: string[] }): RegistryError {
  if (missing.length === 0)
    return new RegistryError('MANIFEST_INVALID', 'The manifest gives blobs another size than they have.', {
      detail: wrongSize.map((digest) => ({ digest })),
    });
  return new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    'manifest references a manifest or blob unknown to registry',
    {
      detail: missing.map((digest) => ({ digest })),
    },
  );
}
