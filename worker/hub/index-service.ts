/** What is left of the old index API: ping, the check of a login, search (moby `registry/`; `docker search`). */
import { readBasic } from './access.ts';
import type { Accounts } from './accounts.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { json } from './http.ts';
import type { RegistryHost } from './registries.ts';
import type { Repositories } from './repositories.ts';
import { search } from './search.ts';

/** The Engine asks for 25 and allows at most 100. */
const PAGE = 25;
const MAX_PAGE = 100;

export class IndexService {
  constructor(
    private readonly registry: RegistryHost,
    private readonly repositories: Repositories,
    private readonly accounts: Accounts,
  ) {}

  /** Answers a request under `/v1/`. */
  async fetch(request: HttpRequest): Promise<Response> {
    const url = new URL(request.url);
    switch (`${request.method} ${url.pathname.replace(/\/$/, '')}`) {
      case 'GET /v1/_ping':
        return json({ standalone: false }, { headers: { 'X-Docker-Registry-Standalone': 'false' } });
      case 'GET /v1/users':
        return this.user(request);
      case 'GET /v1/search':
        return this.search(url);
      default:
        return json({ error: 'Not Found' }, { status: 404 });
    }
  }

  private async user(request: HttpRequest): Promise<Response> {
    const given = (request.headers.get('authorization') ?? '').replace(/^basic\s+/i, '');
    const credentials = readBasic(given);
    const login = credentials && (await this.accounts.login(this.registry, credentials));
    if (login?.state === 'accepted') return json('OK');
    return json({ error: login?.why ?? 'incorrect username or password' }, { status: 401 });
  }

  private async search(url: URL): Promise<Response> {
    const query = url.searchParams.get('q') ?? '';
    if (query.trim() === '') return json({ error: 'The parameter q is missing.' }, { status: 400 });
    const size = Math.min(positive(url.searchParams.get('n'), PAGE), MAX_PAGE);
    const page = positive(url.searchParams.get('page'), 1);
    const all = await search(this.repositories, this.registry.name, query);
    return json({
      num_pages: Math.ceil(all.length / size),
      num_results: all.length,
      page,
      page_size: size,
      query,
      results: all.slice((page - 1) * size, page * size),
    });
  }
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
