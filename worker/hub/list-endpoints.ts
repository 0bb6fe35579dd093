/** Lists: tags and repositories, page by page, and referrers. Distribution spec 1.1, "Content discovery". */
import { checkDigest } from './blob-endpoint.ts';
import { json } from './http.ts';
import { OCI_INDEX } from './manifest.ts';
import type { Exchange } from './registry.ts';
import { RegistryError } from './registry-error.ts';

export async function listTags({ url, repositories, repository, name }: Exchange): Promise<Response> {
  if (!(await repositories.exists(repository)))
    throw new RegistryError('NAME_UNKNOWN', 'repository name not known to registry', { detail: { name } });
  const page = await pageOf(url, (after, limit) => repositories.tags(repository, { after, limit }));
  return json({ name, tags: page.items }, { headers: page.headers });
}

export async function listRepositories({ url, registry, repositories }: Exchange): Promise<Response> {
  const prefix = `${registry}/`;
  const page = await pageOf(url, async (after, limit) => {
    const names = await repositories.names(registry, { after: after && prefix + after, limit });
    return names.map((name) => name.slice(prefix.length));
  });
  return json({ repositories: page.items }, { headers: page.headers });
}

/** One item more than asked for is read, to know whether there is a next page. */
async function pageOf(
  url: URL,
  read: (after: string | undefined, limit: number | undefined) => Promise<string[]>,
): Promise<{ items: string[]; headers: Record<string, string> }> {
  const n = url.searchParams.get('n');
  const after = url.searchParams.get('last') ?? undefined;
  if (n !== null && !/^\d{1,9}$/.test(n))
    throw new RegistryError('UNSUPPORTED', 'n is not a number of results', { status: 400, detail: { n } });
  if (n === null) return { items: await read(after, undefined), headers: {} };
  const limit = Number(n);
  const found = limit === 0 ? [] : await read(after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items, headers: {} };
  const query = new URLSearchParams({ last, n });
  return { items, headers: { Link: `<${url.pathname}?${query.toString()}>; rel="next"` } };
}

export async function listReferrers({
  url,
  repositories,
  repository,
  reference,
}: Exchange): Promise<Response> {
  checkDigest(reference);
  const wanted = url.searchParams.get('artifactType');
  const all = await repositories.store.referrers(repository, reference);
  const manifests = wanted === null ? all : all.filter((one) => one.artifactType === wanted);
  return json(
    { schemaVersion: 2, mediaType: OCI_INDEX, manifests },
    {
      headers: {
        'Content-Type': OCI_INDEX,
        ...(wanted !== null && { 'OCI-Filters-Applied': 'artifactType' }),
      },
    },
  );
}
