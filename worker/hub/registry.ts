/**
 * The API of one registry: OCI distribution spec 1.1, with what Docker's older specification has beyond it
 * (`_catalog`, streaming PATCH). Endpoints are in files of their own; here are the routes and what all answers share.
 */
import { DrydockError } from '../error.ts';
import type { Access, Action, Allowed, Need } from './access.ts';
import { deleteBlob, getBlob } from './blob-endpoint.ts';
import { listReferrers, listRepositories, listTags } from './list-endpoints.ts';
import { deleteManifest, getManifest, putManifest } from './manifest-endpoint.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { json } from './http.ts';
import { isName } from './names.ts';
import { isStorageFull } from './records.ts';
import { RegistryError } from './registry-error.ts';
import type { Repositories } from './repositories.ts';
import type { Uploads } from './uploads.ts';
import { beginUpload, cancelUpload, continueUpload, endUpload, uploadStatus } from './upload-endpoints.ts';

/** What the endpoints of a registry work on. */
export interface RegistryContext {
  /** As in the names of images: `docker.io`. */
  registry: string;
  repositories: Repositories;
  uploads: Uploads;
  access: Pick<Access, 'authorize'>;
  /** Called when somebody who could not have pushed it asked for an image that is not there. */
  unknown?: ((repository: string, reference: string) => void) | undefined;
}

/** A request that was let pass, with the parts of its path. */
export interface Exchange extends RegistryContext {
  request: HttpRequest;
  url: URL;
  /** Within the registry: `library/nginx`; empty where the path has none. */
  name: string;
  /** With the registry. */
  repository: string;
  /** The path's last part: tag, digest or id of an upload. */
  reference: string;
}

type Endpoint = (exchange: Exchange) => Response | Promise<Response>;

interface Route {
  path: RegExp;
  /** `repository` needs the right that its method has; the others need one of their own. */
  kind: Need['kind'];
  methods: Partial<Record<string, Endpoint>>;
  /** Needed for every method, where the method alone does not tell. */
  action?: Action;
}

const REPOSITORY = { kind: 'repository' } as const;

const ROUTES: readonly Route[] = [
  { path: /^\/v2\/?$/, kind: 'base', methods: { GET: () => json({}) } },
  { path: /^\/v2\/_catalog$/, kind: 'catalogue', methods: { GET: listRepositories } },
  { ...REPOSITORY, path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: listTags } },
  {
    ...REPOSITORY,
    path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { ...REPOSITORY, path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: beginUpload } },
  {
    ...REPOSITORY,
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: uploadStatus, PATCH: continueUpload, PUT: endUpload, DELETE: cancelUpload },
    action: 'push',
  },
  { ...REPOSITORY, path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, DELETE: deleteBlob } },
  { ...REPOSITORY, path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: listReferrers } },
];

const ACTIONS: Partial<Record<string, Action>> = { GET: 'pull', DELETE: 'delete' };

export class Registry {
  constructor(private readonly context: RegistryContext) {}

  /** Answers a request under `/v2/`. Never throws. */
  async fetch(request: HttpRequest): Promise<Response> {
    const url = new URL(request.url);
    let response: Response;
    try {
      response = await this.answer(request, url);
    } catch (error) {
      response = asRegistryError(error).response();
    }
    response.headers.set('Docker-Distribution-Api-Version', 'registry/2.0');
    return request.method === 'HEAD' ? withoutBody(response) : response;
  }

  private async answer(request: HttpRequest, url: URL): Promise<Response> {
    const route = ROUTES.find(({ path }) => path.test(url.pathname));
    if (!route) throw new RegistryError('UNSUPPORTED', 'there is no such endpoint', { status: 404 });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const endpoint = route.methods[method];
    if (!endpoint) {
      const allow = Object.keys(route.methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
      throw new RegistryError('UNSUPPORTED', `${method} is not supported here`, {
        headers: { Allow: allow.join(', ') },
      });
    }
    const [name = '', reference = ''] = (route.path.exec(url.pathname) ?? []).slice(1).map(decoded);
    if (route.kind === 'repository' && !isName(name))
      throw new RegistryError('NAME_INVALID', 'invalid repository name', { detail: { name } });
    const repository = `${this.context.registry}/${name}`;
    const exchange = { ...this.context, request, url, name, reference, repository };
    const need: Need =
      route.kind === 'repository'
        ? { kind: 'repository', name, action: route.action ?? ACTIONS[method] ?? 'push' }
        : { kind: route.kind };

    let allowed: Allowed | undefined;
    try {
      allowed = await this.context.access.authorize(request, need);
      return await endpoint(exchange);
    } catch (error) {
      const pulled = endpoint === getManifest && allowed?.has('push') !== true;
      if (pulled && isUnknownImage(error)) this.context.unknown?.(repository, reference);
      throw error;
    }
  }
}

/** An image that is not there, or for which a valid token gives no right, which is how Docker Hub says the same. */
function isUnknownImage(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  const challenge = error.options.headers?.['WWW-Authenticate'] ?? '';
  return (
    error.code === 'MANIFEST_UNKNOWN' ||
    error.code === 'NAME_UNKNOWN' ||
    challenge.includes('insufficient_scope')
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  // The Engine repeats what fails with most codes, for a minute; with this one it prints the message at once.
  if (isStorageFull(error)) return new RegistryError('DENIED', error.message);
  if (error instanceof DrydockError && (error.code === 'download-failed' || error.code === 'damaged-file'))
    return new RegistryError('UNAVAILABLE', error.message);
  return new RegistryError(
    'UNKNOWN',
    `The hub failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
